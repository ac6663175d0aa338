import { describe, expect, test } from 'vitest'
import { groupOf, watchMemory } from '../../bench/memory.ts'

describe('groupOf', () => {
  test('a name may hold spaces and brackets', () => {
    expect(groupOf('42 (a) b (c) S 1 77 77 0 -1')).toBe(77)
  })

  test('what is gone belongs to no group', () => {
    expect(groupOf('')).toBeNaN()
  })
})

test.runIf(process.platform === 'linux')('the memory of a group without processes is not a figure', () => {
  expect(watchMemory(2 ** 30).stop()).toBeNaN()
})

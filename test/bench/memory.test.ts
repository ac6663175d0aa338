import { describe, expect, test } from 'vitest'
import { groupOf, watchMemory } from '../../bench/memory.ts'

describe('groupOf', () => {
  test('reads a process whose name has spaces and brackets', () => {
    expect(groupOf('42 (a) b (c) S 1 77 77 0 -1')).toBe(77)
  })

  test('returns no group for a process that is gone', () => {
    expect(groupOf('')).toBeNaN()
  })
})

test.runIf(process.platform === 'linux')('the memory of a group without processes is unknown', () => {
  expect(watchMemory(2 ** 30).stop()).toBeNaN()
})

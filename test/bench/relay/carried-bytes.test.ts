import { expect, test } from 'vitest'
import { CarriedBytes } from '../../../bench/relay/carried-bytes.ts'

test('one connection stops after the given number of bytes, and only one', () => {
  const carried = new CarriedBytes()
  carried.begin(100)
  expect([carried.add(60), carried.add(60), carried.add(60)]).toEqual([false, true, false])
  expect(carried.bytes).toBe(180)
})

test('every start counts from zero, and without a number nothing stops', () => {
  const carried = new CarriedBytes()
  carried.add(500)
  carried.begin()
  expect([carried.add(1e9), carried.bytes]).toEqual([false, 1e9])
})

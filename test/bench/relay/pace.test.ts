import { expect, test } from 'vitest'
import { Pace } from '../../../bench/relay/pace.ts'

/** 8 bits are a byte: 8 kbit/s are a byte a millisecond. */
const byteAMillisecond = 8000

test('bytes take the time that the rate says, one turn behind the other', () => {
  const pace = new Pace(byteAMillisecond)
  pace.pass(0, 1000)
  pace.pass(10, 1000)
  expect([pace.pass(100, 1000), pace.pass(100, 1000), pace.pass(50, 1050)]).toEqual([1100, 1200, 1250])
})

test('a line that was idle catches up a little, so that late timers cost no rate, and no more', () => {
  const pace = new Pace(byteAMillisecond)
  pace.pass(100, 0)
  expect(pace.pass(100, 95)).toBe(190)
  expect(pace.pass(100, 10_000)).toBe(10_090)
})

test('without a rate nothing takes time', () => {
  expect(new Pace().pass(1_000_000, 5)).toBeLessThanOrEqual(5)
})

import { expect, test } from 'vitest'
import { Pace } from '../../../bench/relay/pace.ts'

/** 8 bits are a byte, so 8 kbit/s are one byte per millisecond. */
const byteAMillisecond = 8000

test('bytes take the time that the rate prescribes, one turn after the other', () => {
  const pace = new Pace(byteAMillisecond)
  pace.pass(0, 1000)
  pace.pass(10, 1000)
  expect([pace.pass(100, 1000), pace.pass(100, 1000), pace.pass(50, 1050)]).toEqual([1100, 1200, 1250])
})

test('an idle line catches up a little, so that late timers cost no rate, but not more', () => {
  const pace = new Pace(byteAMillisecond)
  pace.pass(100, 0)
  expect(pace.pass(100, 95)).toBe(190)
  expect(pace.pass(100, 10_000)).toBe(10_090)
})

test('without a rate nothing takes any time', () => {
  expect(new Pace().pass(1_000_000, 5)).toBeLessThanOrEqual(5)
})

import { expect, test } from 'vitest'
import { busyPart } from '../../bench/rest.ts'

const times = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 }
const before = [{ times }, { times }]

test('the busy share is the share of time, over all cores, that was not idle', () => {
  const now = [{ times: { ...times, user: 300, idle: 700 } }, { times: { ...times, sys: 100, idle: 900 } }]
  expect(busyPart(before, now)).toBeCloseTo(0.2)
})

test('nothing was busy if no time was counted', () => {
  expect(busyPart(before, before)).toBe(0)
})

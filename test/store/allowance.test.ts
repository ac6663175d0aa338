import { expect, test } from 'vitest'
import { Allowance } from '../../demo/server/store/faults/allowance.ts'
import { Faults } from '../../demo/server/store/faults/faults.ts'

test("up to the limit per second passes, and a full second's worth at once after a rest", () => {
  const allowance = new Allowance(2)
  expect([0, 0, 0, 400, 500, 600].map((now) => allowance.take(now))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
  ])
  expect([9000, 9000, 9000].map((now) => allowance.take(now))).toEqual([true, true, false])
})

test('a limit below one per second lets requests pass one at a time', () => {
  const allowance = new Allowance(0.5)
  expect([0, 1000, 2000, 2000].map((now) => allowance.take(now))).toEqual([true, false, true, false])
})

test('a limit with a match leaves other operations alone, and does not count them', () => {
  let now = 0
  const faults = new Faults(() => now)
  faults.add({ operation: 'UploadPart', overPerSecond: 1, effect: { kind: 'status', status: 503 } })
  const part = { operation: 'UploadPart', key: 'key', partNumber: 1 } as const
  expect(faults.take({ ...part, operation: 'Preflight' })).toBeUndefined()
  expect(faults.take(part)).toBeUndefined()
  expect(faults.take(part)).toMatchObject({ status: 503 })
  now = 1000
  expect(faults.take(part)).toBeUndefined()
})

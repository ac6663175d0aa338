import { expect, test } from 'vitest'
import { inParallel } from '../../../bench/page/in-parallel.ts'

test('never more than the limit run at once, and the results are in the order of the items', async () => {
  let underway = 0
  let most = 0
  const results = await inParallel([30, 1, 20, 2], 2, async (milliseconds) => {
    underway += 1
    most = Math.max(most, underway)
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    underway -= 1
    return milliseconds * 10
  })
  expect([most, results]).toEqual([2, [300, 10, 200, 20]])
})

test('the first failure is the failure of all', async () => {
  const failing = inParallel([1, 2], 2, () => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
})

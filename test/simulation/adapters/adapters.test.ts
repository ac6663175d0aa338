import { describe, expect, test } from 'vitest'
import { inWords, Totals } from '../report.ts'
import { serverNames, simulateAdapters } from './world.ts'

const histories = 600

describe('the real adapters in a simulated world', () => {
  const totals = new Totals()

  test(`keep every rule in the histories of ${histories} seeds`, { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= histories; seed++) {
      const result = await simulateAdapters(seed)
      totals.add(result)
      if (result.violation !== undefined) expect.fail(inWords(result))
    }
  })

  test('meet each server, and come to both ends', () => {
    expect([...totals.counts.of('server').keys()].sort()).toEqual([...serverNames].sort())
    expect([...totals.counts.of('end').keys()].sort()).toEqual(['cancelled', 'done'])
  })

  test('make the same history of the same seed', async () => {
    for (const seed of [1, 77, 500])
      expect((await simulateAdapters(seed)).lines).toEqual((await simulateAdapters(seed)).lines)
  })
})

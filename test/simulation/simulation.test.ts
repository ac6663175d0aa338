import { describe, expect, test } from 'vitest'
import { deeds, fates } from './plan.ts'
import { inWords, Totals } from './report.ts'
import { simulate } from './simulate.ts'

const histories = 2_000

describe('the engine in a simulated world', () => {
  const totals = new Totals()

  test(`keeps every rule in the histories of ${histories} seeds`, { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= histories; seed++) {
      const result = await simulate(seed)
      totals.add(result)
      if (result.violation !== undefined) expect.fail(inWords(result))
    }
  })

  test('meets everything that can go wrong, and comes through every state', () => {
    const met = (group: Parameters<typeof totals.counts.of>[0]) => [...totals.counts.of(group).keys()].sort()
    expect(met('request')).toEqual([...fates].sort())
    expect(met('deed')).toEqual([...deeds].sort())
    expect(met('end')).toEqual(['cancelled', 'done'])
    expect(met('state')).toEqual(
      'cancelled completing done failed hashing needs-file offline opening other-tab paused uploading waiting'.split(
        ' ',
      ),
    )
  })

  test('makes the same history of the same seed', async () => {
    for (const seed of [1, 77, 500])
      expect((await simulate(seed)).lines).toEqual((await simulate(seed)).lines)
  })
})

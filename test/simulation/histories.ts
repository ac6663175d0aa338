import { describe, expect, test } from 'vitest'
import { inWords, Totals } from './report.ts'
import type { Result } from './simulate.ts'

type Histories = {
  readonly simulate: (seed: number) => Promise<Result>
  /** How many, from seed 1 on. */
  readonly count: number
  /** What the histories have to have had all together. */
  readonly meets: (met: (group: Parameters<Totals['counts']['of']>[0]) => readonly string[]) => void
}

export function describeHistories(what: string, { simulate, count, meets }: Histories): void {
  describe(what, () => {
    const totals = new Totals()

    test(`keeps every rule in the histories of ${count} seeds`, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= count; seed++) {
        const result = await simulate(seed)
        totals.add(result)
        if (result.violation !== undefined) expect.fail(inWords(result))
      }
    })

    test('meets everything that there is, and comes to every end', () => {
      meets((group) => [...totals.counts.of(group).keys()].sort())
    })

    test('makes the same history of the same seed', async () => {
      for (const seed of [1, 77, 500])
        expect((await simulate(seed)).lines).toEqual((await simulate(seed)).lines)
    })
  })
}

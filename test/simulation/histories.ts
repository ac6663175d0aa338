import { describe, expect, test } from 'vitest'
import { inWords, Totals } from './report.ts'
import type { Result } from './simulate.ts'

type Histories = {
  readonly simulate: (seed: number) => Promise<Result>
  /** The number of histories, from seed 1 on. */
  readonly count: number
  /** What all the histories together must have contained. */
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

    test('contains every kind of event and every kind of end', () => {
      meets((group) => [...totals.counts.of(group).keys()].sort())
    })

    test('produces the same history for the same seed', async () => {
      for (const seed of [1, 77, 500])
        expect((await simulate(seed)).lines).toEqual((await simulate(seed)).lines)
    })
  })
}

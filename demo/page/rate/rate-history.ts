/** The history of the rate of all uploads together: one sample a second, as far back as the plot reaches. */
import { faultsClient } from '../faults/faults-client.ts'
import { Listeners } from '../listeners.ts'
import { totalsStore } from '../totals.ts'
import { uploadList } from '../upload-list.ts'
import { type RateSample, reach } from './rate-plot.ts'

/** Milliseconds between two samples. */
const beat = 1_000

class RateHistory {
  readonly changes = new Listeners()
  #samples: readonly RateSample[] = []
  #moved = 0

  constructor() {
    setInterval(() => this.#sample(), beat)
  }

  /** The newest last. */
  readonly view = (): readonly RateSample[] => this.#samples

  /** Begins with the first upload, and stops once the last two minutes have been empty. */
  #sample(): void {
    const { rate: current, running } = totalsStore.view()
    const moved = uploadList.moved - this.#moved
    this.#moved += moved
    // An upload that has ended since the last sample has no rate any more, but its bytes have moved.
    const rate = running > 0 ? current : (1_000 * moved) / beat
    const isEmpty = this.#samples.every((sample) => sample.rate === 0)
    if (running === 0 && rate === 0 && isEmpty) return
    const { on, expiredAt } = faultsClient.view()
    const isFaulty = on.length > 0 || (expiredAt !== undefined && performance.now() - expiredAt < 2 * beat)
    this.#samples = [...this.#samples.slice(1 - reach), { rate, isFaulty }]
    this.changes.notify()
  }
}

export const rateHistory = new RateHistory()

/** The figures of all uploads together. */
import { Listeners } from './listeners.ts'
import type { UploadEntry, UploadView } from './upload-entry.ts'
import { uploadList } from './upload-list.ts'

export type Totals = {
  readonly files: number
  readonly confirmed: number
  readonly inFlight: number
  readonly total: number
  /** Bytes a second. */
  readonly rate: number
  /** How many can be paused, and how many can go on. */
  readonly running: number
  readonly resting: number
}

const nothing: Totals = { files: 0, confirmed: 0, inFlight: 0, total: 0, rate: 0, running: 0, resting: 0 }

/** Milliseconds between two sums. */
const tick = 100
/**
 * Milliseconds: the rate is what has moved in the last of them, from the first on, so that a start is no peak. Longer than a part takes
 * where the network is slow: the machine takes the beginning of each at once.
 */
const rateWindow = 6_000

/** Bytes a second, of a count that only grows. */
class Speed {
  #samples: { readonly time: number; readonly moved: number }[] = []

  at(now: number, moved: number): number {
    this.#samples.push({ time: now, moved })
    while ((this.#samples[1]?.time ?? now) <= now - rateWindow) this.#samples.shift()
    return ((moved - (this.#samples[0]?.moved ?? moved)) / rateWindow) * 1000
  }
}

class TotalsStore {
  readonly changes = new Listeners()
  #totals = nothing
  #ticking = false
  readonly #speed = new Speed()

  constructor() {
    uploadList.activity.subscribe(() => this.#tick())
  }

  readonly view = (): Totals => this.#totals

  #tick(): void {
    if (this.#ticking) return
    this.#ticking = true
    setTimeout(() => {
      this.#ticking = false
      const totals = sum(uploadList.entries())
      const rate = this.#speed.at(performance.now(), uploadList.moved)
      this.#totals = { ...totals, rate: totals.running > 0 ? rate : 0 }
      this.changes.notify()
    }, tick)
  }
}

export const totalsStore = new TotalsStore()

function sum(entries: readonly UploadEntry[]): Totals {
  return entries
    .map((entry) => entry.view())
    .filter(({ state }) => state.status !== 'cancelled')
    .reduce(add, nothing)
}

function add(totals: Totals, { state, progress }: UploadView): Totals {
  const resting = state.status === 'paused' || state.status === 'failed'
  const running = !resting && state.status !== 'done'
  return {
    files: totals.files + 1,
    confirmed: totals.confirmed + progress.confirmed,
    inFlight: totals.inFlight + progress.inFlight,
    total: totals.total + progress.total,
    rate: 0,
    running: totals.running + Number(running),
    resting: totals.resting + Number(resting),
  }
}

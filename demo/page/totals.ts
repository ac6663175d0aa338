/** The figures of all uploads together. */
import { Listeners } from './listeners.ts'
import { Speed } from './rate/speed.ts'
import type { UploadEntry, UploadView } from './upload-entry.ts'
import { uploadList } from './upload-list.ts'

export type Totals = {
  readonly files: number
  readonly confirmed: number
  readonly inFlight: number
  readonly total: number
  /** Bytes a second. */
  readonly rate: number
  /** How many can be paused, and how many can be resumed. */
  readonly running: number
  readonly resting: number
}

const nothing: Totals = { files: 0, confirmed: 0, inFlight: 0, total: 0, rate: 0, running: 0, resting: 0 }

/** Milliseconds between two sums. */
const tick = 100

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
      const rate = this.#speed.at(performance.now(), uploadList.moved, uploadList.stored)
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

/** The figures of all uploads of an Uploader together, at the same cost for every event however many they are. */
import type { Events } from './events.ts'
import type { Clock } from './ports.ts'
import { type Progress, Rate, timeLeft } from './progress.ts'
import type { Pulse } from './pulse.ts'

/** `files` and bytes are of all uploads since the last moment in which none was left. Cancelled ones are taken out. */
export type TotalProgress = Progress & {
  readonly files: {
    /** All of them, whether they wait in line, are at work or have ended. */
    readonly total: number
    /** Those whose bytes the storage has, all of them. */
    readonly done: number
    /** Failed, and not resumed yet. */
    readonly failed: number
  }
}

/** The events of all uploads together. */
export type TotalEvents = { progress: TotalProgress }

export class Totals {
  readonly #clock: Clock
  readonly #pulse: Pulse
  readonly #tell: () => void
  #sums: { total: number; confirmed: number; inFlight: number; moved: number } = nothing()
  #files = { total: 0, done: 0, failed: 0 }
  /** Uploads that have not ended, and those of them that are paused or have failed. */
  #open = 0
  #stopped = 0
  #rate = new Rate()

  constructor(clock: Clock, pulse: Pulse, events: Pick<Events<TotalEvents>, 'emit'>) {
    this.#clock = clock
    this.#pulse = pulse
    this.#tell = () => events.emit('progress', this.#snapshot())
  }

  get progress(): TotalProgress {
    this.#pulse.look()
    return this.#snapshot()
  }

  #snapshot(): TotalProgress {
    const { total, confirmed, inFlight, moved } = this.#sums
    this.#rest()
    const rate = this.#rate.at(this.#clock.now(), moved)
    const figures = { total, confirmed, inFlight }
    return { ...figures, rate, eta: timeLeft(figures, rate), files: { ...this.#files } }
  }

  /** Another upload. */
  join(size: number): Share {
    if (this.#open === 0) this.#restart()
    this.#open += 1
    this.#files.total += 1
    this.#sums.total += size
    return new Share(size, (change) => this.#change(change))
  }

  #restart(): void {
    this.#sums = nothing()
    this.#files = { total: 0, done: 0, failed: 0 }
    this.#rest()
  }

  /** Where none is under way there is no rate, and the time until one is again does not count in it. */
  #rest(): void {
    if (this.#stopped < this.#open) return
    this.#rate = new Rate()
    this.#rate.at(this.#clock.now(), this.#sums.moved)
  }

  #change({ confirmed = 0, inFlight = 0, moved, total = 0, failed = 0, stopped = 0, end }: Change): void {
    this.#rest()
    this.#sums.confirmed += confirmed
    this.#sums.inFlight += inFlight
    this.#sums.moved += moved ?? Math.max(0, confirmed + inFlight)
    this.#sums.total += total
    this.#files.failed += failed
    this.#stopped += stopped
    if (end !== undefined) this.#open -= 1
    if (end === 'done') this.#files.done += 1
    if (end === 'cancelled') this.#files.total -= 1
    // The last figures at once: nothing is left running when nothing is left to do.
    if (this.#open === 0) {
      this.#pulse.drop(this.#tell)
      this.#tell()
    } else this.#pulse.touch(this.#tell)
  }
}

type Change = {
  readonly confirmed?: number
  readonly inFlight?: number
  readonly moved?: number | undefined
  readonly total?: number
  readonly failed?: number
  readonly stopped?: number
  readonly end?: 'done' | 'cancelled'
}

/** What one upload adds. */
export class Share {
  readonly #size: number
  readonly #change: (change: Change) => void
  #confirmed = 0
  #inFlight = 0
  #hasFailed = false
  #hasStopped = false

  constructor(size: number, change: (change: Change) => void) {
    this.#size = size
    this.#change = change
  }

  /** @param moved How much of the change has just moved; what an earlier visit has stored has not. @default all that is more */
  set(confirmed: number, inFlight: number, moved?: number): void {
    const change = { confirmed: confirmed - this.#confirmed, inFlight: inFlight - this.#inFlight, moved }
    if (change.confirmed === 0 && change.inFlight === 0) return
    this.#confirmed = confirmed
    this.#inFlight = inFlight
    this.#change(change)
  }

  /** @param hasStopped It is paused, or has failed. */
  stands(hasFailed: boolean, hasStopped: boolean): void {
    const failed = Number(hasFailed) - Number(this.#hasFailed)
    const stopped = Number(hasStopped) - Number(this.#hasStopped)
    if (failed === 0 && stopped === 0) return
    this.#hasFailed = hasFailed
    this.#hasStopped = hasStopped
    this.#change({ failed, stopped })
  }

  done(): void {
    this.stands(false, false)
    this.set(this.#size, 0)
    this.#change({ end: 'done' })
  }

  cancelled(): void {
    this.stands(false, false)
    this.set(0, 0)
    this.#change({ total: -this.#size, end: 'cancelled' })
  }
}

function nothing(): { total: number; confirmed: number; inFlight: number; moved: number } {
  return { total: 0, confirmed: 0, inFlight: 0, moved: 0 }
}

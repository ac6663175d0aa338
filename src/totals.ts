/** The combined figures of all uploads of an Uploader. An event costs the same however many uploads there are. */
import type { Events } from './events.ts'
import type { Clock } from './ports.ts'
import { type Progress, Rate, timeLeft } from './progress.ts'
import type { Pulse } from './pulse.ts'

/**
 * `files` and the bytes cover the uploads that were added since all earlier ones had ended. Cancelled uploads are not
 * counted.
 */
export type TotalProgress = Progress & {
  readonly files: {
    /** All of them: waiting in line, at work or ended. */
    readonly total: number
    /** Files whose bytes are all stored. */
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
  #sums: Figures = nothing
  /** All bytes that were ever sent. Only the rate uses it. */
  #moved = 0
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
    const { total, confirmed, inFlight, files, done, failed } = this.#sums
    this.#rest()
    const rate = this.#rate.at(this.#clock.now(), this.#moved)
    const figures = { total, confirmed, inFlight }
    return { ...figures, rate, eta: timeLeft(figures, rate), files: { total: files, done, failed } }
  }

  /** Adds an upload to the figures. */
  join(size: number): Share {
    if (this.#sums.open === 0) {
      this.#sums = nothing
      this.#rest()
    }
    const share = { ...nothing, total: size, files: 1, open: 1 }
    this.#sums = sum(this.#sums, share)
    return new Share(share, (change, moved) => this.#change(change, moved))
  }

  /** While no upload is running there is no rate, and the idle time does not count in the next one. */
  #rest(): void {
    if (this.#sums.stopped < this.#sums.open) return
    this.#rate = new Rate()
    this.#rate.at(this.#clock.now(), this.#moved)
  }

  #change(change: Figures, moved = Math.max(0, change.confirmed + change.inFlight)): void {
    this.#rest()
    this.#moved += moved
    this.#sums = sum(this.#sums, change)
    // Tell the last figures at once, so that no timer is left when no upload is.
    if (this.#sums.open === 0) {
      this.#pulse.drop(this.#tell)
      this.#tell()
    } else this.#pulse.touch(this.#tell)
  }
}

/** The figures that are added up, and one upload's contribution to them. */
type Figures = {
  readonly total: number
  readonly confirmed: number
  readonly inFlight: number
  readonly files: number
  readonly done: number
  readonly failed: number
  /** Uploads that have not ended, and how many of these are paused or have failed. */
  readonly open: number
  readonly stopped: number
}

const nothing: Figures = {
  total: 0,
  confirmed: 0,
  inFlight: 0,
  files: 0,
  done: 0,
  failed: 0,
  open: 0,
  stopped: 0,
}

/** Adds `b` to `a` figure by figure, or subtracts it. */
function sum(a: Figures, b: Figures, sign = 1): Figures {
  const names = Object.keys(nothing) as (keyof Figures)[]
  return Object.fromEntries(names.map((name) => [name, a[name] + sign * b[name]])) as Figures
}

/** One upload's contribution to the totals. */
export class Share {
  readonly #change: (change: Figures, moved: number | undefined) => void
  #now: Figures

  constructor(now: Figures, change: (change: Figures, moved: number | undefined) => void) {
    this.#now = now
    this.#change = change
  }

  /**
   * @param moved How many bytes of the change were sent now, and not by an earlier visit. @default the whole increase
   */
  set(confirmed: number, inFlight: number, moved?: number): void {
    this.#put({ ...this.#now, confirmed, inFlight }, moved)
  }

  /** @param hasStopped Whether it is paused or has failed. */
  stands(hasFailed: boolean, hasStopped: boolean): void {
    this.#put({ ...this.#now, failed: Number(hasFailed), stopped: Number(hasStopped) })
  }

  done(): void {
    const { total } = this.#now
    this.#put({ ...nothing, total, confirmed: total, files: 1, done: 1 })
  }

  cancelled(): void {
    this.#put(nothing)
  }

  #put(figures: Figures, moved?: number): void {
    const change = sum(figures, this.#now, -1)
    this.#now = figures
    if (Object.values(change).some(Boolean)) this.#change(change, moved)
  }
}

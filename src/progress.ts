/** Pure: the ledger of an upload's bytes, and the rate and time left that follow from it. The caller passes the time in. */
import type { Part } from './ports.ts'

/** How far an upload is. */
export type Progress = {
  /** Bytes that the storage has acknowledged. Falls only if the storage lost some, or if the upload starts over. */
  readonly confirmed: number
  /** Bytes that have been sent and are not acknowledged yet. */
  readonly inFlight: number
  /** The size of the file, in bytes. */
  readonly total: number
  /**
   * Bytes per second over the last five seconds. 0 while it is unknown, or while nothing is under way. On a stalled
   * connection it falls from one read of `progress` to the next, but no event says so.
   */
  readonly rate: number
  /** Milliseconds left at this rate. `undefined` while the rate is 0. */
  readonly eta: number | undefined
}

type Sample = { readonly time: number; readonly moved: number }

/** Milliseconds. Long enough to smooth over parts, short enough to follow a change of network. */
const rateWindow = 5_000
/**
 * Milliseconds between two samples after which the machine has slept, or nothing was sent: browsers wake a hidden page
 * once a minute.
 */
const longestGap = 90_000
/** Milliseconds. The first bytes only fill the system's buffers, so the rate divides by at least this span. */
const shortestSpan = 1_000

/** Bytes per second over a sliding window. */
export class Rate {
  #samples: Sample[] = []

  /** @param moved All bytes that have ever moved. */
  at(now: number, moved: number): number {
    if (now - (this.#samples.at(-1)?.time ?? now) > longestGap) this.#samples = []
    this.#samples.push({ time: now, moved })
    const begin = now - rateWindow
    // One sample older than the window is kept. The bytes between it and the next count by the share of time in the window.
    while ((this.#samples[1]?.time ?? now) <= begin) this.#samples.shift()
    const [first, second] = this.#samples
    if (first === undefined || second === undefined || first.time === now) return 0
    const from = Math.max(begin, first.time)
    const before = ((second.moved - first.moved) * (from - first.time)) / (second.time - first.time || 1)
    return ((moved - first.moved - before) / Math.max(shortestSpan, now - from)) * 1000
  }
}

/** Milliseconds left. */
export function timeLeft(
  { confirmed, inFlight, total }: Pick<Progress, 'confirmed' | 'inFlight' | 'total'>,
  rate: number,
): number | undefined {
  return rate > 0 ? ((total - confirmed - inFlight) / rate) * 1000 : undefined
}

export class Ledger {
  readonly #total: number
  readonly #inFlight = new Map<number, number>()
  #confirmed = 0
  #inFlightBytes = 0
  /** All bytes ever sent, so that a part that is sent again does not make the rate negative. */
  #moved = 0
  #rate = new Rate()

  constructor(total: number) {
    this.#total = total
  }

  get confirmed(): number {
    return this.#confirmed
  }

  get inFlight(): number {
    return this.#inFlightBytes
  }

  /** So many bytes of the part have been sent. */
  sending(number: number, bytes: number): void {
    const before = this.#inFlight.get(number) ?? 0
    this.#inFlight.set(number, bytes)
    this.#inFlightBytes += bytes - before
    this.#moved += Math.max(0, bytes - before)
  }

  /** The part is no longer under way, and is not stored. */
  dropped(number: number): void {
    this.#inFlightBytes -= this.#inFlight.get(number) ?? 0
    this.#inFlight.delete(number)
  }

  /** The storage has acknowledged the part. */
  stored(part: Pick<Part, 'number' | 'size'>): void {
    this.sending(part.number, part.size)
    this.dropped(part.number)
    this.#confirmed += part.size
  }

  /** Starts from what an earlier run stored: confirmed bytes that do not count in the rate. */
  restart(confirmed: number): void {
    this.#inFlight.clear()
    this.#inFlightBytes = 0
    this.#confirmed = confirmed
    this.#rate = new Rate()
  }

  /** Takes over the figures of another tab's ledger. */
  mirror(confirmed: number, inFlight: number): void {
    this.#moved += Math.max(0, confirmed + inFlight - this.#confirmed - this.#inFlightBytes)
    this.#confirmed = confirmed
    this.#inFlightBytes = inFlight
  }

  /** @param now Monotonic milliseconds, never less than at the call before. */
  snapshot(now: number): Progress {
    const rate = this.#rate.at(now, this.#moved)
    const figures = { confirmed: this.#confirmed, inFlight: this.#inFlightBytes, total: this.#total }
    return { ...figures, rate, eta: timeLeft(figures, rate) }
  }
}

/** Cuts requests on which nothing moves any more: a browser itself waits for ever. */
import { StalledError } from './errors.ts'
import type { Clock } from './ports.ts'

export type StallOptions = {
  /** A part's request is cut and made again when no byte of it has moved for so many milliseconds. @default 20_000 */
  readonly idle: number
  /** The same, when all bytes have left and the answer does not come. @default 60_000 */
  readonly answer: number
}

export const defaultStall: StallOptions = { idle: 20_000, answer: 60_000 }

/** Bytes that can be on their way between two signs of movement: what browsers hand over to the system at once. */
const step = 256 * 1024
/** Bytes that the system may hold when the browser counts them as gone. */
const buffered = 4 * 1024 * 1024
/** From so many bytes on, a request tells how fast the connection is. */
const telling = 16 * 1024
/** On the slowest connection the limits are so many times as long. */
const mostPatient = 10
/** A timer that is so much too late (in milliseconds) was held up by a machine that slept. */
const slept = 10_000

/** Watches all part requests of an Uploader: what one of them shows of the connection counts for the others too. */
export class Watchdog {
  readonly #options: StallOptions
  readonly #clock: Clock
  /** When a byte has last moved on any request. */
  #movedAt = Number.NEGATIVE_INFINITY
  /** Bytes a millisecond of the request that has shown it last. */
  #rate = Number.POSITIVE_INFINITY

  constructor(options: StallOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** @param size Bytes of the body. */
  watch(number: number, size: number): Watch {
    return new Watch(number, size, this.#clock, {
      limit: (sent, rate) => this.#limit(sent, size, rate),
      moved: (rate) => {
        this.#movedAt = this.#clock.now()
        if (rate !== undefined) this.#rate = rate
      },
      quietSince: (startedAt) =>
        // While others move, a request without a byte is one that the browser has not begun yet; but not for ever.
        Math.max(startedAt, Math.min(this.#movedAt, startedAt + 3 * this.#options.idle)),
    })
  }

  /** The slower the connection has shown itself to be, the longer nothing may be seen of it. */
  #limit(sent: number, size: number, own: number | undefined): number {
    const { idle, answer } = this.#options
    const rate = Math.min(own ?? this.#rate, this.#rate)
    const base = sent < size ? idle : answer
    const needed = sent < size ? (4 * step) / rate : (2 * Math.min(size, buffered)) / rate
    return Math.min(Math.max(base, needed), mostPatient * base)
  }
}

type Pack = {
  limit(sent: number, rate: number | undefined): number
  moved(rate: number | undefined): void
  quietSince(startedAt: number): number
}

/** One request. */
export class Watch {
  readonly #number: number
  readonly #size: number
  readonly #clock: Clock
  readonly #pack: Pack
  readonly #cut = new AbortController()
  readonly #over = new AbortController()
  readonly #startedAt: number
  #sent = 0
  #movedAt: number | undefined
  #rate: number | undefined

  constructor(number: number, size: number, clock: Clock, pack: Pack) {
    this.#number = number
    this.#size = size
    this.#clock = clock
    this.#pack = pack
    this.#startedAt = clock.now()
    this.#guard().catch(() => {})
  }

  /** Aborts, with a `StalledError`, when the request is to be cut. */
  get signal(): AbortSignal {
    return this.#cut.signal
  }

  /** So many bytes of the body have left by now. */
  moved(sent: number): void {
    if (sent <= this.#sent) return
    this.#sent = sent
    this.#movedAt = this.#clock.now()
    const elapsed = this.#movedAt - this.#startedAt
    if (elapsed > 0 && sent >= telling) this.#rate = sent / elapsed
    this.#pack.moved(this.#rate)
  }

  /** The request has ended; nothing is watched any more. */
  end(): void {
    this.#over.abort()
  }

  async #guard(): Promise<void> {
    for (;;) {
      const left = this.#deadline() - this.#clock.now()
      if (left <= 0) return this.#cut.abort(this.#stalled())
      await this.#clock.sleep(left, this.#over)
      const late = this.#clock.now() - this.#deadline()
      // The request could not move while the machine slept: it gets the whole time again.
      if (late > slept) this.#movedAt = this.#clock.now()
    }
  }

  #deadline(): number {
    const quietSince = this.#movedAt ?? this.#pack.quietSince(this.#startedAt)
    return quietSince + this.#pack.limit(this.#sent, this.#rate)
  }

  #stalled(): StalledError {
    const what = this.#sent < this.#size ? `${this.#sent} of ${this.#size} bytes have left` : 'no answer came'
    return new StalledError(`part ${this.#number}: nothing moves any more, ${what}`)
  }
}

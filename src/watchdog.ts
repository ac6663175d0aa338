/** Cuts requests on which nothing moves any more: a browser by itself waits for ever. */
import { StalledError } from './errors.ts'
import { callOff, onAbort } from './patience.ts'
import type { Clock, PartTransport } from './ports.ts'

/** When a request on which nothing moves is cut. */
export type StallOptions = {
  /**
   * A part's request is cut and made again when none of its bytes has moved for this many milliseconds. @default 20_000
   */
  readonly idle: number
  /** The same, when all bytes have left and the answer does not come. @default 60_000 */
  readonly answer: number
}

export const defaultStall: StallOptions = { idle: 20_000, answer: 60_000 }

/** Bytes that can be on their way between two signs of movement: what browsers hand to the system at once. */
const step = 256 * 1024
/** Bytes that the system may still hold when the browser counts them as sent. */
const buffered = 4 * 1024 * 1024
/** From this many bytes on, a request shows how fast the connection is. */
const telling = 16 * 1024
/** The limits may be this many times as long on the slowest connection. */
const mostPatient = 10
/** The same, if something between page and storage may hide all movement. */
const mostWary = 4
/** A timer that is this much too late, in milliseconds, was held up by a sleeping machine. */
const slept = 10_000

/** Watches all part requests of an Uploader. What one of them shows of the connection counts for the others too. */
export class Watchdog {
  readonly #options: StallOptions
  readonly #clock: Clock
  readonly #look: () => void
  readonly #transport: Pick<PartTransport, 'mayBeSilent'>
  readonly #watches = new Set<Watch>()
  /** One timer for all requests, and none where there is no request. */
  #patrolling: AbortController | undefined
  /** When a byte last moved on any request. */
  #movedAt = Number.NEGATIVE_INFINITY
  /** Bytes a millisecond, of the request that showed it last. */
  #rate = Number.POSITIVE_INFINITY
  /**
   * Makes the limits longer if movement may be hidden. It doubles with each request that is cut then: virus scanners
   * and proxies take a whole part at once and pass it on for minutes, and some Safaris show progress only at the end.
   */
  #wariness = 1
  /** Bytes of the largest request that was cut so. If a smaller one is answered soon, that says nothing of it. */
  #waryOf = 0
  /** Bytes of some request were seen to leave before all of them had. */
  #showsMovement = false

  /**
   * @param look Tells the watches what has moved by now.
   * @param transport Sends the requests.
   */
  constructor(
    options: StallOptions,
    clock: Clock,
    look: () => void,
    transport: Pick<PartTransport, 'mayBeSilent'>,
  ) {
    this.#options = options
    this.#clock = clock
    this.#look = look
    this.#transport = transport
  }

  /**
   * @param size Bytes of the body.
   * @param signal Cuts the request too.
   */
  watch(number: number, size: number, signal: AbortSignal): Watch {
    const watch = new Watch(number, size, this.#clock, signal, this)
    this.#watches.add(watch)
    if (this.#patrolling === undefined) this.#patrol().catch(() => {})
    return watch
  }

  /**
   * Something has moved on a request. @param rate Bytes a millisecond, if known. @param isAll Whether all of its bytes
   * have left.
   */
  moved(now: number, rate: number | undefined, isAll: boolean): void {
    this.#movedAt = now
    this.#showsMovement ||= !isAll
    if (rate !== undefined) this.#rate = rate
  }

  /** While others move, the browser has not begun a request without a byte, so it gets more time; but not for ever. */
  quietSince(startedAt: number): number {
    return Math.max(startedAt, Math.min(this.#movedAt, startedAt + 3 * this.#options.idle))
  }

  /** A request of this size was answered, this long after its last sign. */
  answered(size: number, waited: number): void {
    const { idle, answer } = this.#options
    if (waited >= Math.min(idle, answer) || size < this.#waryOf) return
    this.#wariness = 1
    this.#waryOf = 0
  }

  /** The slower the connection has shown itself to be, the longer a request may show nothing. */
  limit(sent: number, size: number, own: number | undefined): number {
    const { idle, answer } = this.#options
    if (this.#movedAt < 0 && this.#transport.mayBeSilent?.()) return mostPatient * answer
    const rate = Math.min(own ?? this.#rate, this.#rate)
    const base = sent < size ? idle : answer
    const needed = sent < size ? (4 * step) / rate : (2 * Math.min(size, buffered)) / rate
    const wariness = sent < size && this.#showsMovement ? 1 : this.#wariness
    return Math.min(Math.max(base * wariness, needed), mostPatient * base)
  }

  async #patrol(): Promise<void> {
    const patrolling = new AbortController()
    this.#patrolling = patrolling
    for (;;) {
      const due = this.#nextLook()
      await this.#clock.sleep(due - this.#clock.now(), patrolling)
      this.#look()
      const hasSlept = this.#clock.now() - due > slept
      // The requests could not move while the machine slept, so they get the whole time again.
      for (const watch of this.#watches) if (hasSlept) watch.beginAgain()
      const stalled = [...this.#watches].filter(({ deadline }) => deadline <= this.#clock.now())
      const unseen = stalled.filter(({ isSent }) => isSent || !this.#showsMovement).map(({ size }) => size)
      if (unseen.length > 0) this.#wariness = Math.min(2 * this.#wariness, mostWary)
      this.#waryOf = Math.max(this.#waryOf, ...unseen)
      for (const watch of stalled) watch.cut()
    }
  }

  /** When the first request is due. One that begins meanwhile is not due before the shorter limit. */
  #nextLook(): number {
    const { idle, answer } = this.#options
    const deadlines = [...this.#watches].map(({ deadline }) => deadline)
    return Math.min(this.#clock.now() + Math.min(idle, answer), ...deadlines)
  }

  /** The request is not watched any more. */
  ended(watch: Watch): void {
    this.#watches.delete(watch)
    if (this.#watches.size > 0 || this.#patrolling === undefined) return
    callOff(this.#patrolling)
    this.#patrolling = undefined
  }
}

/** Watches one request, and tells the watchdog what it shows. */
export class Watch {
  /** Bytes of the body. */
  readonly size: number
  readonly #number: number
  readonly #clock: Clock
  readonly #dog: Watchdog
  readonly #cut = new AbortController()
  readonly #unfollow: () => void
  readonly #startedAt: number
  #sent = 0
  #movedAt: number | undefined
  /** The same, but only if it has moved before all of it had left. */
  #shownAt: number | undefined
  #hasBegunAgain = false
  #rate: number | undefined

  constructor(number: number, size: number, clock: Clock, outer: AbortSignal, dog: Watchdog) {
    this.#number = number
    this.size = size
    this.#clock = clock
    this.#dog = dog
    this.#startedAt = clock.now()
    this.#unfollow = onAbort(outer, () => this.#cut.abort(outer.reason))
  }

  /** Aborts when the request is to be cut; with a `StalledError` if nothing moves on it. */
  get signal(): AbortSignal {
    return this.#cut.signal
  }

  /** When it is cut if nothing moves until then, in milliseconds of the clock. */
  get deadline(): number {
    const quietSince = this.#movedAt ?? this.#dog.quietSince(this.#startedAt)
    return quietSince + this.#dog.limit(this.#sent, this.size, this.#rate)
  }

  /** This many bytes of the body have left by now. @returns How many more than at the last time. */
  moved(sent: number): number {
    const more = sent - this.#sent
    if (more <= 0) return 0
    this.#sent = sent
    this.#hasBegunAgain = false
    this.#movedAt = this.#clock.now()
    if (!this.isSent || this.#shownAt !== undefined) this.#shownAt = this.#movedAt
    const elapsed = this.#movedAt - this.#startedAt
    if (elapsed > 0 && sent >= telling) this.#rate = sent / elapsed
    this.#dog.moved(this.#movedAt, this.#rate, this.isSent)
    return more
  }

  /** Whether all of its bytes have left. */
  get isSent(): boolean {
    return this.#sent >= this.size
  }

  /** Whether it was cut because nothing moved. */
  get isStalled(): boolean {
    return this.signal.reason instanceof StalledError
  }

  /** Only once until something moves: in a hidden page every timer may be as late as after a sleep. */
  beginAgain(): void {
    if (!this.#hasBegunAgain) this.#movedAt = this.#clock.now()
    this.#hasBegunAgain = true
  }

  cut(): void {
    const what = this.isSent ? 'no answer came' : `${this.#sent} of ${this.size} bytes were sent`
    this.#cut.abort(new StalledError(`part ${this.#number}: stalled, ${what}`))
    this.end()
  }

  /** It was answered. The wait counts from the last sign that could be seen, or else from the request's start. */
  answered(): void {
    this.#dog.answered(this.size, this.#clock.now() - (this.#shownAt ?? this.#startedAt))
  }

  /** The request has ended; nothing is watched any more. */
  end(): void {
    this.#unfollow()
    this.#dog.ended(this)
  }
}

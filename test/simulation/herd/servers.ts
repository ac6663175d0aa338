import { HttpError, NetworkError } from '../../../src/errors.ts'
import type { Random } from '../random.ts'
import type { HerdClock } from './herd-clock.ts'

/** The kinds of outages. */
export type OutageKind =
  /** The application's server and the storage refuse connections. */
  | 'refused'
  /** No client has a network, and each browser says so. It returns for all at the same moment. */
  | 'offline'
  /** The application's server answers 503 and says when it will be back, at the same moment for everybody. */
  | 'announced'
  /** It comes back with hardly more capacity than the herd usually needs, and answers 503 to the rest. */
  | 'crowded'

export type Outage = { readonly kind: OutageKind; readonly from: number; readonly to: number }

/** Requests in each second. */
export class Seconds {
  readonly #counts: number[] = []

  add(now: number): void {
    const second = Math.floor(now / 1000)
    this.#counts[second] = (this.#counts[second] ?? 0) + 1
  }

  /** From this millisecond on, up to that one. */
  between(from: number, to: number): readonly number[] {
    const [first, last] = [Math.floor(from / 1000), Math.ceil(to / 1000)]
    return Array.from({ length: Math.max(0, last - first) }, (_, index) => this.#counts[first + index] ?? 0)
  }

  get end(): number {
    return this.#counts.length * 1000
  }
}

/** The application's server and the storage, as all clients see them. */
export class Servers {
  readonly control = new Seconds()
  readonly parts = new Seconds()
  readonly #clock: HerdClock
  readonly #random: Random
  readonly #outage: Outage
  /** Control calls per second that it can handle after the outage. */
  readonly #room: number
  #answered = { second: -1, count: 0 }

  constructor(clock: HerdClock, random: Random, outage: Outage, room: number) {
    this.#clock = clock
    this.#random = random
    this.#outage = outage
    this.#room = room
  }

  /** A control call, which takes about 100 ms. */
  async call<T>(signal: AbortSignal, answer: () => T): Promise<T> {
    this.control.add(this.#clock.now())
    await this.#clock.sleep(this.#random.between(50, 150), { signal })
    const { kind, to } = this.#outage
    if (this.#isOut && kind === 'announced') throw busy(Math.ceil((to - this.#clock.now()) / 1000) * 1000)
    if (this.#isOut) throw new NetworkError('connection refused')
    if (kind === 'crowded' && this.#clock.now() >= to && !this.#hasRoom()) throw busy(undefined)
    return answer()
  }

  /** A part, which takes about sixteen seconds. */
  async put<T>(signal: AbortSignal, answer: () => T, onHalf: () => void): Promise<T> {
    this.parts.add(this.#clock.now())
    const half = this.#random.between(4_000, 12_000)
    for (const onTheWay of [onHalf, () => {}]) {
      if (this.#isAway) {
        await this.#clock.sleep(this.#random.between(10, 100), { signal })
        throw new NetworkError('connection refused')
      }
      await this.#clock.sleep(half, { signal })
      onTheWay()
    }
    if (this.#isAway) throw new NetworkError('connection cut')
    return answer()
  }

  get #isOut(): boolean {
    const now = this.#clock.now()
    return now >= this.#outage.from && now < this.#outage.to
  }

  /** The storage too. */
  get #isAway(): boolean {
    return this.#isOut && this.#outage.kind !== 'announced'
  }

  #hasRoom(): boolean {
    const second = Math.floor(this.#clock.now() / 1000)
    if (this.#answered.second !== second) this.#answered = { second, count: 0 }
    this.#answered.count += 1
    return this.#answered.count <= this.#room
  }
}

function busy(retryAfter: number | undefined): HttpError {
  return new HttpError({ endpoint: 'sign', status: 503, serviceCode: undefined, detail: '', retryAfter })
}

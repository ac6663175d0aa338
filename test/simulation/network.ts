import { NetworkError } from '../../src/errors.ts'
import type { History } from './history.ts'
import type { About, Answer, Page, Port } from './page.ts'
import type { Fate, Plan } from './plan.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { Weather } from './weather.ts'

export type Request<T> = {
  readonly about: About
  /** For the history. */
  readonly what: string
  readonly signal: AbortSignal
  /** The effect of the request where it arrives, and the answer. An error that it throws is an answer too. */
  readonly effect: () => T
  /** The answer of a server that does not carry the request out, or throws; a 200 comes from something on the way. */
  readonly refuse: (status: number, retryAfter: number | undefined) => T
  /** This share of the body has left, from 0 to 1. */
  readonly onSent?: (share: number) => void
  /** The effect if only half of the request arrives. */
  readonly onCut?: () => void
  /** The engine receives this answer now. */
  readonly onAnswer: (value: T) => void
  /** The server has answered with an error, and the engine learns about it now. */
  readonly onError?: (error: unknown) => void
}

type Trip<T> = {
  readonly request: Request<T>
  readonly answer: Answer<T>
  readonly up: number
  readonly down: number
}

const ports: readonly Port[] = ['open', 'reopen', 'sign', 'record', 'complete', 'abort', 'put', 'status']

/** Everything between a page and the servers. It delays, reorders, loses, repeats and cuts. */
export class Network {
  isCalm = false
  readonly #plan: Plan
  readonly #random: Random
  readonly #timeline: Timeline
  readonly #history: History
  readonly #weather: Weather

  constructor(plan: Plan, random: Random, timeline: Timeline, history: History, weather: Weather) {
    this.#plan = plan
    this.#random = random
    this.#timeline = timeline
    this.#history = history
    this.#weather = weather
  }

  send<T>(page: Page, request: Request<T>): Promise<T> {
    const begin = (answer: Answer<T>): undefined => {
      const fate = this.#fate(request.about.port)
      page.note(`sends ${request.what}${fate === undefined ? '' : `   (which will be: ${fate})`}`)
      const slow = fate === 'slow' ? this.#random.between(1_000, 40_000) : 0
      this.#go({ request, answer, up: this.#time() + slow, down: this.#time() }, fate)
    }
    return page.call(request.about, begin, request.signal)
  }

  /** A call without faults, if it is not about the network. */
  sendSafely<T>(page: Page, port: Port, effect: () => T): Promise<T> {
    return page.call<T>({ port }, (answer) => {
      this.#timeline.after(2 * this.#time(), () => answer.resolve(effect()))
      return undefined
    })
  }

  /** Most connections of a page that sleeps are gone when it wakes up. */
  drop(page: Page): void {
    for (const call of [...page.open]) {
      if (ports.includes(call.port) && this.#random.chance(0.7)) call.fail(failure('the machine slept'))
    }
  }

  #fate(port: Port): Fate | undefined {
    if (this.#weather.isNetworkAway) return 'lost'
    if (this.#weather.isServerDead) return this.#random.pick(['busy', 'broken', 'lost'] as const)
    if (port === 'complete') this.#weather.completes()
    if (this.#weather.isPortalUp) return this.#random.pick(['foisted', 'foisted', 'masked'] as const)
    const { faultRate, fates, losesAborts } = this.#plan
    if (port === 'abort' && losesAborts && !this.isCalm) return 'lost'
    const [first, ...others] = fates
    if (this.isCalm || first === undefined || !this.#random.chance(faultRate)) return undefined
    const fate = this.#random.pick([first, ...others])
    this.#history.count('request', fate)
    return fate
  }

  #go<T>(trip: Trip<T>, fate: Fate | undefined): void {
    const { up, down } = trip
    switch (fate) {
      case 'lost':
        return this.#fail(trip, up + down)
      case 'cut':
        return this.#cut(trip)
      case 'unanswered':
        this.#arrive(trip, up, () => this.#fail(trip, down))
        return
      case 'late':
        this.#fail(trip, up)
        return this.#haunt(trip, up + this.#random.between(1, 5_000))
      case 'twice':
        return this.#twice(trip)
      case 'busy':
        return this.#refuse(trip, up + down, 503, this.#random.pick([undefined, 1_000, 7_000]))
      case 'limited':
        return this.#refuse(trip, up + down, 429, this.#random.pick([undefined, 2_000]))
      case 'refused':
        return this.#refuse(trip, up + down, 400, undefined)
      case 'astray':
        return this.#refuse(trip, up + down, 404, undefined)
      case 'foisted':
        return this.#refuse(trip, up + down, 200, undefined)
      case 'stalled':
        return this.#stall(trip)
      case 'broken':
        return this.#arrive(trip, up, () => this.#refuse(trip, down, 500, undefined))
      case 'masked':
        return this.#arrive(trip, up, () => this.#refuse(trip, down, 200, undefined))
      default:
        return this.#arrive(trip, up, (reply) => this.#deliver(trip, reply))
    }
  }

  /** A request that reaches the server takes effect. If the page gave it up on the way, it may. */
  #arrive<T>(trip: Trip<T>, after: number, then: (reply: () => T) => void): void {
    const { request, answer } = trip
    this.#timeline.after(after / 2, () => this.#sent(trip, 0.5))
    this.#timeline.after(after, () => {
      if (!answer.isOpen && this.#random.chance(0.5)) return
      this.#sent(trip, 1)
      then(this.#act(request))
    })
  }

  /** The answer is that of either one. */
  #twice<T>(trip: Trip<T>): void {
    const [up, later] = [trip.up, trip.up + this.#time()]
    const isFirstHeard = this.#random.chance(0.5)
    this.#haunt(trip, isFirstHeard ? later : up)
    this.#arrive(trip, isFirstHeard ? up : later, (reply) => this.#deliver(trip, reply))
  }

  /** Takes effect although its answer is lost. */
  #haunt<T>({ request }: Trip<T>, after: number): void {
    this.#timeline.after(after, () => void this.#act(request))
  }

  #act<T>({ effect, what }: Request<T>): () => T {
    try {
      const value = effect()
      this.#history.note('server', `${what}: takes effect`)
      return () => value
    } catch (error) {
      this.#history.note('server', `${what}: ${String(error)}`)
      return () => {
        throw error
      }
    }
  }

  #deliver<T>(trip: Trip<T>, reply: () => T): void {
    this.#timeline.after(trip.down, () => answerWith(trip, reply))
  }

  #refuse<T>(trip: Trip<T>, after: number, status: number, retryAfter: number | undefined): void {
    this.#timeline.after(after, () => answerWith(trip, () => trip.request.refuse(status, retryAfter)))
  }

  #fail<T>({ answer }: Trip<T>, after: number): void {
    this.#timeline.after(after, () => answer.reject(failure('no answer')))
  }

  #cut<T>(trip: Trip<T>): void {
    this.#timeline.after(trip.up / 2, () => {
      this.#sent(trip, 0.5)
      trip.request.onCut?.()
    })
    this.#fail(trip, trip.up)
  }

  /** A control call ends at the browser's own time limit. */
  #stall<T>(trip: Trip<T>): void {
    this.#timeline.after(trip.up / 2, () => this.#sent(trip, 0.5))
    if (trip.request.about.port !== 'put') this.#fail(trip, 30_000)
  }

  #sent<T>({ request, answer }: Trip<T>, share: number): void {
    if (answer.isOpen) request.onSent?.(share)
  }

  #time(): number {
    return this.#random.between(1, this.#plan.latency)
  }
}

function answerWith<T>({ request, answer }: Trip<T>, reply: () => T): void {
  if (!answer.isOpen) return
  try {
    const value = reply()
    request.onAnswer(value)
    answer.resolve(value)
  } catch (error) {
    request.onError?.(error)
    answer.reject(error)
  }
}

function failure(why: string): NetworkError {
  return new NetworkError(`no connection: ${why}`)
}

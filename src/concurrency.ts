/**
 * Finds by trying how many parts to send at once. One more pays if more bytes arrive for it, and one fewer is tried
 * when the storage or the network is in trouble. Every step is judged by the goodput that follows it.
 */
import type { Clock } from './ports.ts'
import type { Turns } from './turns.ts'

type WidthOptions = {
  readonly clock: Clock
  readonly max: number
  /** The places whose number is controlled. Goodput says something about it only while all are taken. */
  readonly turns: Pick<Turns, 'width' | 'isFull'>
}

/**
 * Every browser has six HTTP/1.1 connections to a host. If the parts go to the application's own server, one is left to
 * its other calls (`shared`); a storage of its own gets all six.
 */
export const defaultWidth = { start: 5, max: 6, shared: 5 } as const

/** Milliseconds. A look at the goodput takes at least `shortest`, and ends with a round of parts or after `longest`. */
const shortest = 100
const longest = 1_000
/** For how many looks a step that did not pay is not tried again; doubled every time. */
const firstHold = { up: 2, down: 8 } as const
const longestHold = 64
/** Parts to be acknowledged after a total failure before more is tried. */
const enough = 8

type Step = { readonly from: number; readonly goodput: number | undefined }

export class WidthControl {
  readonly #options: WidthOptions
  #max: number
  /** The step that is being tried. */
  #trying: Step | undefined
  /** In the last whole look, in bytes a millisecond. */
  #goodput: number | undefined
  #since: number | undefined
  #bytes = 0
  #acknowledged = 0
  #skips = 0
  /** Parts still to be acknowledged before more is tried. */
  #owed = 0
  readonly #up = new Hold(firstHold.up)
  readonly #down = new Hold(firstHold.down)

  constructor(options: WidthOptions) {
    this.#options = options
    this.#max = options.max
  }

  get #width(): number {
    return this.#options.turns.width
  }

  /** There is room for no more than this. */
  limit(max: number): void {
    this.#max = Math.min(this.#max, max)
    if (this.#width > this.#max) this.#set(this.#max)
  }

  /** This many more bytes have left. */
  moved(bytes: number): void {
    this.#since ??= this.#options.clock.now()
    this.#bytes += bytes
    this.#look()
  }

  /** A part was acknowledged, and is still in its place. */
  acknowledged(): void {
    this.#acknowledged += 1
    this.#owed -= 1
    this.#look()
  }

  /**
   * The storage asked for less, or a request has stalled or was cut.
   *
   * @param isTotal Nothing gets through any more. Then goodput does not count, because bytes that leave may only fill a
   * proxy's memory, and no more is tried until some parts were acknowledged.
   */
  trouble(isTotal = false): void {
    if (isTotal) {
      this.#trying = undefined
      this.#owed = enough
      return this.#set(Math.ceil(this.#width / 2))
    }
    const isTryingLess = this.#trying !== undefined && this.#trying.from > this.#width
    if (this.#width === 1 || isTryingLess || this.#down.isOn) return
    this.#try(this.#width - 1)
  }

  #look(): void {
    const { clock, turns } = this.#options
    if (!turns.isFull) return this.#begin()
    const elapsed = clock.now() - (this.#since ?? clock.now())
    const isRound = this.#acknowledged >= this.#width && elapsed >= shortest
    if (!isRound && elapsed < longest) return
    const goodput = this.#bytes / elapsed
    this.#begin()
    // The first bytes of a new connection only fill the system's buffers.
    if (!isRound && this.#skips > 0) this.#skips -= 1
    else this.#judge(goodput)
  }

  #begin(): void {
    this.#since = undefined
    this.#bytes = 0
    this.#acknowledged = 0
  }

  #judge(goodput: number): void {
    this.#up.pass()
    this.#down.pass()
    const step = this.#trying
    this.#trying = undefined
    if (step !== undefined && !this.#pays(step, goodput)) return this.#takeBack(step)
    if (step !== undefined) this.#keep(step)
    this.#goodput = goodput
    if (this.#width < this.#max && !this.#up.isOn && this.#owed < 1) this.#try(this.#width + 1)
  }

  /** One more has to bring a tenth of what it could, since trials cost little. One fewer may cost as little. */
  #pays({ from, goodput: before }: Step, goodput: number): boolean {
    if (before === undefined) return true
    const change = this.#width / from - 1
    return goodput >= before * (1 + change * 0.1)
  }

  #keep({ from }: Step): void {
    if (this.#width > from) this.#up.forget()
    else this.#up.begin()
  }

  #takeBack({ from }: Step): void {
    if (this.#width > from) this.#up.begin()
    else this.#down.begin()
    this.#set(from)
  }

  #try(width: number): void {
    this.#trying = { from: this.#width, goodput: this.#goodput }
    this.#set(width)
    this.#begin()
  }

  #set(width: number): void {
    this.#skips = 1
    this.#options.turns.width = width
  }
}

/** Keeps a direction from being tried for some looks. */
class Hold {
  readonly #first: number
  #left = 0
  #next: number

  constructor(first: number) {
    this.#first = first
    this.#next = first
  }

  get isOn(): boolean {
    return this.#left > 0
  }

  begin(): void {
    this.#left = this.#next
    this.#next = Math.min(longestHold, this.#next * 2)
  }

  pass(): void {
    this.#left = Math.max(0, this.#left - 1)
  }

  forget(): void {
    this.#next = this.#first
  }
}

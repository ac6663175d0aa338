/** One beat for everything that an Uploader tells now and then: changes are told within a tick, and together. */
import { callOff } from './patience.ts'
import type { Clock } from './ports.ts'

/** Milliseconds between two progress events. */
const tick = 100
/**
 * Milliseconds. In a background page, a timer set by a timer fires once a minute, and one set by an event within a
 * second.
 */
const late = 1_000

export class Pulse {
  readonly clock: Clock
  readonly #sources = new Set<() => void>()
  #due = new Set<() => void>()
  /** What the current beat has still to tell. */
  #telling = new Set<() => void>()
  #next: AbortController | undefined
  #setAt = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /**
   * From now on the source is asked for what has moved, at every beat and before anything is told. @returns The undo.
   */
  ask(source: () => void): () => void {
    this.#sources.add(source)
    this.go()
    return () => {
      this.#sources.delete(source)
      this.#rest()
    }
  }

  /** Asks all sources now. */
  look(): void {
    for (const source of this.#sources) source()
  }

  /** Something has changed, and is told within a tick. */
  touch(tell: () => void): void {
    this.#due.add(tell)
    this.go()
  }

  /** It need not be told any more. */
  drop(tell: () => void): void {
    this.#due.delete(tell)
    this.#telling.delete(tell)
    this.#rest()
  }

  /** Called on events: a beat that is late is set anew. */
  go(): void {
    if (this.#sources.size + this.#due.size === 0) return
    const now = this.clock.now()
    if (this.#next !== undefined) {
      if (now - this.#setAt < late) return
      callOff(this.#next)
    }
    this.#setAt = now
    const next = new AbortController()
    this.#next = next
    this.clock.sleep(tick, next).then(
      () => this.#beat(),
      () => {},
    )
  }

  /** Leaves no timer behind when there is nothing to tell. */
  #rest(): void {
    if (this.#next === undefined || this.#sources.size + this.#due.size > 0) return
    callOff(this.#next)
    this.#next = undefined
  }

  #beat(): void {
    this.#next = undefined
    this.look()
    this.#telling = this.#due
    this.#due = new Set()
    for (const tell of this.#telling) tell()
    this.#telling.clear()
    this.go()
  }
}

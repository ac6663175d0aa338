/** One beat for all that an Uploader tells now and then: what has changed is told within a tick, and together. */
import { callOff } from './patience.ts'
import type { Clock } from './ports.ts'

/** Milliseconds between two progress events. */
const tick = 100
/** Milliseconds. In a page in the background a timer that was set by a timer comes once a minute, and one that an event has set within a second. */
const late = 1_000

export class Pulse {
  /** What it goes by. */
  readonly clock: Clock
  readonly #sources = new Set<() => void>()
  #due = new Set<() => void>()
  /** What the beat that goes on tells. */
  #telling = new Set<() => void>()
  #next: AbortController | undefined
  #setAt = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** From now on asked, at every beat and before anything is told, for what has moved. @returns The undo. */
  ask(source: () => void): () => void {
    this.#sources.add(source)
    this.go()
    return () => {
      this.#sources.delete(source)
      this.#rest()
    }
  }

  /** Asks now. */
  look(): void {
    for (const source of this.#sources) source()
  }

  /** Something has changed: it is told within a tick. */
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

  /** For events: a beat that is late is set anew. */
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

  /** No timer is left behind where there is nothing to tell. */
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

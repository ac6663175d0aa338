/** Gathers what happens within a tick into one call. */
import { callOff } from './clock.ts'
import type { Clock } from './ports.ts'

/** Milliseconds between two progress events. */
const tick = 100

export class Ticker {
  readonly #clock: Clock
  readonly #tell: () => void
  #ticking: AbortController | undefined

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** Something has changed: it is told within a tick. */
  touch(): void {
    if (this.#ticking !== undefined) return
    const ticking = new AbortController()
    this.#ticking = ticking
    this.#clock.sleep(tick, { signal: ticking.signal }).then(
      () => this.flush(),
      () => {},
    )
  }

  /** Tells it now, and leaves no timer behind. */
  flush(): void {
    if (this.#ticking !== undefined) callOff(this.#ticking)
    this.#ticking = undefined
    this.#tell()
  }
}

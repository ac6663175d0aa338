/** The wait of an upload that was paused because the browser says that there is no network. */
import type { Clock, Connectivity } from './ports.ts'

/** Milliseconds until the first try, although the browser may still say so: it is known to be wrong at times. */
const firstProbe = 5_000
/** Every further try waits longer by this factor, up to the last. */
const growth = 1.5
const slowestProbe = 60_000

export class NetworkWait {
  readonly #connectivity: Connectivity
  readonly #clock: Clock
  #waiting: AbortController | undefined
  #probes = 0

  constructor(connectivity: Connectivity, clock: Clock) {
    this.#connectivity = connectivity
    this.#clock = clock
  }

  /** Calls back once: when something has changed, or when it is time to try anyway. */
  begin(wake: () => void): void {
    this.end()
    const waiting = new AbortController()
    this.#waiting = waiting
    const call = { signal: waiting.signal }
    const probe = Math.min(slowestProbe, firstProbe * growth ** this.#probes)
    this.#probes += 1
    const changed = this.#connectivity.changed(call).then(() => this.reset())
    Promise.race([changed, this.#clock.sleep(probe, call)]).then(
      () => {
        this.end()
        wake()
      },
      () => {},
    )
  }

  end(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
  }

  /** The network is there: the next wait begins with short ones again. */
  reset(): void {
    this.#probes = 0
  }
}

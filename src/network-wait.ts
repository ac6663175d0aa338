/** The wait of an upload that was paused because the browser says that there is no network. */
import type { Call, Clock, Connectivity } from './ports.ts'
import type { RetryBase } from './retry.ts'

/** Milliseconds until the first try, although the browser may still say so: it is known to be wrong at times. */
const firstProbe = 5_000
/** Every further try waits longer by this factor, up to the last. */
const growth = 1.5
const slowestProbe = 60_000
/** A network that has come back is often that of many: each goes on somewhere within this share of the time that it was away. */
const spread = 0.25
const longestSpread = 10_000

export class NetworkWait {
  readonly #connectivity: Connectivity
  readonly #clock: Clock
  readonly #random: () => number
  /** When the first of these waits began. */
  #since: number | undefined
  #waiting: AbortController | undefined
  #probes = 0

  constructor({ connectivity, clock, random }: Pick<RetryBase, 'connectivity' | 'clock' | 'random'>) {
    this.#connectivity = connectivity
    this.#clock = clock
    this.#random = random
  }

  /** Calls back once: when something has changed, or when it is time to try anyway. */
  begin(wake: () => void): void {
    this.end()
    const waiting = new AbortController()
    this.#waiting = waiting
    const call = { signal: waiting.signal }
    const probe = Math.min(slowestProbe, firstProbe * growth ** this.#probes) * (0.5 + this.#random())
    this.#probes += 1
    this.#since ??= this.#clock.now()
    const changed = this.#connectivity.changed(call).then(() => this.#back(call))
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

  async #back(call: Call): Promise<void> {
    const away = this.#clock.now() - (this.#since ?? this.#clock.now())
    this.reset()
    const pause = this.#random() * Math.min(longestSpread, away * spread)
    if (pause >= 1) await this.#clock.sleep(pause, call)
  }

  /** The network is there: the next wait begins with short ones again. */
  reset(): void {
    this.#probes = 0
    this.#since = undefined
  }
}

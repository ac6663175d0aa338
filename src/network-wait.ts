/** The wait of an upload that was paused because the browser says that there is no network. */
import type { RetryBase } from './retry.ts'

/** Milliseconds until the first try, about, although the browser may still say so: it is known to be wrong at times. */
const firstProbe = 5_000
/** Every further try waits longer by this factor, up to the last. */
const growth = 1.5
const slowestProbe = 60_000
/** A network that has come back is often that of many: each goes on somewhere within this share of the time it was away. */
const spread = 0.25
const longestSpread = 10_000

export class NetworkWait {
  readonly #base: Pick<RetryBase, 'connectivity' | 'clock' | 'random'>
  #waiting: AbortController | undefined
  #probes = 0
  /** When the first of the waits began. */
  #since = 0

  constructor(base: Pick<RetryBase, 'connectivity' | 'clock' | 'random'>) {
    this.#base = base
  }

  /** Calls back once: when something has changed, or when it is time to try anyway. It waits until `end`. */
  begin(wake: () => void): void {
    const { connectivity, clock, random } = this.#base
    const waiting = new AbortController()
    this.#waiting = waiting
    const call = { signal: waiting.signal }
    if (this.#probes === 0) this.#since = clock.now()
    const probe = Math.min(slowestProbe, firstProbe * growth ** this.#probes) * (0.5 + random())
    this.#probes += 1
    const changed = connectivity.changed(call).then(() => {
      this.reset()
      // Nobody hears of the network meanwhile, and in a page in the background it takes a minute: only where it is back.
      if (!connectivity.online) return
      const pause = random() * Math.min(longestSpread, (clock.now() - this.#since) * spread)
      return pause < 1 ? undefined : clock.sleep(pause, call)
    })
    const probing = clock.sleep(probe, call)
    Promise.race([changed.catch(() => probing), probing]).then(wake, () => {})
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

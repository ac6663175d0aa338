/** The wait of an upload that was paused because the browser says that there is no network. */
import type { RetryBase } from './retry.ts'

/** Milliseconds, about, until the first try although the browser still says so: it is wrong about that at times. */
const firstProbe = 5_000
/** Each further try waits longer by this factor, up to the slowest. */
const growth = 1.5
const slowestProbe = 60_000
/** A network often comes back for many at once. Each goes on at a random moment within this share of the outage. */
const spread = 0.25
const longestSpread = 10_000

export class NetworkWait {
  readonly #base: Pick<RetryBase, 'connectivity' | 'clock' | 'random'>
  #waiting: AbortController | undefined
  #probes = 0
  /** When the first wait began. */
  #since = 0

  constructor(base: Pick<RetryBase, 'connectivity' | 'clock' | 'random'>) {
    this.#base = base
  }

  /** Calls back once: when the network may be back, or when it is time to try anyway. Waits until `end`. */
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
      // Pauses only if the network is back: during the pause nobody hears of it, and in a background page that takes a
      // minute.
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

  /** The network is back: the next wait begins with short probes again. */
  reset(): void {
    this.#probes = 0
  }
}

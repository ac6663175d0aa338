/** Pure: the speed of all uploads together. */

/**
 * Milliseconds over which the rate is taken. Longer than a part takes on a slow network, because the machine accepts
 * the beginning of every part at once.
 */
const rateWindow = 6_000
/** Milliseconds. A shorter time says nothing. */
const shortestSpan = 500

type Sample = { readonly time: number; readonly moved: number; readonly stored: number }

/** Bytes a second, from counts that only grow. */
export class Speed {
  #samples: Sample[] = []

  /**
   * @param moved Bytes that have left. At first most of them are only in the machine's buffers, so a start counts as if
   * it had taken the whole window.
   * @param stored Bytes that the storage has acknowledged. These have taken no longer than the time since the start.
   */
  at(now: number, moved: number, stored: number): number {
    // After so long a standstill it is a new start.
    if (now - (this.#samples.at(-1)?.time ?? now) > rateWindow) this.#samples = []
    this.#samples.push({ time: now, moved, stored })
    while ((this.#samples[1]?.time ?? now) <= now - rateWindow) this.#samples.shift()
    const [first = { time: now, moved, stored }] = this.#samples
    const span = Math.max(shortestSpan, now - first.time)
    return (
      1_000 * Math.max((moved - first.moved) / Math.max(rateWindow, span), (stored - first.stored) / span)
    )
  }
}

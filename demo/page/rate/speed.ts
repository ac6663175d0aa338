/** Pure: how fast all uploads go. */

/**
 * Milliseconds: the rate is what has moved in the last of them. Longer than a part takes where the network is slow: the machine takes the
 * beginning of each at once.
 */
const rateWindow = 6_000
/** Milliseconds: what is shorter says nothing. */
const shortestSpan = 500

type Sample = { readonly time: number; readonly moved: number; readonly stored: number }

/** Bytes a second, of counts that only grow. */
export class Speed {
  #samples: Sample[] = []

  /**
   * @param moved Bytes that have left: of what leaves at first most is in the machine's buffers, so that a start counts as if it had taken
   * the whole window.
   * @param stored Bytes of which the storage has said so: these are known to have taken no longer than since the start.
   */
  at(now: number, moved: number, stored: number): number {
    // Where nothing has moved for so long, it is a new start.
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

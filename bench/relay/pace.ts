/** Milliseconds that an idle line may catch up: timers are late by one or two, and that must not lower the rate. */
const credit = 10

/** Pure: computes when bytes that wait for their turn have passed a line of a certain rate. */
export class Pace {
  readonly #bytesPerMillisecond: number
  #free = Number.NEGATIVE_INFINITY

  /** @param bitsPerSecond If left out, the line takes no time. */
  constructor(bitsPerSecond = Number.POSITIVE_INFINITY) {
    this.#bytesPerMillisecond = bitsPerSecond / 8 / 1000
  }

  /**
   * Takes the next turn.
   *
   * @param now Milliseconds, by any clock.
   * @returns When the bytes have passed, by the same clock.
   */
  pass(bytes: number, now: number): number {
    this.#free = Math.max(this.#free, now - credit) + bytes / this.#bytesPerMillisecond
    return this.#free
  }
}

/** Milliseconds that a line which was idle may catch up: timers are late by one or two, and that must not cost rate. */
const credit = 10

/** Pure: when bytes that wait for their turn on a line of a certain rate have passed it. */
export class Pace {
  readonly #bytesPerMillisecond: number
  #free = Number.NEGATIVE_INFINITY

  /** @param bitsPerSecond Left out, the line takes no time. */
  constructor(bitsPerSecond = Number.POSITIVE_INFINITY) {
    this.#bytesPerMillisecond = bitsPerSecond / 8 / 1000
  }

  /**
   * Takes the next turn.
   *
   * @param now Milliseconds, by whatever clock.
   * @returns When the bytes have passed, by the same clock.
   */
  pass(bytes: number, now: number): number {
    this.#free = Math.max(this.#free, now - credit) + bytes / this.#bytesPerMillisecond
    return this.#free
  }
}

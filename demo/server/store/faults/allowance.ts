/** Pure: lets a number of requests a second pass, and after a rest a second's worth at once (a token bucket). */
export class Allowance {
  readonly #perSecond: number
  #left: number
  #seen = Number.NaN

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = Math.max(1, perSecond)
  }

  /** @param now Milliseconds, by any clock. @returns Whether one more may pass. If so, it counts. */
  take(now: number): boolean {
    const earned = Number.isNaN(this.#seen) ? 0 : ((now - this.#seen) / 1000) * this.#perSecond
    this.#seen = now
    this.#left = Math.min(Math.max(1, this.#perSecond), this.#left + earned)
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}

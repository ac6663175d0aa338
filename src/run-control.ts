/** Stops one run. */
export class RunControl {
  readonly #stop = new AbortController()
  readonly #kill = new AbortController()
  readonly stop: AbortSignal = this.#stop.signal
  readonly kill: AbortSignal = this.#kill.signal

  /** Work under way may end. */
  drain(): void {
    this.#stop.abort()
  }

  /** Work under way is cut. */
  cut(): void {
    this.#stop.abort()
    this.#kill.abort()
  }
}

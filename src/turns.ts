/**
 * Decides who works now and who is next: only so many at once. The others wait by rank, and among equals in order of
 * arrival.
 */

type Waiting = {
  readonly rank: number
  readonly stop: AbortSignal
  readonly start: () => void
  readonly leave: () => void
}

export class Turns {
  #width: number
  #taken = 0
  /** By rank. */
  #waiting: Waiting[] = []
  /** One listener for all that wait with the same signal: one for each would cost more than everything else. */
  readonly #heard = new WeakSet<AbortSignal>()

  /** @param width How many work at once. */
  constructor(width: number) {
    this.#width = width
  }

  get width(): number {
    return this.#width
  }

  set width(width: number) {
    this.#width = width
    this.#startNext()
  }

  get isFull(): boolean {
    return this.#taken >= this.#width
  }

  /**
   * Runs an operation when there is room. If `stop` aborts before its turn, it leaves and rejects. Once it runs, it
   * keeps its place until it has really ended.
   *
   * @param rank The lowest is next.
   */
  async run<T>(stop: AbortSignal, operation: () => Promise<T>, rank = 0): Promise<T> {
    stop.throwIfAborted()
    if (this.isFull) await this.#turn(stop, rank)
    else this.#taken += 1
    try {
      // It may have aborted between the call and the turn.
      stop.throwIfAborted()
      return await operation()
    } finally {
      this.#taken -= 1
      this.#startNext()
    }
  }

  /** When this resolves, its place is already taken, so that nobody slips in before it. */
  #turn(stop: AbortSignal, rank: number): Promise<void> {
    this.#listen(stop)
    return new Promise((resolve, reject) => {
      const after = this.#waiting.findIndex((other) => other.rank > rank)
      const waiting = { rank, stop, start: resolve, leave: () => reject(stop.reason) }
      this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting)
    })
  }

  #startNext(): void {
    while (!this.isFull) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#taken += 1
      next.start()
    }
  }

  #listen(stop: AbortSignal): void {
    if (this.#heard.has(stop)) return
    this.#heard.add(stop)
    stop.addEventListener('abort', () => this.#leave(stop), { once: true })
  }

  #leave(stop: AbortSignal): void {
    const leaving = this.#waiting.filter((waiting) => waiting.stop === stop)
    this.#waiting = this.#waiting.filter((waiting) => waiting.stop !== stop)
    for (const { leave } of leaving) leave()
  }
}

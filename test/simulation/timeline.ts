type Event = { readonly at: number; readonly order: number; run: () => void }

/** The time at which every history begins, in milliseconds since 1970. */
const beginning = 1_700_000_000_000

/** The virtual time and its future events, ordered by time, then by when they were scheduled. */
export class Timeline {
  #now = 0
  #order = 0
  /** The time by which a sleeping machine's wall clock is ahead of its monotonic one. */
  #slept = 0
  /** When the machine last slept. */
  sleptAt = 0
  /** The next event is last in the list. */
  readonly #events: Event[] = []

  /** Monotonic milliseconds. */
  get now(): number {
    return this.#now
  }

  /** Milliseconds since 1970; the servers' clocks agree. */
  get date(): number {
    return beginning + this.#now + this.#slept
  }

  get isEmpty(): boolean {
    return this.#events.length === 0
  }

  /** @returns A function that cancels the event. */
  after(milliseconds: number, run: () => void): () => void {
    this.#order += 1
    const event = { at: this.#now + milliseconds, order: this.#order, run }
    const later = this.#events.findLastIndex((other) => other.at > event.at)
    this.#events.splice(later + 1, 0, event)
    return () => this.#cancel(event)
  }

  /** Makes the next event happen. */
  next(): void {
    const event = this.#events.pop()
    if (event === undefined) return
    this.#now = Math.max(this.#now, event.at)
    event.run()
  }

  /**
   * The machine sleeps, and whatever was due meanwhile happens late. On some systems the monotonic clock stands still
   * then.
   */
  sleep(milliseconds: number, standsStill: boolean): void {
    this.sleptAt = this.#now + milliseconds
    if (standsStill) this.#slept += milliseconds
    else this.#now += milliseconds
  }

  #cancel(event: Event): void {
    const index = this.#events.indexOf(event)
    if (index >= 0) this.#events.splice(index, 1)
  }
}

/**
 * Lets everything go on that waits only for promises. One turn is enough: Node empties the queue of microtasks before
 * the next `setImmediate`, and nothing in a history waits for anything but promises and this timeline.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

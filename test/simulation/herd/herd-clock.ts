import type { Call, Clock } from '../../../src/ports.ts'
import { settle } from '../timeline.ts'

type Due = { readonly at: number; readonly order: number; isOff: boolean; readonly run: () => void }

/**
 * Events that are due within this many milliseconds happen together, because nothing here needs to distinguish them.
 */
const grain = 10
/**
 * The engine's interval for progress events. Ten per second for each of ten thousand clients are most of the work, and
 * send nothing.
 */
const beat = { engine: 100, here: 2_000 } as const

/** One virtual time for thousands of clients. It is a heap, while the histories' timeline is a list. */
export class HerdClock implements Clock {
  #now = 0
  #order = 0
  /** A binary heap: each is due no later than its two children, at 2n + 1 and 2n + 2. */
  readonly #heap: Due[] = []

  now(): number {
    return this.#now
  }

  date(): number {
    return 1_700_000_000_000 + this.#now
  }

  sleep(milliseconds: number, { signal }: Call): Promise<void> {
    const length = milliseconds === beat.engine ? beat.here : milliseconds
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const stop = (): void => {
        due.isOff = true
        reject(signal.reason)
      }
      const due = this.after(length, () => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  after(milliseconds: number, run: () => void): { isOff: boolean } {
    this.#order += 1
    const at = Math.ceil((this.#now + milliseconds) / grain) * grain
    const due = { at, order: this.#order, isOff: false, run }
    this.#push(due)
    return due
  }

  /** Lets time pass until then, or until nothing more is going to happen. */
  async until(time: number): Promise<void> {
    await settle()
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > time) break
      this.#now = Math.max(this.#now, next.at)
      for (let due = this.#pop(next.at); due !== undefined; due = this.#pop(next.at))
        if (!due.isOff) due.run()
      await settle()
    }
    this.#now = Math.max(this.#now, time)
  }

  #push(due: Due): void {
    this.#heap.push(due)
    for (let child = this.#heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.#isSooner(child, parent)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  /** The next one, if it is due by then. */
  #pop(time: number): Due | undefined {
    const [first] = this.#heap
    if (first === undefined || first.at > time) return undefined
    this.#swap(0, this.#heap.length - 1)
    this.#heap.pop()
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      const least = [left, left + 1].reduce((a, b) => (this.#isSooner(b, a) ? b : a), parent)
      if (least === parent) return first
      this.#swap(parent, least)
      parent = least
    }
  }

  #isSooner(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}

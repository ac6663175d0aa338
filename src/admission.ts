/**
 * Decides which uploads may work: as many at once as keep the queue of parts busy. The others wait in line and cost
 * nothing.
 */
import { breath } from './breath.ts'

type AdmissionOptions = {
  /** Up to this many bytes a file counts as small: one part. */
  readonly smallSize: number
  /** How many small files work at once. Most of their time goes into control calls. */
  readonly small: number
  /** How many large files work at once. The small ones never wait behind them. */
  readonly large: number
}

/** How many uploads are thrown away before the page gets a breath. */
const atOnce = 50

/** Gives up the place, in line or at work. Does nothing the second time. */
export type Leave = () => void

export class Admission {
  readonly #smallSize: number
  readonly #small: Lane
  readonly #large: Lane
  #leavers = 0
  #breath = Promise.resolve()

  constructor({ smallSize, small, large }: AdmissionOptions) {
    this.#smallSize = smallSize
    this.#small = new Lane(small)
    this.#large = new Lane(large)
  }

  /** Calls `begin` when it is its turn, or at once if there is room. The function has to be this entry's own. */
  enter(size: number, begin: () => void): Leave {
    return (size <= this.#smallSize ? this.#small : this.#large).enter(begin)
  }

  /**
   * Uploads that are thrown away before their turn need not wait for it, but a hundred thousand at once would freeze
   * the page.
   */
  breathe(): Promise<void> {
    this.#leavers += 1
    if (this.#leavers % atOnce === 0) this.#breath = this.#breath.then(breath)
    return this.#breath
  }
}

export class Lane {
  readonly #room: number
  /** In order of arrival: a Set removes any of them at once. */
  readonly #waiting = new Set<() => void>()
  readonly #working = new Set<() => void>()

  constructor(room: number) {
    this.#room = room
  }

  enter(begin: () => void): Leave {
    this.#waiting.add(begin)
    this.#admit()
    return () => {
      this.#waiting.delete(begin)
      if (this.#working.delete(begin)) this.#admit()
    }
  }

  /** Does the work when there is room for it. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    let leave: Leave = () => {}
    await new Promise<void>((resolve) => {
      leave = this.enter(resolve)
    })
    return work().finally(leave)
  }

  #admit(): void {
    for (const begin of this.#waiting) {
      if (this.#working.size >= this.#room) return
      this.#waiting.delete(begin)
      this.#working.add(begin)
      begin()
    }
  }
}

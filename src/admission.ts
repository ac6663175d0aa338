/** Who may work: so many uploads at once as keep the queue of parts busy. The others wait in line and cost nothing. */

export type AdmissionOptions = {
  /** Bytes up to which a file counts as small: one part. */
  readonly smallSize: number
  /** How many small ones work at once: most of their time goes into control calls. */
  readonly small: number
  /** How many large ones work at once, besides the small ones, which never wait behind them. */
  readonly large: number
}

/** A place in line, and then at work. */
export interface Place {
  /** Gives it up, from wherever it is. Does nothing the second time. */
  leave(): void
}

export class Admission {
  readonly #smallSize: number
  readonly #small: Lane
  readonly #large: Lane

  constructor({ smallSize, small, large }: AdmissionOptions) {
    this.#smallSize = smallSize
    this.#small = new Lane(small)
    this.#large = new Lane(large)
  }

  /** Calls `begin` when it is its turn: at once where there is room. */
  enter(size: number, begin: () => void): Place {
    return (size <= this.#smallSize ? this.#small : this.#large).enter(begin)
  }
}

class Lane {
  readonly #room: number
  /** In the order in which they came: a Set gives up any of them at once. */
  readonly #waiting = new Set<Visitor>()
  readonly #working = new Set<Visitor>()

  constructor(room: number) {
    this.#room = room
  }

  enter(begin: () => void): Place {
    const visitor = new Visitor(this, begin)
    this.#waiting.add(visitor)
    this.#admit()
    return visitor
  }

  leave(visitor: Visitor): void {
    this.#waiting.delete(visitor)
    if (this.#working.delete(visitor)) this.#admit()
  }

  #admit(): void {
    for (const visitor of this.#waiting) {
      if (this.#working.size >= this.#room) return
      this.#waiting.delete(visitor)
      this.#working.add(visitor)
      visitor.begin()
    }
  }
}

class Visitor implements Place {
  readonly #lane: Lane
  readonly begin: () => void

  constructor(lane: Lane, begin: () => void) {
    this.#lane = lane
    this.begin = begin
  }

  leave(): void {
    this.#lane.leave(this)
  }
}

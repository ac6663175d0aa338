/** Pure: what a store has been sent, and whether that is what it should have been. Time comes in from outside. */

/** Milliseconds before a kill: what was answered earlier must never come again. */
export const grace = 1_000

type Part = {
  /** How often it came whole. */
  count: number
  /** When it was answered last, in milliseconds since 1970, and in which life of the browser. */
  answeredAt: number
  life: number
  isSealed: boolean
}

export type LedgerReport = {
  /** Parts that are stored, each counted once. */
  readonly stored: number
  /** Parts that came whole once more, because their answer came less than `grace` before a kill. */
  readonly resent: number
  /** Parts whose answer had come before a kill for longer than that, when it came. */
  readonly sealed: number
  /** What must not have happened, in words; the first few. */
  readonly faults: readonly string[]
  readonly faultCount: number
}

const mostFaults = 20

export class Ledger {
  readonly #parts = new Map<string, Part>()
  readonly #faults: string[] = []
  #faultCount = 0
  #life = 1
  #resent = 0

  /** The part has come whole, and was answered. */
  stored(name: string, now: number): void {
    const part = this.#parts.get(name)
    if (part?.isSealed) this.fault(`part ${name} was acknowledged before a kill, and sent again`)
    else if (part?.life === this.#life) this.fault(`part ${name} was acknowledged, and sent again`)
    else if (part !== undefined) this.#resent += 1
    this.#parts.set(name, {
      count: (part?.count ?? 0) + 1,
      answeredAt: now,
      life: this.#life,
      isSealed: false,
    })
  }

  /** The browser was killed at this time. */
  killed(at: number): void {
    this.#life += 1
    for (const part of this.#parts.values()) part.isSealed ||= part.answeredAt < at - grace
  }

  fault(what: string): void {
    this.#faultCount += 1
    if (this.#faults.length < mostFaults) this.#faults.push(what)
  }

  get report(): LedgerReport {
    return {
      stored: this.#parts.size,
      resent: this.#resent,
      sealed: [...this.#parts.values()].filter(({ isSealed }) => isSealed).length,
      faults: this.#faults,
      faultCount: this.#faultCount,
    }
  }
}

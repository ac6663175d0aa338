/** Pure: records what a store was sent, and whether that is what it should have been. The caller passes the time. */

/** Milliseconds. A part that was answered longer than this before a kill must never come again. */
export const grace = 1_000

type Part = {
  /** How often the part arrived whole. */
  count: number
  /** When it was last answered, in milliseconds since 1970, and in which life of the browser. */
  answeredAt: number
  life: number
  isSealed: boolean
}

export type LedgerReport = {
  /** Stored parts, each counted once. */
  readonly stored: number
  /** Parts that arrived whole once more, because their answer came less than `grace` before a kill. */
  readonly resent: number
  /** Parts whose answer came longer than `grace` before a kill. */
  readonly sealed: number
  /** What should not have happened, in words; only the first few. */
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

  /** The part has arrived whole, and was answered. */
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

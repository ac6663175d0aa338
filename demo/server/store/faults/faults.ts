import type { RequestKind } from '../protocol/operation.ts'
import { Allowance } from './allowance.ts'
import type { FaultEffect, FaultRule } from './fault-rule.ts'
import { seededRandom } from './seeded-random.ts'

/** What rules look at in a request. */
export type FaultSubject = {
  readonly operation: RequestKind
  readonly key: string
  readonly partNumber: number | undefined
  /** Milliseconds since 1970; `undefined` if the request does not say. */
  readonly signedAt?: number | undefined
}

type ActiveRule = {
  readonly rule: FaultRule
  readonly allowance: Allowance | undefined
  timesLeft: number
  random(): number
}

/** The rules by which the store misbehaves. */
export class Faults {
  readonly #now: () => number
  #active: readonly ActiveRule[] = []

  /** @param now Milliseconds, by any clock. */
  constructor(now = (): number => performance.now()) {
    this.#now = now
  }

  get rules(): readonly FaultRule[] {
    return this.#active.map(({ rule }) => rule)
  }

  /** @returns The undo. */
  add(...rules: readonly FaultRule[]): () => void {
    const added = rules.map(activated)
    this.#active = [...this.#active, ...added]
    return () => {
      this.#active = this.#active.filter((one) => !added.includes(one))
    }
  }

  replace(...rules: readonly FaultRule[]): void {
    this.#active = rules.map(activated)
  }

  clear(): void {
    this.#active = []
  }

  /** What happens to this request. It counts as having happened. */
  take(subject: FaultSubject): FaultEffect | undefined {
    for (const active of this.#active) {
      if (!applies(active.rule, subject)) continue
      if (active.allowance?.take(this.#now())) continue
      if (active.random() >= (active.rule.probability ?? 1)) continue
      active.timesLeft -= 1
      if (active.timesLeft <= 0) this.#active = this.#active.filter((one) => one !== active)
      return active.rule.effect
    }
    return undefined
  }
}

function activated(rule: FaultRule): ActiveRule {
  const { times = Number.POSITIVE_INFINITY, seed = 1, overPerSecond } = rule
  const allowance = overPerSecond === undefined ? undefined : new Allowance(overPerSecond)
  return { rule, allowance, timesLeft: times, random: seededRandom(seed) }
}

function applies(rule: FaultRule, { operation, key, partNumber, signedAt }: FaultSubject): boolean {
  return (
    rule.operation === operation &&
    (rule.key === undefined || rule.key === key) &&
    (rule.keyPrefix === undefined || key.startsWith(rule.keyPrefix)) &&
    (rule.keyPattern === undefined || new RegExp(rule.keyPattern, 'u').test(key)) &&
    (rule.partNumber === undefined || rule.partNumber === partNumber) &&
    (rule.signedBefore === undefined || (signedAt !== undefined && signedAt < rule.signedBefore))
  )
}

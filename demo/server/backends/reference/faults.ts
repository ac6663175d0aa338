import { type FaultEffect, type FaultRule, type FaultTerms, readFaultRules } from './fault.ts'

type ActiveRule = { readonly rule: FaultRule; timesLeft: number }

/** The rules by which a reference server misbehaves. */
export class Faults {
  readonly terms: FaultTerms
  #active: readonly ActiveRule[] = []

  constructor(terms: FaultTerms) {
    this.terms = terms
  }

  /** Rules that still have to fire. */
  get rules(): readonly FaultRule[] {
    return this.#active.map(({ rule, timesLeft }) => ({ ...rule, times: timesLeft }))
  }

  /** @returns The undo. */
  add(...rules: readonly FaultRule[]): () => void {
    const added = this.#activated(rules)
    this.#active = [...this.#active, ...added]
    return () => {
      this.#active = this.#active.filter((one) => !added.includes(one))
    }
  }

  replace(...rules: readonly FaultRule[]): void {
    this.#active = this.#activated(rules)
  }

  clear(): void {
    this.#active = []
  }

  /** What happens to this request. It counts as having happened. */
  take(endpoint: string): FaultEffect | undefined {
    const active = this.#active.find(({ rule }) => rule.endpoint === endpoint || rule.endpoint === '*')
    if (active === undefined) return undefined
    active.timesLeft -= 1
    if (active.timesLeft === 0) this.#active = this.#active.filter((one) => one !== active)
    return active.rule.effect
  }

  #activated(rules: readonly FaultRule[]): readonly ActiveRule[] {
    return readFaultRules(rules, this.terms).map((rule) => ({ rule, timesLeft: rule.times ?? 1 }))
  }
}

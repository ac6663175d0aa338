import type { FaultEffect, FaultRule } from './fault-rule.ts'

type ActiveRule = { readonly rule: FaultRule; timesLeft: number }

/** The rules by which a backend misbehaves. */
export class Faults {
  #active: readonly ActiveRule[] = []

  /** Rules that still have to fire. */
  get rules(): readonly FaultRule[] {
    return this.#active.map(({ rule, timesLeft }) => ({ ...rule, times: timesLeft }))
  }

  add(rules: readonly FaultRule[]): void {
    this.#active = [...this.#active, ...rules.map((rule) => ({ rule, timesLeft: rule.times ?? 1 }))]
  }

  clear(): void {
    this.#active = []
  }

  /** What happens to this request. It counts as having happened. */
  take(endpoint: string): FaultEffect | undefined {
    const found = this.#active.find(({ rule }) => rule.endpoint === endpoint || rule.endpoint === '*')
    if (found === undefined) return undefined
    found.timesLeft -= 1
    this.#active = this.#active.filter(({ timesLeft }) => timesLeft > 0)
    return found.rule.effect
  }
}

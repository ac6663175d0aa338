import type { FaultEffect, FaultRule } from './fault-rule.ts'

type ActiveRule = { readonly rule: FaultRule; timesLeft: number }

/** How a backend is to misbehave. */
export class Faults {
  #active: readonly ActiveRule[] = []

  /** Those that have not fired as often as they are to. */
  get rules(): readonly FaultRule[] {
    return this.#active.map(({ rule, timesLeft }) => ({ ...rule, times: timesLeft }))
  }

  add(rules: readonly FaultRule[]): void {
    this.#active = [...this.#active, ...rules.map((rule) => ({ rule, timesLeft: rule.times ?? 1 }))]
  }

  clear(): void {
    this.#active = []
  }

  /** What is to happen to this request. It counts as having happened. */
  take(endpoint: string): FaultEffect | undefined {
    const found = this.#active.find(({ rule }) => rule.endpoint === endpoint || rule.endpoint === '*')
    if (found === undefined) return undefined
    found.timesLeft -= 1
    this.#active = this.#active.filter(({ timesLeft }) => timesLeft > 0)
    return found.rule.effect
  }
}

/** Histories in words and figures. */
import { Counts } from './history.ts'
import { rules } from './rules/rules.ts'
import type { Result } from './simulate.ts'

/** The text of a violation: the broken rule, the seed, and everything that led to it. */
export function inWords(result: Result): string {
  const { seed, plan, lines, violation, replay } = result
  const end = violation && ['', `BROKEN: ${rules[violation.rule]}`, violation.detail, replay]
  return [`seed ${seed}`, JSON.stringify(plan), '', ...lines, ...(end ?? [])].join('\n')
}

/** The figures of many histories. */
export class Totals {
  readonly counts = new Counts()
  histories = 0
  violations = 0
  steps = 0

  add({ counts, steps, violation }: Result): void {
    this.counts.include(counts)
    this.histories += 1
    this.steps += steps
    if (violation !== undefined) this.violations += 1
  }

  /** How often each kind of event has happened. */
  table(): string {
    const line = ([what, times]: readonly [string, number]): string =>
      `  ${String(times).padStart(9)}  ${what}`
    return this.counts.groups
      .flatMap(([group, counts]) => [group, ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(line)])
      .join('\n')
  }

  /** @param milliseconds Of real time. */
  line(milliseconds: number): string {
    const faults = sum(this.counts.of('request')) + sum(this.counts.of('deed')) + sum(this.counts.of('world'))
    return [
      `${this.histories} histories`,
      `${this.violations} violations`,
      `${this.steps} steps`,
      `${(faults / this.histories).toFixed(1)} faults a history`,
      `${Math.round(this.histories / (milliseconds / 1000))} histories a second`,
    ].join(', ')
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, times) => total + times, 0)
}

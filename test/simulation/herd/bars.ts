import type { HerdReport } from './herd.ts'

export type HerdBar = {
  readonly what: string
  readonly value: (report: HerdReport) => number
  readonly limit: number
  readonly isLeast?: true
}

/** The meaning of "no wave" in numbers, for an outage of 40 s. */
export const bars: readonly HerdBar[] = [
  {
    what: 'control calls in the busiest second of the last third of the outage, for each in the busiest of its first 5 s or for each client in two seconds',
    value: ({ firstCalls, lastCalls, clients }) => lastCalls / Math.max(firstCalls, clients / 2),
    limit: 0.35,
  },
  {
    what: 'share of the clients that come back in one second',
    value: ({ peakReturn }) => peakReturn,
    limit: 0.25,
  },
  {
    what: 'control calls in the busiest second after the outage, for each client',
    value: ({ peakCalls }) => peakCalls,
    limit: 0.75,
  },
  {
    what: 'control calls of a client from the end of the outage to the end of its upload',
    value: ({ callsAfter }) => callsAfter,
    limit: 8,
  },
  { what: 'share of the uploads that are done', value: ({ done }) => done, limit: 0.95, isLeast: true },
]

/** @returns The bars that do not hold, in words. */
export function broken(report: HerdReport): readonly string[] {
  return bars
    .filter(({ value, limit, isLeast }) => (isLeast ? value(report) < limit : !(value(report) <= limit)))
    .map(({ what, value }) => `${what}: ${value(report)}`)
}

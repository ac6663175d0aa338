/** Pure: compares the ways to read a part that needs a digest. */
import type { EngineName } from '../../e2e/engines/engine.ts'
import type { Machine } from '../machine.ts'
import { median } from '../rows.ts'
import { formatSize } from '../size.ts'

/** Without a digest; streamed and read again by a worker; read once by a worker that sends it. */
export const ways = ['limit', 'read-twice', 'read-once'] as const
export type Way = (typeof ways)[number]

export type ReadingSample = {
  readonly engine: EngineName
  /** Bytes. */
  readonly partSize: number
  readonly round: number
  readonly way: Way
  readonly ms: number
}

export type ReadingRow = {
  readonly engine: EngineName
  readonly partSize: number
  /** Medians of the rounds: the time without a digest divided by this way's time, in the same round. */
  readonly twice: number
  readonly once: number
  /** The number of rounds in which reading twice was faster, and the number of all rounds. */
  readonly twiceWins: number
  readonly rounds: number
  /** Milliseconds without a digest: the median. */
  readonly bareMs: number
}

export function readingRows(samples: readonly ReadingSample[]): readonly ReadingRow[] {
  return grouped(samples, ({ engine, partSize }) => `${engine} ${partSize}`).flatMap((group) => {
    const rounds = grouped(group, ({ round }) => String(round)).map((round) => {
      const of = (way: Way): number => round.find((sample) => sample.way === way)?.ms ?? Number.NaN
      return { bare: of('limit'), twice: of('read-twice'), once: of('read-once') }
    })
    return group.slice(0, 1).map(({ engine, partSize }) => ({
      engine,
      partSize,
      twice: rounded(median(rounds.map(({ bare, twice }) => bare / twice))),
      once: rounded(median(rounds.map(({ bare, once }) => bare / once))),
      twiceWins: rounds.filter(({ twice, once }) => twice < once).length,
      rounds: rounds.length,
      bareMs: Math.round(median(rounds.map(({ bare }) => bare))),
    }))
  })
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly T[])[] {
  const keys = [...new Set(all.map(keyOf))]
  return keys.map((key) => all.filter((one) => keyOf(one) === key))
}

/** A table for people, and for `docs/decisions/0022-a-part-is-read-twice.md`. */
export function formatReading({ browser, cores }: Machine, rows: readonly ReadingRow[]): string {
  const lines = rows.map(
    ({ engine, partSize, twice, once, twiceWins, rounds, bareMs }) =>
      `| ${engine} | ${formatSize(partSize)} | ${bareMs} | ${twice} | ${once} | ${twiceWins} of ${rounds} |`,
  )
  return [
    `${cores} cores, ${browser}`,
    '',
    '| engine | parts of | ms without a digest | read twice | read once | twice is faster |',
    '|---|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n')
}

function rounded(value: number): number {
  return Number(value.toFixed(2))
}

/** Pure: from the samples of all rounds to one row a contender. */
import { type ContenderName, limit } from './contenders.ts'

/** The figures of one upload. */
export type Figures = {
  /** From the call until the object is there. */
  readonly seconds: number
  /** Of these, before the first request. */
  readonly hashSeconds: number
  readonly longTasks: number
  readonly longTaskMs: number
  /** CPU of the main thread in functions that the browser calls, without what goes on after an `await`. */
  readonly scriptMs: number
  /** CPU of the main thread. */
  readonly taskMs: number
  readonly peakMiB: number
  readonly requests: number
  readonly preflights: number
  readonly resentBytes: number
}

export type Sample = {
  readonly contender: ContenderName
  /** Round 0 warms up: it must succeed, and its figures do not count. */
  readonly round: number
  /** `undefined`: the upload failed. */
  readonly figures: Figures | undefined
  /** The store has exactly the file's bytes. */
  readonly ok: boolean
}

/** Medians; a figure that could not be had is NaN, which JSON writes as null. */
export type Row = Figures & {
  readonly contender: ContenderName
  readonly version: string
  /** How many uploads the medians are of. */
  readonly runs: number
  /** The limit's time divided by this one's, in the same round. */
  readonly ratio: number
  /** Megabits a second. */
  readonly mbps: number
  readonly ok: boolean
}

export type Whose = { readonly contender: ContenderName; readonly version: string }

export function toRow(samples: readonly Sample[], { contender, version }: Whose, size: number): Row {
  const own = samples.filter((sample) => sample.contender === contender)
  const counted = samples.filter((sample) => sample.round > 0)
  const figures = counted.flatMap((sample) => (sample.contender === contender ? (sample.figures ?? []) : []))
  const of = (name: keyof Figures): number => median(figures.map((one) => one[name]))
  return {
    contender,
    version,
    runs: figures.length,
    seconds: round(of('seconds'), 3),
    ratio: round(median(ratios(counted, contender)), 3),
    mbps: round((size * 8) / of('seconds') / 1e6, 1),
    longTasks: of('longTasks'),
    longTaskMs: round(of('longTaskMs'), 1),
    scriptMs: round(of('scriptMs'), 1),
    taskMs: round(of('taskMs'), 1),
    peakMiB: round(of('peakMiB'), 1),
    requests: of('requests'),
    preflights: of('preflights'),
    resentBytes: of('resentBytes'),
    hashSeconds: round(of('hashSeconds'), 3),
    ok: own.length > 0 && own.every((sample) => sample.ok),
  }
}

function ratios(samples: readonly Sample[], contender: ContenderName): number[] {
  return samples
    .filter((sample) => sample.contender === contender)
    .map((sample) => secondsOf(samples, limit, sample.round) / secondsOf(samples, contender, sample.round))
    .filter((ratio) => !Number.isNaN(ratio))
}

function secondsOf(samples: readonly Sample[], contender: ContenderName, round: number): number {
  const sample = samples.find((one) => one.contender === contender && one.round === round)
  return sample?.figures?.seconds ?? Number.NaN
}

/** @returns NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

/** In the next round the next one begins, so that nobody always comes after the same one. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = list.length === 0 ? 0 : by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** Pure: turns the samples of all rounds into one row for each contender. */
import { type ContenderName, limit, xhrLimit } from './contenders.ts'

/** The figures of one upload. */
export type Figures = {
  /** From the call until the object exists. */
  readonly seconds: number
  /** Of these, the seconds before the first request. */
  readonly hashSeconds: number
  readonly longTasks: number
  readonly longTaskMs: number
  /** CPU time of the main thread in functions that the browser calls, without code after an `await`. */
  readonly scriptMs: number
  /** CPU time of the main thread. */
  readonly taskMs: number
  readonly peakMiB: number
  readonly requests: number
  readonly preflights: number
  /** Bytes of bodies that arrived beyond the files' size. */
  readonly resentBytes: number
  /** Bytes of bodies that arrived in requests that were refused or cut. */
  readonly lostBytes: number
}

export type Sample = {
  readonly contender: ContenderName
  /** Round 0 warms up: it has to succeed, but its figures do not count. */
  readonly round: number
  /** `undefined` if the upload failed. */
  readonly figures: Figures | undefined
  /** Whether the store has exactly the files' bytes. */
  readonly ok: boolean
  /** Why it is not ok. */
  readonly reason: string | undefined
}

/** Medians. A missing figure is NaN, which JSON writes as null. */
export type Row = Figures & {
  readonly contender: ContenderName
  readonly version: string
  /** How many uploads the medians cover. */
  readonly runs: number
  /** How many attempts did not end well, including those that do not count. */
  readonly failed: number
  /** The limit's time divided by this contender's, in the same round. Without the limit, the best reference's time. */
  readonly ratio: number
  /** The main thread's CPU divided by that of the bare XHR loop, in the same round. */
  readonly cpuRatio: number
  /** Megabits a second. */
  readonly mbps: number
  readonly ok: boolean
  /** Why there are no figures, or why it is not ok; `null` if all is well. */
  readonly reason: string | null
}

export type Whose = {
  readonly contender: ContenderName
  readonly version: string
  /** Why it does not take part. */
  readonly cannot?: string | undefined
}

export type RowSettings = {
  /** Bytes of an upload. */
  readonly size: number
  /** The others are compared with the best of these. @default the limit */
  readonly references?: readonly ContenderName[] | undefined
}

export function toRows(
  samples: readonly Sample[],
  all: readonly Whose[],
  { size, references = [limit] }: RowSettings,
): readonly Row[] {
  const reference = fastest(samples, references)
  return all.map((whose) => toRow(samples, whose, { size, reference }))
}

type RowContext = { readonly size: number; readonly reference: ContenderName | undefined }

function toRow(
  samples: readonly Sample[],
  { contender, version, cannot }: Whose,
  { size, reference }: RowContext,
): Row {
  const own = samples.filter((sample) => sample.contender === contender)
  const counted = samples.filter((sample) => sample.round > 0)
  const figures = counted.flatMap((sample) => (sample.contender === contender ? (sample.figures ?? []) : []))
  const of = (name: keyof Figures): number => median(figures.map((one) => one[name]))
  const seconds = compare(counted, 'seconds', reference, contender)
  const cpu = compare(counted, 'taskMs', contender, xhrLimit)
  return {
    contender,
    version,
    runs: figures.length,
    failed: own.filter(({ ok }) => !ok).length,
    seconds: round(of('seconds'), 3),
    ratio: round(median(seconds), 3),
    mbps: round((size * 8) / of('seconds') / 1e6, 1),
    longTasks: of('longTasks'),
    longTaskMs: round(of('longTaskMs'), 1),
    scriptMs: round(of('scriptMs'), 1),
    taskMs: round(of('taskMs'), 1),
    cpuRatio: round(median(cpu), 3),
    peakMiB: round(of('peakMiB'), 1),
    requests: of('requests'),
    preflights: of('preflights'),
    resentBytes: of('resentBytes'),
    lostBytes: of('lostBytes'),
    hashSeconds: round(of('hashSeconds'), 3),
    ok: own.length > 0 && own.every((sample) => sample.ok),
    reason: cannot ?? own.findLast(({ ok }) => !ok)?.reason ?? null,
  }
}

/** The contender with the smallest median; `undefined` if none of them has a figure. */
export function fastest(
  samples: readonly Sample[],
  names: readonly ContenderName[],
): ContenderName | undefined {
  const seconds = (name: ContenderName): number =>
    median(
      samples.flatMap(({ contender, round, figures }) =>
        contender === name && round > 0 && figures ? figures.seconds : [],
      ),
    )
  return [...names].filter((name) => !Number.isNaN(seconds(name))).sort((a, b) => seconds(a) - seconds(b))[0]
}

/** The first figure divided by the second, in each round that has both. */
function compare(
  samples: readonly Sample[],
  name: keyof Figures,
  one: ContenderName | undefined,
  other: ContenderName | undefined,
): number[] {
  const rounds = [...new Set(samples.map((sample) => sample.round))]
  return rounds
    .map((number) => figureOf(samples, name, one, number) / figureOf(samples, name, other, number))
    .filter((ratio) => !Number.isNaN(ratio))
}

function figureOf(
  samples: readonly Sample[],
  name: keyof Figures,
  contender: ContenderName | undefined,
  number: number,
): number {
  const sample = samples.find((one) => one.contender === contender && one.round === number)
  return sample?.figures?.[name] ?? Number.NaN
}

/** @returns NaN if there are no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

/** Each round begins with the next contender, so that nobody always comes after the same one. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = list.length === 0 ? 0 : by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

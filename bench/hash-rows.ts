/** Pure: makes the rows of the scenario `hash`, and says whether their bars hold. */
import type { DigestAlgorithm } from '../src/ports.ts'
import { median, type Row } from './rows.ts'

/** Where the file's bytes come from: the disk, or the system's memory after an earlier read. */
export type Source = 'disk' | 'cache'

export type DigestSample = {
  readonly algorithm: DigestAlgorithm
  readonly source: Source
  /** Milliseconds of the bare read: the mean of the reads just before and just after. */
  readonly bareMs: number
  readonly ms: number
  readonly longTasks: number
  /** Bytes a millisecond. */
  readonly memory: number
}

export type DigestRow = {
  readonly kind: 'digest'
  readonly algorithm: DigestAlgorithm
  readonly source: Source
  /** GB/s in a worker: of bytes in the worker's memory, of the file, and of a bare read of the file. */
  readonly memoryGBps: number
  readonly fileGBps: number
  readonly bareGBps: number
  /** The bare read's time divided by the digest's, in the same round. */
  readonly ratio: number
  /**
   * The least `ratio` from the disk. `null` for an algorithm that is not faster than the bare read, and for reads from
   * the system's memory.
   */
  readonly bar: number | null
  /** Tasks of more than 50 ms on the main thread. */
  readonly longTasks: number
  readonly ok: boolean
}

export type UploadRow = {
  readonly kind: 'upload'
  readonly scenario: UploadScenario
  /** Seconds with a CRC32C of each part, and without. */
  readonly seconds: number
  readonly withoutSeconds: number
  /** The time without, divided by the time with. */
  readonly ratio: number
  readonly bar: number
  /** MiB more at its peak. */
  readonly moreMiB: number
  readonly moreBar: number
  readonly longTasks: number
  readonly ok: boolean
}

export type UploadScenario = 'hash-line' | 'hash-loopback'

const digestBar = 0.9
const bars: Readonly<Record<UploadScenario, number>> = { 'hash-line': 0.99, 'hash-loopback': 0.8 }
const memoryBar = 32

export function digestRows(samples: readonly DigestSample[], size: number): readonly DigestRow[] {
  const names = [...new Set(samples.map(({ algorithm }) => algorithm))]
  return names.flatMap((algorithm) =>
    (['disk', 'cache'] as const).flatMap((source) => {
      const own = samples.filter((sample) => sample.algorithm === algorithm && sample.source === source)
      return own.length > 0 ? [digestRow(algorithm, source, own, size)] : []
    }),
  )
}

function digestRow(
  algorithm: DigestAlgorithm,
  source: Source,
  own: readonly DigestSample[],
  size: number,
): DigestRow {
  const of = (figure: (sample: DigestSample) => number): number => median(own.map(figure))
  const memory = of((sample) => sample.memory)
  const bare = size / of(({ bareMs }) => bareMs)
  const ratio = of(({ bareMs, ms }) => bareMs / ms)
  const longTasks = of((sample) => sample.longTasks)
  const bar = source === 'disk' && memory > bare ? digestBar : null
  return {
    kind: 'digest',
    algorithm,
    source,
    memoryGBps: gigabytes(memory),
    fileGBps: gigabytes(size / of(({ ms }) => ms)),
    bareGBps: gigabytes(bare),
    ratio: round(ratio, 3),
    bar,
    longTasks,
    ok: (bar === null || ratio >= bar) && longTasks === 0,
  }
}

/** @param rows From the bench's ordinary report. */
export function uploadRow(scenario: UploadScenario, rows: readonly Row[]): UploadRow {
  const of = (name: string): Row | undefined => rows.find(({ contender }) => contender === name)
  const [without, own] = [of('longhaul'), of('longhaul-crc32c')]
  const ratio = own?.ratio ?? Number.NaN
  const moreMiB = (own?.peakMiB ?? Number.NaN) - (without?.peakMiB ?? Number.NaN)
  const longTasks = own?.longTasks ?? Number.NaN
  const bar = bars[scenario]
  return {
    kind: 'upload',
    scenario,
    seconds: own?.seconds ?? Number.NaN,
    withoutSeconds: without?.seconds ?? Number.NaN,
    ratio,
    bar,
    moreMiB: round(moreMiB, 1),
    moreBar: memoryBar,
    longTasks,
    ok: own?.ok === true && ratio >= bar && moreMiB <= memoryBar && longTasks === 0,
  }
}

/** The report for people. */
export function formatHashRows(rows: readonly (DigestRow | UploadRow)[]): string {
  return rows.map((row) => `${row.ok ? 'ok    ' : 'NOT OK'}  ${inWords(row)}`).join('\n')
}

function inWords(row: DigestRow | UploadRow): string {
  if (row.kind === 'digest') {
    const bar = row.bar === null ? 'no bar' : `at least ${row.bar}`
    return `${row.algorithm.padEnd(10)} ${row.source.padEnd(5)} memory ${row.memoryGBps} GB/s, file ${row.fileGBps}, bare read ${row.bareGBps}, ratio ${row.ratio} (${bar})`
  }
  return `${row.scenario.padEnd(13)} ${row.seconds} s with CRC32C, ${row.withoutSeconds} s without, ratio ${row.ratio} (at least ${row.bar}), ${row.moreMiB} MiB more (at most ${row.moreBar})`
}

function gigabytes(bytesPerMillisecond: number): number {
  return round(bytesPerMillisecond / 1e6, 3)
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

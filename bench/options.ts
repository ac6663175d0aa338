/** Pure: the command line. */
import { parseArgs } from 'node:util'
import { type ContenderName, contenderNames, isContender } from './contenders.ts'
import { formatSize, parseSize } from './size.ts'

export type BenchOptions = {
  readonly scenario: Scenario
  /** The file's size in bytes. */
  readonly size: number
  /** Rounds that count, in each of which every contender uploads the file once. */
  readonly reps: number
  readonly contenders: readonly ContenderName[]
  /** Bytes. */
  readonly partSize: number
  /** Parts on their way at once. */
  readonly width: number
  readonly json: boolean
  readonly help: boolean
}

const scenarios = ['clean'] as const

export type Scenario = (typeof scenarios)[number]

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const flags = {
  scenario: { type: 'string', default: 'clean' },
  size: { type: 'string', default: '512MiB' },
  reps: { type: 'string', default: '5' },
  contenders: { type: 'string', default: contenderNames.join(',') },
  'part-size': { type: 'string', default: '8MiB' },
  width: { type: 'string', default: '5' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export const usage: string = `npm run bench -- [flags]

  --scenario NAME     what the network is like: ${scenarios.join(', ')} (default ${flags.scenario.default})
  --size SIZE         the file's size, such as 64MiB or 2GiB (default ${flags.size.default})
  --reps NUMBER       rounds that count (default ${flags.reps.default})
  --contenders LIST   who takes part, with commas between (default ${flags.contenders.default})
  --part-size SIZE    the size of a part (default ${flags['part-size'].default})
  --width NUMBER      parts on their way at once (default ${flags.width.default})
  --json              one JSON object on standard output, and nothing else
  --help              this text
`

const mebibyte = 1024 ** 2
const mostParts = 10_000

/** @throws UsageError for what it does not know or cannot mean. */
export function parseOptions(parameters: readonly string[]): BenchOptions {
  const values = parseFlags(parameters)
  const size = readSize('--size', values.size)
  return {
    scenario: readScenario(values.scenario),
    size,
    reps: readWhole('--reps', values.reps, 1, 1000),
    contenders: readContenders(values.contenders),
    partSize: readPartSize(values['part-size'], size),
    width: readWhole('--width', values.width, 1, 100),
    json: values.json,
    help: values.help,
  }
}

function parseFlags(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], options: flags, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readScenario(text: string): Scenario {
  const scenario = scenarios.find((name) => name === text)
  if (scenario === undefined) throw expected('--scenario', `one of ${scenarios.join(', ')}`, text)
  return scenario
}

function readContenders(text: string): readonly ContenderName[] {
  const names = text.split(',').map((name) => name.trim())
  const known = names.filter(isContender)
  if (known.length < names.length || new Set(known).size < known.length) {
    throw expected('--contenders', `some of ${contenderNames.join(',')}, each once`, text)
  }
  return known
}

function readSize(flag: string, text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined || bytes === 0) throw expected(flag, 'a size such as 64MiB', text)
  return bytes
}

/** What S3 allows: parts of 5 MiB or more, and 10,000 of them; in whole mebibytes, as the backend has it. */
function readPartSize(text: string, size: number): number {
  const least = Math.max(5, Math.ceil(size / mostParts / mebibyte)) * mebibyte
  const partSize = readSize('--part-size', text)
  if (partSize < least) throw expected('--part-size', `${formatSize(least)} or more for this file`, text)
  return partSize
}

function readWhole(flag: string, text: string, from: number, to: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= from && value <= to) return value
  throw expected(flag, `a whole number from ${from} to ${to}`, text)
}

function expected(flag: string, what: string, received: string): UsageError {
  return new UsageError(`Expected ${flag} to be ${what}, got "${received}"`)
}

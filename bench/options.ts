/** Pure: parses the command line. */
import { parseArgs } from 'node:util'
import { type ContenderName, contenderNames, isContender } from './contenders.ts'
import { isScenario, type ScenarioName, scenario, scenarioNames } from './scenarios.ts'
import { formatSize, parseSize } from './size.ts'

export type BenchOptions = {
  readonly scenario: ScenarioName
  /** Of each file, in bytes. */
  readonly size: number
  /** How many files are uploaded at once. */
  readonly files: number
  /** Rounds that count. In each, every contender uploads the files once. */
  readonly reps: number
  readonly contenders: readonly ContenderName[]
  /** Bytes. */
  readonly partSize: number
  /** Parts on their way at once, for contenders that can be told; with many files, the number of files. */
  readonly width: number
  readonly json: boolean
  readonly help: boolean
}

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const flags = {
  scenario: { type: 'string', default: 'clean' },
  size: { type: 'string' },
  files: { type: 'string' },
  reps: { type: 'string' },
  contenders: { type: 'string' },
  'part-size': { type: 'string' },
  width: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export const usage: string = `npm run bench -- [flags]

  --scenario NAME     what to measure, one of those below (default ${flags.scenario.default})
  --size SIZE         the size of each file, such as 64MiB or 2GiB
  --files NUMBER      how many files to upload in one go
  --reps NUMBER       rounds to measure
  --contenders LIST   who takes part, separated by commas: ${contenderNames.join(', ')}
  --part-size SIZE    the size of a part
  --width NUMBER      parts on their way at once, for contenders that can be told
  --json              one JSON object on standard output, and nothing else
  --help              this text

The scenario decides whatever you leave out:

${scenarioNames.map(describe).join('\n')}
`

function describe(name: ScenarioName): string {
  return `  ${name.padEnd(15)} ${scenario(name).what}`
}

const mebibyte = 1024 ** 2
const mostParts = 10_000

/** @throws UsageError for unknown or impossible parameters. */
export function parseOptions(parameters: readonly string[]): BenchOptions {
  const values = parseFlags(parameters)
  const name = readScenario(values.scenario)
  const usual = scenario(name)
  const size = values.size === undefined ? usual.size : readSize('--size', values.size)
  return {
    scenario: name,
    size,
    files: readWhole('--files', values.files, { from: 1, to: 10_000, usual: usual.files }),
    reps: readWhole('--reps', values.reps, { from: 1, to: 1000, usual: usual.reps }),
    contenders: values.contenders === undefined ? usual.contenders : readContenders(values.contenders),
    partSize: readPartSize(values['part-size'] ?? formatSize(usual.partSize).replace(' ', ''), size),
    width: readWhole('--width', values.width, { from: 1, to: 100, usual: usual.width }),
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

function readScenario(text: string): ScenarioName {
  if (isScenario(text)) return text
  throw expected('--scenario', `one of ${scenarioNames.join(', ')}`, text)
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

/** S3 allows 10,000 parts of 5 MiB or more. In whole mebibytes, like the backend's. */
function readPartSize(text: string, size: number): number {
  const least = Math.max(5, Math.ceil(size / mostParts / mebibyte)) * mebibyte
  const partSize = readSize('--part-size', text)
  if (partSize < least) throw expected('--part-size', `${formatSize(least)} or more for this file`, text)
  return partSize
}

type Range = { readonly from: number; readonly to: number; readonly usual: number }

function readWhole(flag: string, text: string | undefined, { from, to, usual }: Range): number {
  if (text === undefined) return usual
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= from && value <= to) return value
  throw expected(flag, `a whole number from ${from} to ${to}`, text)
}

function expected(flag: string, what: string, received: string): UsageError {
  return new UsageError(`Expected ${flag} to be ${what}, got "${received}"`)
}

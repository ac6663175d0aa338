/** Pure: what Stryker reports, and what of it is kept. */

/** Percent of the mutants of a module that its tests have to find. */
export const bar = 85

type Place = { readonly line: number; readonly column: number }

type Mutant = {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: Place; readonly end: Place }
}

/** Of what Stryker writes (mutation-testing-report-schema) as much as is used. */
export type Report = {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}

export type Survivor = {
  readonly file: string
  readonly line: number
  readonly original: string
  readonly replacement: string
  /** Whether any test runs the place. */
  readonly isCovered: boolean
}

export type Result = {
  /** ISO 8601. */
  readonly date: string
  readonly killed: number
  /** Those that make a test run without end. */
  readonly timedOut: number
  /** Those that no test can run, such as what does not compile. */
  readonly invalid: number
  readonly survivors: readonly Survivor[]
}

export function resultOf({ files }: Report, date: string): Result {
  const all = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ file, source, mutant })),
  )
  const count = (...wanted: readonly string[]): number =>
    all.filter(({ mutant }) => wanted.includes(mutant.status)).length
  const survivors = all
    .filter(({ mutant: { status } }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ file, source, mutant }) => ({
      file,
      line: mutant.location.start.line,
      original: shortened(textAt(source, mutant.location.start, mutant.location.end)),
      replacement: shortened(mutant.replacement ?? mutant.mutatorName),
      isCovered: mutant.status === 'Survived',
    }))
  return {
    date,
    killed: count('Killed'),
    timedOut: count('Timeout'),
    invalid: count('CompileError', 'RuntimeError', 'Ignored'),
    survivors,
  }
}

/** Percent. */
export function scoreOf({ killed, timedOut, survivors }: Result): number {
  const found = killed + timedOut
  return (found / (found + survivors.length)) * 100
}

/** The same mutant, wherever its line has gone. */
export function nameOf({ file, original, replacement }: Survivor): string {
  return `${file}: ${original} → ${replacement}`
}

function textAt(source: string, start: Place, end: Place): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  return lines
    .map((line, index) => line.slice(0, index === last ? end.column - 1 : line.length))
    .map((line, index) => (index === 0 ? line.slice(start.column - 1) : line))
    .join('\n')
}

/** On one line, for a table. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

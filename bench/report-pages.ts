/** Pure: makes the documents' tables from the output of `npm run bench -- --json`. */
import { type ContenderName, contender, isContender } from './contenders.ts'
import type { DigestRow, UploadRow } from './hash-rows.ts'
import type { Machine } from './machine.ts'
import type { Row } from './rows.ts'
import { isScenario, type Scenario, scenario, scenarioNames } from './scenarios.ts'
import { formatSize } from './size.ts'

export type BenchReport = {
  readonly scenario: string
  readonly machine: Machine
  /** ISO 8601. */
  readonly date: string
  readonly rows: readonly (Row | DigestRow | UploadRow)[]
}

type Reports = ReadonlyMap<string, BenchReport>

/** The scenarios in which every contender takes part, in the order of the page. */
const compared = ['clean', 'latency', 'faults', 'small', 'expiry', 'stall', 'resume'] as const

const begin = '<!-- benchmark: written by npm run bench:pages -->'
const end = '<!-- /benchmark -->'

/** Replaces the text between the document's two marks. */
export function between(document: string, text: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`expected "${begin}" and "${end}" in the document`)
  return `${document.slice(0, from + begin.length)}\n\n${text}\n${document.slice(to)}`
}

/** The seconds of every contender in every scenario. */
export function readmeTable(reports: Reports): string {
  const shown = compared.filter((name) => reports.has(name))
  const names = contendersOf(shown.map((name) => reports.get(name)))
  const rows = names.map((name) => [
    title(name, reports),
    ...shown.map((scenarioName) => seconds(rowOf(reports.get(scenarioName), name))),
  ])
  const head = table([['', ...shown], ...rows])
  return `${head}\n${[...new Set(shown.map((name) => day(reports.get(name))))].join(', ')}; ${machineOf(reports)}. Seconds, medians; in brackets how many times
as fast as the bare loop of fetch in the same rounds.\n`
}

/** The whole page. */
export function benchmarksPage(reports: Reports): string {
  const sections = scenarioNames
    .filter((name) => reports.has(name))
    .map((name) => section(name, reports.get(name)))
  return `# Benchmarks

\`npm run bench:pages\` writes this page from the output of \`npm run bench -- --scenario NAME --json\` (\`bench/results/\`), so nothing here was typed.
[bench/README.md](../bench/README.md) explains what the figures mean, how they are measured, and how each library is configured. \`npm run bench:all\`
measures everything again and writes this page. On two cores the browser shares the machine with the storage, so compare only within a table.

${sections.join('\n')}`
}

function section(name: string, report: BenchReport | undefined): string {
  if (report === undefined || !isScenario(name)) return ''
  const digests = report.rows.filter((row) => 'kind' in row)
  const uploads = report.rows.filter((row) => 'contender' in row)
  return `## ${name}

${inWords(scenario(name))} ${day(report)}, ${describe(report.machine)}.

${uploads.length > 0 ? uploadsTable(uploads) : digestsTable(digests)}`
}

function inWords({ what, files, size, partSize }: Scenario): string {
  const all = files === 1 ? formatSize(size) : `${files} × ${formatSize(size)}`
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${all}, parts of ${formatSize(partSize)}.`
}

function uploadsTable(rows: readonly Row[]): string {
  const xhr = rows.find((row) => row.contender === 'xhr-limit')
  const head = [
    '',
    'version',
    'runs',
    's',
    'ratio',
    'CPU, ms',
    'CPU ratio',
    'long tasks, ms',
    'MiB over the bare loop',
    'requests',
    'sent again, MiB',
    'arrived',
  ]
  const body = rows.map((row) => [
    row.contender,
    row.version,
    String(row.runs),
    figure(row.seconds, 2),
    figure(row.ratio, 3),
    figure(row.taskMs, 0),
    figure(row.cpuRatio, 2),
    figure(row.longTaskMs, 0),
    figure(difference(row.peakMiB, xhr?.peakMiB), 1),
    figure(row.requests, 0),
    figure(row.resentBytes === null ? null : row.resentBytes / 1024 ** 2, 1),
    arrived(row),
  ])
  const reasons = rows.filter(({ ok, reason }) => !ok && reason !== null)
  const told = reasons.map((row) => `- ${row.contender}: ${oneLine(row.reason ?? '')}`)
  return `${table([head, ...body])}${told.length > 0 ? `\n${told.join('\n')}\n` : ''}`
}

function digestsTable(rows: readonly (DigestRow | UploadRow)[]): string {
  const head = [
    '',
    'GB/s from memory',
    'from the file',
    'bare read',
    'ratio',
    'bar',
    'more MiB',
    'long tasks',
    'ok',
  ]
  const body = rows.map((row) =>
    row.kind === 'digest'
      ? [
          `${row.algorithm}, ${row.source === 'disk' ? 'from the disk' : "from the system's memory"}`,
          figure(row.memoryGBps, 2),
          figure(row.fileGBps, 2),
          figure(row.bareGBps, 2),
          figure(row.ratio, 2),
          row.bar === null ? '' : String(row.bar),
          '',
          String(row.longTasks),
          row.ok ? 'yes' : 'no',
        ]
      : [
          `${row.scenario}: an upload with a CRC32C of each part`,
          '',
          '',
          '',
          figure(row.ratio, 3),
          `${row.bar}, ${row.moreBar} MiB`,
          figure(row.moreMiB, 1),
          String(row.longTasks),
          row.ok ? 'yes' : 'no',
        ],
  )
  return table([head, ...body])
}

function contendersOf(reports: readonly (BenchReport | undefined)[]): readonly ContenderName[] {
  const names = reports.flatMap((report) =>
    (report?.rows ?? []).flatMap((row) => ('contender' in row ? [row.contender] : [])),
  )
  return [...new Set(names)].filter(isContender)
}

const bareLoops: { readonly [Name in ContenderName]?: string } = {
  limit: 'fetch',
  'xhr-limit': 'XMLHttpRequest',
  'limit-put': 'one PUT a file',
}

function title(name: ContenderName, reports: Reports): string {
  const { package: owner } = contender(name)
  if (owner === undefined) return `bare loop, ${bareLoops[name] ?? name}`
  const version = [...reports.values()].map((report) => rowOf(report, name)?.version).find(Boolean)
  const called = owner === 'longhaul' ? name : owner
  return `${called} ${version ?? ''}${name === 'uppy-multipart' ? ', multipart' : ''}`.trim()
}

function rowOf(report: BenchReport | undefined, name: ContenderName): Row | undefined {
  return report?.rows.find((row): row is Row => 'contender' in row && row.contender === name)
}

function seconds(row: Row | undefined): string {
  if (row === undefined) return ''
  if (!row.ok || row.seconds === null) return arrived(row)
  return `${figure(row.seconds, 1)}${row.ratio === null ? '' : ` (${figure(row.ratio, 2)})`}`
}

/** A contender that cannot do it has done nothing wrong. */
function arrived({ ok, runs, failed }: Row): string {
  if (ok) return 'yes'
  if (runs + failed === 0) return 'cannot'
  return runs === 0 ? 'failed' : `${failed} failed`
}

function difference(value: number | null, from: number | null | undefined): number | null {
  return value === null || from === null || from === undefined ? null : value - from
}

function figure(value: number | null, digits: number): string {
  return value === null || Number.isNaN(value) ? '' : value.toFixed(digits)
}

function day(report: BenchReport | undefined): string {
  return report?.date.slice(0, 10) ?? ''
}

function machineOf(reports: Reports): string {
  const [first] = reports.values()
  return first === undefined ? '' : describe(first.machine)
}

function describe({ cores, memoryMiB, browser, system }: Machine): string {
  return `${cores} cores, ${Math.round(memoryMiB / 1024)} GiB, ${system.split(' ', 1)[0]}, ${browser}`
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}

export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return `${[line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')}\n`
}

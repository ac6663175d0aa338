/** Pure: writes the report for people. */
import type { Machine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import type { Row } from './rows.ts'
import { formatSize } from './size.ts'

type Column = { readonly title: string; readonly cell: (row: Row) => string }

const columns: readonly Column[] = [
  { title: 'contender', cell: ({ contender }) => contender },
  { title: 'version', cell: ({ version }) => version },
  { title: 'runs', cell: ({ runs }) => String(runs) },
  { title: 'seconds', cell: ({ seconds }) => figure(seconds, 2) },
  { title: 'of these hashing', cell: ({ hashSeconds }) => figure(hashSeconds, 2) },
  { title: 'ratio', cell: ({ ratio }) => figure(ratio, 3) },
  { title: 'Mbit/s', cell: ({ mbps }) => figure(mbps, 0) },
  { title: 'long tasks', cell: ({ longTasks }) => figure(longTasks, 0) },
  { title: 'long ms', cell: ({ longTaskMs }) => figure(longTaskMs, 0) },
  { title: 'script ms', cell: ({ scriptMs }) => figure(scriptMs, 0) },
  { title: 'task ms', cell: ({ taskMs }) => figure(taskMs, 0) },
  { title: 'CPU ratio', cell: ({ cpuRatio }) => figure(cpuRatio, 2) },
  { title: 'peak MiB', cell: ({ peakMiB }) => figure(peakMiB, 0) },
  { title: 'requests', cell: ({ requests }) => figure(requests, 0) },
  { title: 'preflights', cell: ({ preflights }) => figure(preflights, 0) },
  { title: 'resent bytes', cell: ({ resentBytes }) => figure(resentBytes, 0) },
  { title: 'lost bytes', cell: ({ lostBytes }) => figure(lostBytes, 0) },
  { title: 'ok', cell: outcome },
]

/** A contender that did not take part has done nothing wrong. */
function outcome({ ok, runs, failed }: Row): string {
  if (ok) return 'yes'
  return runs + failed === 0 ? '–' : 'NO'
}

/** Names to the left, figures to the right. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  const pad = (text: string, index: number): string =>
    index < 2 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n')
}

/** Why some have no figures, or are not ok. */
function formatReasons(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ contender, reason }) =>
    reason === null ? [] : `${contender}: ${firstLine(reason)}`,
  )
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

export function formatReport(options: BenchOptions, machine: Machine, rows: readonly Row[]): string {
  const { scenario, size, files, partSize, width, reps } = options
  const what = files === 1 ? formatSize(size) : `${files} × ${formatSize(size)}`
  const { cpu, cores, memoryMiB, system, node, browser } = machine
  return [
    `${scenario}: ${what} in parts of ${formatSize(partSize)}, ${width} at once, medians of ${reps}`,
    `${browser}, Node ${node}, ${system}, ${cores} × ${cpu}, ${formatSize(memoryMiB * 1024 ** 2)}`,
    '',
    formatTable(rows),
    ...formatReasons(rows),
    '',
  ].join('\n')
}

function figure(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits)
}

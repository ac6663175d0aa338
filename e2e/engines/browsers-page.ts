/** The table of docs/browsers.md: a row for each finding of the suite, and a column for each engine. */
import type { Findings } from './findings.ts'

const begin = '<!-- found by e2e/engines, written by `npm run browsers` -->\n'
const end = '<!-- /found -->'

/** Replaces the page's table with one of these findings. */
export function withTable(page: string, all: readonly Findings[], date: string): string {
  const [before, rest] = [page.slice(0, start(page)), page.slice(page.indexOf(end))]
  return `${before}${tableOf(all, date)}${rest}`
}

/** The page's findings for an engine, and the version that they are about. */
export function columnOf(page: string, engine: string): Pick<Findings, 'version' | 'found'> {
  const lines = page.slice(start(page), page.indexOf(end)).split('\n')
  const rows = lines.filter((line) => line.startsWith('|')).map(cellsOf)
  const [heading = [], , ...found] = rows
  const column = heading.findIndex((cell) => cell.startsWith(`${engine} `))
  if (column < 0) throw new Error(`docs/browsers.md has no column for ${engine}`)
  return {
    version: heading[column]?.slice(engine.length + 1) ?? '',
    found: Object.fromEntries(found.map((cells) => [cells[0] ?? '', cells[column] ?? ''])),
  }
}

/** Browsers change with their major versions, and WebKitGTK with its minor ones. */
export function release(version: string): string {
  const [major = '', minor = ''] = version.split('.')
  return Number(major) > 100 ? major : `${major}.${minor}`
}

function start(page: string): number {
  const found = page.indexOf(begin)
  if (found < 0 || page.indexOf(end) < found) throw new Error('docs/browsers.md has no place for the table')
  return found + begin.length
}

function tableOf(all: readonly Findings[], date: string): string {
  const names = Object.keys(all[0]?.found ?? {})
  const rows = names.map((name) => [name, ...all.map(({ found }) => found[name] ?? '')])
  const heading = [`seen on ${date}`, ...all.map(({ engine, version }) => `${engine} ${version}`)]
  return `${[heading, heading.map(() => '---'), ...rows].map(lineOf).join('')}`
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
}

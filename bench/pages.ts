/**
 * Writes the measured figures into the documents: `docs/benchmarks.md`, and the table in the README.
 *
 *   npm run bench -- --scenario NAME --json > bench/results/NAME.json
 *   npm run bench:pages
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchReport, benchmarksPage, between, readmeTable } from './report-pages.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The reports in `bench/results/`, by scenario. */
export function savedReports(): ReadonlyMap<string, BenchReport> {
  const names = readdirSync(join(here, 'results')).filter((name) => name.endsWith('.json'))
  return new Map(
    names.map((name) => [
      basename(name, '.json'),
      JSON.parse(readFileSync(join(here, 'results', name), 'utf8')),
    ]),
  )
}

export const pagePath: string = join(here, '../docs/benchmarks.md')
export const readmePath: string = join(here, '../README.md')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reports = savedReports()
  writeFileSync(pagePath, benchmarksPage(reports))
  writeFileSync(readmePath, between(readFileSync(readmePath, 'utf8'), readmeTable(reports)))
}

/**
 * Mutates the engine and checks that its tests notice (Stryker). Keeps the results in `test/mutation/results/` and writes
 * `docs/mutation.md` from them.
 *
 *   npm run mutation                    every module, in about an hour
 *   npm run mutation -- retry layout    these modules
 *   npm run mutation -- --page          only writes the page
 *
 * Modules that have not changed since the last time are not run again, unless with `--force`. Exits with 1 if fewer than 85 %
 * of a module's mutants are found.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { modules } from '../test/mutation/modules.ts'
import { mutationPage, pagePath, resultsFolder, savedResults } from '../test/mutation/page.ts'
import { bar, type Report, type Result, resultOf, scoreOf } from '../test/mutation/result.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = 'reports/mutation'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { page: { type: 'boolean', default: false }, force: { type: 'boolean', default: false } },
})
const unknown = positionals.find((name) => modules[name] === undefined)
if (unknown !== undefined) {
  console.error(`Expected modules out of ${Object.keys(modules).join(', ')}, got "${unknown}"`)
  process.exit(2)
}
const wanted = positionals.length > 0 ? positionals : Object.keys(modules)
for (const name of values.page ? [] : wanted) runModule(name)
writeFileSync(pagePath, mutationPage(savedResults()))
const isBelow = [...savedResults()].some(([name, result]) => wanted.includes(name) && scoreOf(result) < bar)
process.exitCode = isBelow ? 1 : 0

function runModule(name: string): void {
  mkdirSync(join(root, reports), { recursive: true })
  const config = join(root, reports, `${name}.config.json`)
  writeFileSync(config, JSON.stringify(configOf(name), undefined, 2))
  const tests = (modules[name]?.tests ?? []).map((test) => `test/${test}`)
  const done = spawnSync('npx', ['stryker', 'run', config, ...(values.force ? ['--force'] : [])], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, MUTATION_TESTS: tests.join(',') },
  })
  if (done.status !== 0) throw new Error(`Stryker failed on the module ${name}`)
  const report = JSON.parse(readFileSync(join(root, reports, `${name}.json`), 'utf8')) as Report
  const result: Result = resultOf(report, new Date().toISOString())
  writeFileSync(join(resultsFolder, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`)
  console.log(`${name}: ${scoreOf(result).toFixed(1)} %`)
}

/** See https://stryker-mutator.io/docs/stryker-js/configuration. */
function configOf(name: string): object {
  return {
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.config.ts' },
    plugins: ['@stryker-mutator/vitest-runner'],
    coverageAnalysis: 'perTest',
    mutate: (modules[name]?.sources ?? []).map((source) => `src/${source}`),
    incremental: true,
    incrementalFile: `${reports}/${name}.incremental.json`,
    reporters: ['json'],
    jsonReporter: { fileName: `${reports}/${name}.json` },
    concurrency: 2,
    allowConsoleColors: false,
    ignorePatterns: ['.data', 'bench/results', 'demo/dist', 'dist', 'docs', 'e2e', 'reports', 'test-results'],
  }
}

/**
 * Everything that `npm test` checks, one step after the other. All steps run even if earlier ones fail, except for those that
 * need the build. The last line has the sum: `N passed, N failed`.
 *
 *     npm test
 *     npm test -- --engines   adds the engines' suite in Chromium, Firefox and WebKitGTK
 *     npm test -- --ceph      adds the S3 suites on Ceph's gateway, which need root and Debian's packages
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { type Count, type Counting, countedIn, countPlaywright, countVitest } from './counts.ts'

type Step = {
  readonly name: string
  readonly command: readonly string[]
  /** Reads the step's own count from its report. Without it, the step counts as one. */
  readonly count?: Counting
}

const reports = 'test-results'

/** Its report has the sum of its own steps. It fails if Ceph cannot be installed. */
const ceph: Step = {
  name: 'ceph',
  command: ['npm', 'run', '--silent', 'e2e:ceph'],
  count: (sum) => sum as Count,
}

/** A step fails if its browser cannot be installed. */
const engines: readonly Step[] = ['chromium', 'firefox', 'webkit'].map((engine) => ({
  name: `e2e:${engine}`,
  command: ['npm', 'run', '--silent', `e2e:${engine}`, '--', ...reporters(`e2e:${engine}`)],
  count: countVitest,
}))

const steps: readonly Step[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'reference', command: ['npm', 'run', '--silent', 'docs:check'] },
  { name: 'audit', command: ['npm', 'run', '--silent', 'audit'] },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  { name: 'package', command: vitest('package'), count: countVitest },
  { name: 'unit', command: vitest('unit'), count: countVitest },
  { name: 'servers', command: vitest('servers'), count: countVitest },
  { name: 'fuzz', command: vitest('fuzz'), count: countVitest },
  { name: 'browser', command: vitest('browser', 'browser*'), count: countVitest },
  {
    name: 'e2e',
    command: ['npx', 'playwright', 'test', '--project=chromium'],
    count: countPlaywright,
  },
  ...(process.argv.includes('--ceph') ? [ceph] : []),
  ...(process.argv.includes('--engines') ? engines : []),
]

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const counts = steps.map(runStep)
const passed = counts.reduce((sum, count) => sum + count.passed, 0)
const failed = counts.reduce((sum, count) => sum + count.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** @param project A project's name, or a pattern for several. */
function vitest(name: string, project: string = name): string[] {
  return ['npx', 'vitest', 'run', '--project', project, ...reporters(name)]
}

function reporters(name: string): string[] {
  return ['--reporter=dot', '--reporter=json', `--outputFile.json=${reportOf(name)}`]
}

function runStep(step: Step): Count {
  console.log(`\n--- ${step.name}`)
  const started = performance.now()
  const [command = '', ...parameters] = step.command
  const { status } = spawnSync(command, parameters, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(step),
  })
  const count = countOf(step, status === 0)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`--- ${step.name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`)
  return count
}

function environment(step: Step): NodeJS.ProcessEnv {
  return { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf(step.name), FORCE_COLOR: '0' }
}

function reportOf(name: string): string {
  return `${reports}/${name.replace(':', '-')}.json`
}

/** A step that fails without a failed test, because it could not even start, counts as one failure. */
function countOf(step: Step, succeeded: boolean): Count {
  const whole = { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 }
  if (step.count === undefined) return whole
  return countedIn(reportOf(step.name), step.count, succeeded)
}

/** Runs all tests against an S3: of its protocol, from Node, and of uploads, from the browser. */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Count, type Counting, countedIn, countPlaywright, countVitest } from '../../scripts/counts.ts'
import { environmentOf, type S3Place } from './place.ts'
import { canBeRelayed } from './relay.ts'

type Step = {
  readonly name: string
  readonly command: readonly string[]
  readonly count: Counting
}

export type SuiteOptions = {
  /** Part of the reports' names in test-results. */
  readonly name: string
  readonly place: S3Place
  /** The value of S3_DIFFERENCES. */
  readonly differences: string
  /** Ends the running tests. */
  readonly signal: AbortSignal
}

export async function runSuite({ name, place, differences, signal }: SuiteOptions): Promise<Count> {
  const environment = {
    ...process.env,
    ...environmentOf(place),
    S3_DIFFERENCES: differences,
    FORCE_COLOR: '0',
  }
  const counts: Count[] = []
  for (const step of stepsFor(name, place)) {
    if (signal.aborted) break
    console.log(`\n--- ${step.name}`)
    counts.push(await runStep(step, environment, signal))
  }
  const total = {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
  }
  // Read by scripts/test.ts, which counts several suites.
  writeFileSync(reportOf(name), JSON.stringify(total))
  return total
}

function stepsFor(name: string, place: S3Place): readonly Step[] {
  const [protocol, straight, relayed] = [`${name}-protocol`, `${name}-browser`, `${name}-browser-faults`]
  const steps = [
    {
      name: protocol,
      command: [
        'vitest',
        'run',
        '--project=s3',
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${reportOf(protocol)}`,
      ],
      count: countVitest,
    },
    { name: straight, command: ['playwright', 'test', '--project=s3'], count: countPlaywright },
  ]
  if (canBeRelayed(place))
    return [
      ...steps,
      { name: relayed, command: ['playwright', 'test', '--project=s3-relay'], count: countPlaywright },
    ]
  console.log(`SKIPPED ${relayed}: a relay needs http and path style, which ${place.endpoint} does not have`)
  return steps
}

async function runStep(
  { name, command, count }: Step,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Count> {
  mkdirSync('test-results', { recursive: true })
  const report = reportOf(name)
  rmSync(report, { force: true })
  const env = { ...environment, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  // In a process group of its own, which gets a Ctrl+C only once. A second one would end Playwright, but not its browsers.
  const child = spawn('npx', command, { stdio: ['ignore', 'inherit', 'inherit'], env, detached: true })
  const stop = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
  }
  signal.addEventListener('abort', stop, { once: true })
  const succeeded = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
  signal.removeEventListener('abort', stop)
  return countedIn(report, count, succeeded)
}

function reportOf(name: string): string {
  return `test-results/${name}.json`
}

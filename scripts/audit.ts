/**
 * Asks the package registry for known vulnerabilities in the package's runtime dependencies: `npm audit --omit=dev`. Fails on
 * any finding. If no registry can be reached, it says so and does not fail. `npm run audit`.
 */
import { spawnSync } from 'node:child_process'

type Report = {
  readonly metadata?: { readonly vulnerabilities?: { readonly total?: number } }
  readonly error?: { readonly code?: string; readonly summary?: string }
  readonly message?: string
}

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 60_000,
})
const report = read(stdout)
const total = report?.metadata?.vulnerabilities?.total
if (total === undefined) {
  const why =
    report?.message ?? report?.error?.summary ?? report?.error?.code ?? error?.message ?? 'no answer'
  console.log(
    `AUDIT SKIPPED: the registry could not be asked for known vulnerabilities (${why.split('\n')[0]})`,
  )
} else if (total > 0) {
  console.error(stdout)
  console.error(`${total} known vulnerabilities in run-time dependencies`)
  process.exitCode = 1
} else console.log('No known vulnerability in any run-time dependency')

function read(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report
  } catch {
    return undefined
  }
}

/** Counts the passed and the failed tests in a test runner's report. */
import { readFileSync } from 'node:fs'

export type Count = { readonly passed: number; readonly failed: number }

export type Counting = (report: unknown) => Count

/** A run that fails without a failed test, because it could not even start, counts as one failure. */
export function countedIn(path: string, count: Counting, succeeded: boolean): Count {
  try {
    const counted = count(JSON.parse(readFileSync(path, 'utf8')))
    return succeeded || counted.failed > 0 ? counted : { ...counted, failed: 1 }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

export function countVitest(report: unknown): Count {
  const { numPassedTests, numFailedTests } = report as { numPassedTests: number; numFailedTests: number }
  return { passed: numPassedTests, failed: numFailedTests }
}

/** A flaky test, which passes only when it is tried again, counts as failed. */
export function countPlaywright(report: unknown): Count {
  const { stats } = report as { stats: { expected: number; unexpected: number; flaky: number } }
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
}

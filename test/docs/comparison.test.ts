/** The table of README.md that compares longhaul with others: what can be checked here is. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { budgets } from '../../scripts/size-budgets.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
/** Kilobytes. */
const told = Number(/^\| gzip \| ([\d.]+) kB/m.exec(readme)?.[1])

test("longhaul's own size is that of the table: not more, and less by at most half a kilobyte", async () => {
  const { bytes = Number.NaN } = (await budgets[0]?.measure()) ?? {}
  expect(told).toBeGreaterThanOrEqual(bytes / 1000 - 0.05)
  expect(told).toBeLessThan(bytes / 1000 + 0.5)
})

/** Checks what can be checked here in README.md's table that compares longhaul with others. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { budgets } from '../../scripts/size-budgets.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
/** Kilobytes. */
const told = Number(/^\| gzip \| ([\d.]+) kB/m.exec(readme)?.[1])

test('the size of longhaul in the table is right: not less than the real one, and at most half a kilobyte more', async () => {
  const { bytes = Number.NaN } = (await budgets[0]?.measure()) ?? {}
  expect(told).toBeGreaterThanOrEqual(bytes / 1000 - 0.05)
  expect(told).toBeLessThan(bytes / 1000 + 0.5)
})

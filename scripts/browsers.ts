/**
 * Writes the table of docs/browsers.md from the findings of the engines' suite.
 *
 *     npm run e2e:engines && npm run browsers
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { withTable } from '../e2e/engines/browsers-page.ts'
import type { Findings } from '../e2e/engines/findings.ts'

const page = 'docs/browsers.md'
const all = ['Chromium', 'Firefox', 'WebKitGTK'].map(
  (engine) => JSON.parse(readFileSync(`test-results/engines/${engine}.json`, 'utf8')) as Findings,
)
const today = new Date().toISOString().slice(0, 10)
writeFileSync(page, withTable(readFileSync(page, 'utf8'), all, today))

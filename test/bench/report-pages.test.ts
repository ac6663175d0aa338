import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pagePath, readmePath, savedReports } from '../../bench/pages.ts'
import { benchmarksPage, between, readmeTable } from '../../bench/report-pages.ts'
import { isScenario } from '../../bench/scenarios.ts'

const reports = savedReports()

describe('the documents with the measurements', () => {
  test.each([...reports])('have bench/results/%s.json of that scenario, with its date', (name, report) => {
    expect(isScenario(name)).toBe(true)
    expect(report).toMatchObject({ scenario: name, date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) })
  })

  test('have in docs/benchmarks.md what the saved reports say', () => {
    expect(readFileSync(pagePath, 'utf8')).toBe(benchmarksPage(reports))
  })

  test("have in the README's table what the saved reports say", () => {
    const readme = readFileSync(readmePath, 'utf8')
    expect(readme).toBe(between(readme, readmeTable(reports)))
  })

  test('show a failure with its reason, and do not call it a failure if a contender cannot take part', () => {
    const [clean] = [...reports.values()].filter(({ scenario }) => scenario === 'clean')
    const row = clean?.rows.find((one) => 'contender' in one && one.contender === 'limit')
    const nothing = {
      seconds: null,
      ratio: null,
      taskMs: null,
      cpuRatio: null,
      peakMiB: null,
      resentBytes: null,
    }
    const failed = { ...row, ...nothing, runs: 0, failed: 3, ok: false, reason: 'no end\nwithin 60 s' }
    const absent = { ...failed, contender: 'tus', failed: 0, reason: 'no presigned URLs' }
    const report = { ...clean, rows: [failed, absent] } as unknown as NonNullable<typeof clean>
    const page = benchmarksPage(new Map([['clean', report]]))
    expect(page).toMatch(/^\| limit .* failed \|$/m)
    expect(page).toContain('- limit: no end within 60 s')
    expect(page).toMatch(/^\| tus .* cannot \|$/m)
  })
})

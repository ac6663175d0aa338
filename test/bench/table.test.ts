import { expect, test } from 'vitest'
import { parseOptions } from '../../bench/options.ts'
import type { Row } from '../../bench/rows.ts'
import { formatReport, formatTable } from '../../bench/table.ts'

const machine = {
  cores: 2,
  memoryMiB: 24104,
  cpu: 'AMD EPYC',
  system: 'Linux 6.18',
  node: '24.21.0',
  browser: 'Chromium 156.0',
}

const row: Row = {
  contender: 'longhaul',
  version: '0.1.0',
  runs: 5,
  failed: 0,
  seconds: 2.345,
  ratio: 0.9876,
  mbps: 1831.5,
  longTasks: 0,
  longTaskMs: 0,
  scriptMs: 12.3,
  taskMs: 200.4,
  peakMiB: 393.8,
  requests: 73,
  preflights: 64,
  resentBytes: 0,
  lostBytes: 0,
  cpuRatio: 1.23,
  hashSeconds: 0.03,
  ok: true,
  reason: null,
}

test('names are aligned to the left, figures to the right, and all lines are equally wide', () => {
  const lines = formatTable([row, { ...row, contender: 'longhaul-xxhash64', seconds: 12.3 }]).split('\n')
  expect(lines[1]).toMatch(/^longhaul {11}0\.1\.0 .* 2\.35 .* 0\.988 .* yes$/)
  expect(lines[2]).toMatch(/^longhaul-xxhash64 {2}0\.1\.0 .* 12\.30 .* yes$/)
  expect(new Set(lines.map((line) => line.trimEnd().length)).size).toBe(1)
})

test('a missing figure is a dash, and a wrong object stands out', () => {
  const [, line] = formatTable([{ ...row, ratio: Number.NaN, ok: false }]).split('\n')
  expect(line).toMatch(/ – .* NO$/)
})

test('a contender without figures has a dash and a reason', () => {
  const none = { ...row, runs: 0, seconds: Number.NaN, ok: false, reason: 'forgets\n  at somewhere' }
  const report = formatReport(parseOptions([]), machine, [none])
  expect(report).toMatch(/ –\nlonghaul: forgets\n/)
})

test('many files are described as such', () => {
  expect(formatReport(parseOptions(['--scenario', 'small']), machine, [])).toContain(
    'small: 1000 × 102400 bytes',
  )
})

test('the report says what was measured and where', () => {
  const report = formatReport(parseOptions([]), machine, [row])
  expect(report).toContain('clean: 512 MiB in parts of 8 MiB, 5 at once, medians of 5')
  expect(report).toContain('Chromium 156.0, Node 24.21.0, Linux 6.18, 2 × AMD EPYC, 24104 MiB')
})

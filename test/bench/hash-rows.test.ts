import { describe, expect, test } from 'vitest'
import { type DigestSample, digestRows, formatHashRows, uploadRow } from '../../bench/hash-rows.ts'
import type { Row } from '../../bench/rows.ts'

const size = 1_000_000_000

function sample(figures: Partial<DigestSample>): DigestSample {
  return {
    algorithm: 'crc32c',
    source: 'disk',
    bareMs: 1000,
    ms: 1000,
    longTasks: 0,
    memory: 2e6,
    ...figures,
  }
}

function row(contender: Row['contender'], figures: Partial<Row>): Row {
  const nothing = { longTasks: 0, longTaskMs: 0, scriptMs: 0, taskMs: 0, requests: 0, preflights: 0 }
  const more = { resentBytes: 0, lostBytes: 0, hashSeconds: 0, cpuRatio: 1, mbps: 1, version: '1' }
  const base = { runs: 3, failed: 0, seconds: 1, ratio: 1, peakMiB: 100, ok: true, reason: null }
  return { ...nothing, ...more, ...base, contender, ...figures }
}

describe('the row of a digest', () => {
  test('has medians in GB/s, and a ratio to the bare read of the same round', () => {
    const samples = [sample({}), sample({ bareMs: 4000, ms: 5000 }), sample({ bareMs: 1900, ms: 2000 })]
    expect(digestRows(samples, size)).toEqual([
      {
        kind: 'digest',
        algorithm: 'crc32c',
        source: 'disk',
        memoryGBps: 2,
        fileGBps: 0.5,
        bareGBps: 0.526,
        ratio: 0.95,
        bar: 0.9,
        longTasks: 0,
        ok: true,
      },
    ])
  })

  test("is for a file on the disk, or for one in the system's cache, one after the other", () => {
    const samples = [
      sample({ source: 'cache', ms: 500, bareMs: 500 }),
      sample({}),
      sample({ algorithm: 'md5' }),
    ]
    const rows = digestRows(samples, size).map(({ algorithm, source, fileGBps }) => [
      algorithm,
      source,
      fileGBps,
    ])
    expect(rows).toEqual([
      ['crc32c', 'disk', 1],
      ['crc32c', 'cache', 2],
      ['md5', 'disk', 1],
    ])
  })

  test('is not ok below the bar, or with a long task', () => {
    expect(digestRows([sample({ ms: 1200 })], size)[0]).toMatchObject({ bar: 0.9, ok: false })
    expect(digestRows([sample({ longTasks: 1 })], size)[0]?.ok).toBe(false)
  })

  test('has no bar if the file is in the cache already', () => {
    const row = digestRows([sample({ source: 'cache', ms: 2000 })], size)[0]
    expect(row).toMatchObject({ ratio: 0.5, bar: null, ok: true })
  })

  test('has no bar if the algorithm is not faster than the bare read', () => {
    expect(digestRows([sample({ ms: 3000, memory: 0.4e6 })], size)[0]).toMatchObject({ bar: null, ok: true })
  })
})

describe('the row of an upload', () => {
  const both = (figures: Partial<Row>): readonly Row[] => [
    row('longhaul', {}),
    row('longhaul-crc32c', figures),
  ]

  test('is ok if time, memory and main thread are within their bars', () => {
    expect(uploadRow('hash-line', both({ ratio: 0.99, peakMiB: 132 }))).toMatchObject({
      ratio: 0.99,
      moreMiB: 32,
      ok: true,
    })
  })

  test.each([
    ['it takes longer', { ratio: 0.98 }],
    ['it takes more memory', { peakMiB: 133 }],
    ['the main thread is blocked', { longTasks: 1 }],
    ['it has failed', { ok: false }],
    ['it was not measured', { ratio: Number.NaN }],
  ])('is not ok if %s', (_, figures) => {
    expect(uploadRow('hash-line', both(figures)).ok).toBe(false)
  })

  test('has a bar of its own on loopback', () => {
    expect(uploadRow('hash-loopback', both({ ratio: 0.8 })).ok).toBe(true)
    expect(uploadRow('hash-loopback', both({ ratio: 0.79 })).ok).toBe(false)
  })
})

test('the report says for each row whether its bar holds', () => {
  const rows = [...digestRows([sample({ ms: 2000 })], size), uploadRow('hash-loopback', [])]
  expect(
    formatHashRows(rows)
      .split('\n')
      .map((line) => line.slice(0, 6)),
  ).toEqual(['NOT OK', 'NOT OK'])
  expect(formatHashRows(digestRows([sample({})], size))).toMatch(/^ok .*crc32c .*ratio 1 \(at least 0\.9\)/)
})

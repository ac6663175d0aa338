import { describe, expect, test } from 'vitest'
import type { ContenderName } from '../../bench/contenders.ts'
import {
  type Figures,
  fastest,
  median,
  type Row,
  rotated,
  type Sample,
  toRows,
  type Whose,
} from '../../bench/rows.ts'

const figures: Figures = {
  seconds: 1,
  hashSeconds: 0,
  longTasks: 0,
  longTaskMs: 0,
  scriptMs: 10,
  taskMs: 20,
  peakMiB: 300,
  requests: 11,
  preflights: 8,
  resentBytes: 0,
  lostBytes: 0,
}

function took(contender: ContenderName, round: number, seconds: number, ok = true): Sample {
  return { contender, round, figures: { ...figures, seconds }, ok, reason: ok ? undefined : 'wrong bytes' }
}

function toRow(samples: readonly Sample[], whose: Whose, bytes: number, ...references: ContenderName[]): Row {
  const settings = references.length === 0 ? { size: bytes } : { size: bytes, references }
  const [row] = toRows(samples, [whose], settings)
  if (row === undefined) throw new Error('no row')
  return row
}

const longhaul = { contender: 'longhaul', version: '0.1.0' } as const
const size = 1_000_000

describe('median', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 1], 9],
    [[7], 7],
    [[], Number.NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  test('does not change the list', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('rotated', () => {
  test('begins with the next one in every round', () => {
    expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ])
  })

  test('returns nothing for nothing', () => {
    expect(rotated([], 1)).toEqual([])
  })
})

describe('fastest', () => {
  test('returns the one with the smallest median, among those that have figures', () => {
    const samples = [took('longhaul-w1', 1, 3), took('longhaul-w2', 1, 2), took('longhaul-w4', 1, 1)]
    expect(fastest(samples, ['longhaul-w1', 'longhaul-w2', 'longhaul-w6'])).toBe('longhaul-w2')
    expect(fastest(samples, ['longhaul-w6'])).toBeUndefined()
  })
})

describe('toRows', () => {
  test('compares with the best of the references, if there are any', () => {
    const samples = [took('longhaul-w1', 1, 4), took('longhaul-w2', 1, 1), took('longhaul', 1, 2)]
    expect(toRow(samples, longhaul, size, 'longhaul-w1', 'longhaul-w2').ratio).toBe(0.5)
  })

  test('compares the CPU time with that of the bare XHR loop', () => {
    const samples = [took('xhr-limit', 1, 1), took('longhaul', 1, 1)].map((sample) =>
      sample.contender === 'longhaul' ? { ...sample, figures: { ...figures, taskMs: 30 } } : sample,
    )
    expect(toRow(samples, longhaul, size).cpuRatio).toBe(1.5)
  })

  test('gives a reason and no figures for a contender that cannot take part', () => {
    const row = toRow([], { ...longhaul, cannot: 'forgets' }, size)
    expect(JSON.parse(JSON.stringify(row))).toMatchObject({ seconds: null, ok: false, reason: 'forgets' })
  })

  test('gives no reason if all is well', () => {
    expect(toRow([took('longhaul', 1, 2)], longhaul, size).reason).toBeNull()
  })

  test('compares within each round, and takes the median of the ratios', () => {
    const samples = [
      took('limit', 1, 1),
      took('longhaul', 1, 2),
      took('limit', 2, 4),
      took('longhaul', 2, 4),
      took('limit', 3, 9),
      took('longhaul', 3, 10),
    ]
    expect(toRow(samples, longhaul, size)).toMatchObject({ runs: 3, seconds: 4, ratio: 0.9, mbps: 2 })
  })

  test('gives the limit a ratio of 1', () => {
    const samples = [took('limit', 1, 2), took('limit', 2, 3)]
    expect(toRow(samples, { contender: 'limit', version: '1' }, size).ratio).toBe(1)
  })

  test('leaves out the warm-up', () => {
    const samples = [
      took('limit', 0, 1),
      took('longhaul', 0, 100),
      took('limit', 1, 1),
      took('longhaul', 1, 1),
    ]
    expect(toRow(samples, longhaul, size)).toMatchObject({ runs: 1, seconds: 1, ratio: 1, ok: true })
  })

  test('makes a row not ok if one upload is wrong in the store, even in the warm-up', () => {
    expect(toRow([took('longhaul', 0, 1, false), took('longhaul', 1, 1)], longhaul, size).ok).toBe(false)
  })

  test('gives no figures for a failed upload, and its row is not ok', () => {
    const failed: Sample = { contender: 'longhaul', round: 2, figures: undefined, ok: false, reason: 'cut' }
    const samples = [took('limit', 1, 1), took('longhaul', 1, 2), took('limit', 2, 1), failed]
    expect(toRow(samples, longhaul, size)).toMatchObject({
      runs: 1,
      seconds: 2,
      ratio: 0.5,
      ok: false,
      reason: 'cut',
    })
  })

  test('has no ratio without the limit, which JSON writes as null', () => {
    const row = toRow([took('longhaul', 1, 2)], longhaul, size)
    expect(JSON.parse(JSON.stringify(row))).toMatchObject({ seconds: 2, ratio: null })
  })

  test('makes no contender ok that did not run', () => {
    expect(toRow([], longhaul, size)).toMatchObject({ runs: 0, failed: 0, seconds: Number.NaN, ok: false })
  })
})

import { describe, expect, test } from 'vitest'
import { figures, height, plot, type RateSample, reach, scaleFor } from '../../demo/page/rate/rate-plot.ts'

function samples(rates: readonly number[], faulty: readonly number[] = []): RateSample[] {
  return rates.map((rate, index) => ({ rate, isFaulty: faulty.includes(index) }))
}

describe('the plot of the rate', () => {
  test('has the present at its right edge, and is empty while nothing is known', () => {
    expect(plot(samples([0, 1000])).line).toBe(`M${reach - 1} ${height}L${reach} 0`)
    expect(plot([])).toMatchObject({ line: '', area: '', bands: [] })
  })

  test('reaches from edge to edge when it is full', () => {
    const { area } = plot(samples(Array.from({ length: reach }, () => 500)))
    expect(area).toMatch(/^M1 50L/)
    expect(area).toMatch(/L120 100L1 100Z$/)
  })

  test('stays within its box, whatever the rate', () => {
    for (const rate of [1, 999, 1_001, 5e6, 123_456_789]) {
      const [, y] = plot(samples([rate]))
        .line.split(' ')
        .map(Number)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(height)
    }
  })

  test('shades each period of faults once', () => {
    const { bands } = plot(samples([1, 1, 1, 1, 1], [0, 1, 3]))
    expect(bands).toEqual([
      { x: reach - 5, width: 2 },
      { x: reach - 2, width: 1 },
    ])
  })

  test.each([
    [0, 1_000],
    [1_000, 1_000],
    [1_001, 2_000],
    [4_900_000, 5_000_000],
    [5_100_000, 10_000_000],
  ])('with a maximum of %d has the scale %d', (highest, top) => {
    expect(scaleFor(highest)).toBe(top)
  })
})

test('the figures leave out seconds in which nothing moved', () => {
  expect(figures(samples([0, 10, 0, 30]))).toEqual({ now: 30, highest: 30, average: 20 })
  expect(figures([])).toEqual({ now: 0, highest: 0, average: 0 })
})

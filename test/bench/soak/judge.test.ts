import { describe, expect, test } from 'vitest'
import { bar, barsOf, type Look, tenthsOf } from '../../../bench/soak/judge.ts'

/** A hundred samples, each a second and ten parts after the last. */
function looks(of: (part: number) => Partial<Look>): readonly Look[] {
  return Array.from({ length: 101 }, (_, index) => {
    const parts = 50 + index * 10
    const flat = {
      parts,
      at: index * 1000,
      taskMs: parts * 2,
      page: 70,
      browser: 400,
      heap: 3,
      isClean: true,
    }
    return { ...flat, ...of(parts) }
  })
}

describe('a soak', () => {
  test('is divided into tenths of the parts of one life, each with its time, its CPU time and its medians', () => {
    const tenths = tenthsOf(looks(() => ({})))
    expect(tenths).toHaveLength(10)
    expect(tenths[0]).toEqual({ parts: 100, seconds: 10, taskMsPerPart: 2, page: 70, browser: 400, heap: 3 })
    expect(tenths[9]).toEqual(tenths[0])
  })

  test('counts only memory without garbage', () => {
    const tenths = tenthsOf(
      looks((parts) => (parts % 20 === 0 ? {} : { page: 900, heap: 40, isClean: false })),
    )
    expect(tenths.map(({ page, heap }) => [page, heap])).toEqual(tenths.map(() => [70, 3]))
  })

  test('has its tenths even if no sample falls on their bounds', () => {
    const uneven = [0, 7, 33, 64, 90, 100].map((parts) => ({
      parts,
      at: parts * 10,
      taskMs: parts * 3,
      page: 1,
      browser: 2,
      heap: 1,
      isClean: true,
    }))
    for (const { taskMsPerPart, seconds } of tenthsOf(uneven)) {
      expect(taskMsPerPart).toBeCloseTo(3)
      expect(seconds).toBeCloseTo(0.1)
    }
  })

  test('stays within the bars if its costs do not grow', () => {
    expect(barsOf(tenthsOf(looks(() => ({})))).map(({ value, holds }) => [value, holds])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ])
  })

  test.each([
    ['the page', (parts: number) => ({ page: 70 + parts / 50 }), [false, true, true]],
    ['the browser', (parts: number) => ({ browser: 400 + parts / 10 }), [true, false, true]],
    ['the CPU', (parts: number) => ({ taskMs: parts * 2 + parts ** 2 / 1000 }), [true, true, false]],
  ])('breaks a bar if it costs ever more %s', (_, grows, holds) => {
    expect(barsOf(tenthsOf(looks(grows))).map((one) => one.holds)).toEqual(holds)
  })

  test('breaks every bar if nothing is known about it', () => {
    expect(barsOf(tenthsOf([])).map(({ holds }) => holds)).toEqual([false, false, false])
    expect(bar('what', Number.NaN, 1).holds).toBe(false)
  })
})

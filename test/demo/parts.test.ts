import { describe, expect, test } from 'vitest'
import { PartsBoard } from '../../demo/page/parts-board.ts'
import { arrange, cellAt, heightOf } from '../../demo/page/parts-layout.ts'
import type { PartInfo } from '../../src/tracker.ts'

describe('the layout of the parts map', () => {
  test.each([1, 2, 13, 120, 999, 2_500, 10_000])(
    'has a cell for each of %d parts and keeps its width',
    (count) => {
      for (const width of [240, 328, 700, 1_100]) {
        for (const ratio of [1, 1.5, 2, 3]) {
          const grid = arrange(count, width, ratio)
          expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count)
          expect((grid.rows - 1) * grid.columns).toBeLessThan(count)
          const { x, width: last } = cellAt(grid, grid.columns - 1)
          expect(x + last).toBe(Math.floor(width * ratio))
        }
      }
    },
  )

  test('uses whole device pixels, with no empty cell and even gaps', () => {
    const grid = arrange(120, 701, 1.25)
    for (let index = 0; index < 120; index += 1) {
      const { x, y, width, height } = cellAt(grid, index)
      expect([x, y, width, height].every(Number.isInteger)).toBe(true)
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(1)
      if ((index + 1) % grid.columns !== 0) expect(cellAt(grid, index + 1).x).toBe(x + width + grid.gap)
    }
  })

  test('stays low: 10,000 parts fit a phone with little scrolling, and a few parts take one line', () => {
    expect(heightOf(arrange(10_000, 328, 1))).toBeLessThan(130)
    expect(arrange(12, 328, 1).rows).toBe(1)
  })
})

describe('the board of parts', () => {
  const part = (number: number, status: PartInfo['status']): PartInfo => ({
    number,
    offset: 0,
    size: 1,
    status,
  })

  test('counts the parts that are sending and those that are stored', () => {
    const board = new PartsBoard()
    board.reset([part(1, 'stored'), part(2, 'waiting'), part(3, 'waiting')])
    expect(board.counts).toEqual({ total: 3, sending: 0, stored: 1 })
    board.set(2, 'sending')
    board.set(2, 'sending')
    expect(board.counts).toEqual({ total: 3, sending: 1, stored: 1 })
    board.set(2, 'stored')
    expect(board.counts).toEqual({ total: 3, sending: 0, stored: 2 })
  })

  test('notifies its listeners of changes, and of nothing else', () => {
    const board = new PartsBoard()
    board.reset([part(1, 'waiting')])
    let told = 0
    const off = board.changes.subscribe(() => {
      told += 1
    })
    board.set(1, 'waiting')
    board.set(2, 'stored')
    expect(told).toBe(0)
    board.set(1, 'stored')
    expect(told).toBe(1)
    off()
    board.set(1, 'waiting')
    expect(told).toBe(1)
  })
})

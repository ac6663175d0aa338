/** Pure: places the cells of the parts map in device pixels, so that every edge is sharp. */

export type CellGrid = {
  readonly columns: number
  readonly rows: number
  /** From one cell's left edge to the next. Not a whole number, so that a full row is as wide as the map. */
  readonly pitch: number
  readonly cellHeight: number
  readonly gap: number
}

export type Cell = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/**
 * Width, height and gap of a cell in CSS pixels, the largest first. The last one is used for any larger number of
 * parts.
 */
const sizes = [
  { width: 24, height: 14, gap: 3 },
  { width: 14, height: 14, gap: 3 },
  { width: 9, height: 9, gap: 2 },
  { width: 6, height: 6, gap: 2 },
  { width: 4, height: 4, gap: 1 },
  { width: 2, height: 2, gap: 1 },
  // Half a CSS pixel is one device pixel of a phone; on other screens the gap disappears.
  { width: 1.5, height: 1.5, gap: 0.5 },
] as const

/** CSS pixels. A map that would be higher gets smaller cells. */
const maxHeight = 96

/** @param width CSS pixels. @param ratio Device pixels in one CSS pixel. */
export function arrange(count: number, width: number, ratio: number): CellGrid {
  const grids = sizes.map((size) => grid(count, width, ratio, size))
  const fitting = grids.find((one) => heightOf(one) <= maxHeight * ratio)
  return fitting ?? (grids.at(-1) as CellGrid)
}

/** Device pixels. */
export function heightOf({ rows, cellHeight, gap }: CellGrid): number {
  return Math.max(0, rows * (cellHeight + gap) - gap)
}

/** The cells of a row differ by at most one pixel. */
export function cellAt({ columns, pitch, cellHeight, gap }: CellGrid, index: number): Cell {
  const column = index % columns
  const x = Math.round(column * pitch)
  const width = Math.round((column + 1) * pitch) - gap - x
  return { x, y: Math.floor(index / columns) * (cellHeight + gap), width, height: cellHeight }
}

function grid(count: number, width: number, ratio: number, size: (typeof sizes)[number]): CellGrid {
  const gap = Math.floor(size.gap * ratio)
  const room = Math.floor(width * ratio) + gap
  const columns = Math.max(1, Math.floor(room / (Math.ceil(size.width * ratio) + gap)))
  const cellHeight = Math.ceil(size.height * ratio)
  return { columns, rows: Math.ceil(count / columns), pitch: room / columns, cellHeight, gap }
}

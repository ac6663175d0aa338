import { type PartsBoard, statuses } from './parts-board.ts'
import { arrange, type CellGrid, cellAt, heightOf } from './parts-layout.ts'

/**
 * Draws a board on a canvas, at most once a frame, until the returned undo. The canvas is as wide as its parent and as
 * high as the cells need. Its colours are the page's, so a change of theme makes it draw again.
 */
export function drawParts(canvas: HTMLCanvasElement, board: PartsBoard): () => void {
  let frame = 0
  let drawing: Drawing | undefined
  const soon = (): void => {
    frame ||= requestAnimationFrame(() => {
      frame = 0
      drawing = draw(canvas, board.cells, drawing)
    })
  }
  const anew = (): void => {
    drawing = undefined
    soon()
  }
  const resizes = new ResizeObserver(anew)
  resizes.observe(canvas.parentElement ?? canvas)
  const themes = new MutationObserver(anew)
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const off = board.changes.subscribe(soon)
  return () => {
    cancelAnimationFrame(frame)
    resizes.disconnect()
    themes.disconnect()
    off()
  }
}

/** What is on the canvas, so that only changed cells are drawn again. */
type Drawing = { readonly grid: CellGrid; readonly colors: readonly string[]; readonly cells: Uint8Array }

/** No status of a part, so that such a cell is always drawn. */
const empty = 255

/** @returns `undefined` if nothing could be drawn, because the canvas has no room yet. */
function draw(canvas: HTMLCanvasElement, cells: Uint8Array, before?: Drawing): Drawing | undefined {
  const context = canvas.getContext('2d')
  const drawing = before?.cells.length === cells.length ? before : begin(canvas, cells.length)
  if (context === null || drawing === undefined) return undefined
  for (const [index, status] of cells.entries()) {
    if (drawing.cells[index] === status) continue
    const { x, y, width, height } = cellAt(drawing.grid, index)
    context.fillStyle = drawing.colors[status] ?? ''
    context.fillRect(x, y, width, height)
    drawing.cells[index] = status
  }
  return drawing
}

function begin(canvas: HTMLCanvasElement, count: number): Drawing | undefined {
  const width = canvas.parentElement?.clientWidth ?? 0
  if (width === 0) return undefined
  const ratio = window.devicePixelRatio
  const grid = arrange(count, width, ratio)
  // Setting its size also clears it.
  canvas.width = Math.floor(width * ratio)
  canvas.height = heightOf(grid)
  canvas.style.width = `${canvas.width / ratio}px`
  canvas.style.height = `${canvas.height / ratio}px`
  return { grid, colors: colorsOf(canvas), cells: new Uint8Array(count).fill(empty) }
}

/** By status, from the style sheet's `--part-waiting`, `--part-sending` and `--part-stored`. */
function colorsOf(canvas: HTMLCanvasElement): readonly string[] {
  const style = getComputedStyle(canvas)
  return statuses.map((status) => style.getPropertyValue(`--part-${status}`))
}

/** Pure: the line of the rate in a box that is `reach` wide and 100 high, with the present at its right edge. */

export type RateSample = {
  /** Bytes a second. */
  readonly rate: number
  /** Whether a fault was on. */
  readonly isFaulty: boolean
}

export type RatePlot = {
  /** SVG paths of the line and of the area below it. Empty without samples. */
  readonly line: string
  readonly area: string
  /** The stretches during which a fault was on. */
  readonly bands: readonly { readonly x: number; readonly width: number }[]
  /** Bytes a second at the upper edge. */
  readonly top: number
}

export type RateFigures = { readonly now: number; readonly highest: number; readonly average: number }

/** The number of samples: two minutes, one a second. */
export const reach = 120
export const height = 100

export function plot(samples: readonly RateSample[]): RatePlot {
  const top = scaleFor(Math.max(0, ...samples.map(({ rate }) => rate)))
  const start = reach - samples.length
  const points = samples.map(({ rate }, index) => `${start + index + 1} ${round(height * (1 - rate / top))}`)
  const line = points.length === 0 ? '' : `M${points.join('L')}`
  const area = points.length === 0 ? '' : `${line}L${reach} ${height}L${start + 1} ${height}Z`
  return { line, area, bands: bandsOf(samples, start), top }
}

/** The average counts only the seconds in which something moved. */
export function figures(samples: readonly RateSample[]): RateFigures {
  const moving = samples.map(({ rate }) => rate).filter((rate) => rate > 0)
  const sum = moving.reduce((total, rate) => total + rate, 0)
  return {
    now: samples.at(-1)?.rate ?? 0,
    highest: Math.max(0, ...moving),
    average: moving.length === 0 ? 0 : sum / moving.length,
  }
}

/** The next 1, 2 or 5 times a power of ten, so that the scale stands still while the rate moves. At least 1 kB/s. */
export function scaleFor(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1_000, highest)))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= highest) ?? highest
}

function bandsOf(samples: readonly RateSample[], start: number): RatePlot['bands'] {
  const bands: { x: number; width: number }[] = []
  for (const [index, { isFaulty }] of samples.entries()) {
    if (!isFaulty) continue
    const last = bands.at(-1)
    const x = start + index
    if (last !== undefined && last.x + last.width === x) last.width += 1
    else bands.push({ x, width: 1 })
  }
  return bands
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

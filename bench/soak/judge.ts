/** Pure: judges whether an upload costs the page more the longer it lasts. */

/** The figures at one moment of a browser's life. */
export type Look = {
  /** Parts that the store has by then. */
  readonly parts: number
  /** Milliseconds since the life began. */
  readonly at: number
  /**
   * Milliseconds of CPU time of the page's main thread since the page began, without the garbage collections for the
   * looks.
   */
  readonly taskMs: number
  /** Bytes of the page's process. */
  readonly page: number
  /** Bytes of all processes of the browser. */
  readonly browser: number
  /** Bytes of the page's script heap. */
  readonly heap: number
  /** Whether garbage was collected just before: memory that nothing holds any more is no growth. */
  readonly isClean: boolean
}

/** A tenth of the parts that one life has sent. */
export type Tenth = {
  readonly parts: number
  readonly seconds: number
  readonly taskMsPerPart: number
  /** Bytes without garbage, medians. */
  readonly page: number
  readonly browser: number
  readonly heap: number
}

export type Bar = {
  readonly what: string
  readonly value: number
  readonly atMost: number
  readonly holds: boolean
}

/**
 * More than this is growth; less is chance. The CPU time of the same work differs by 15 % between neighbouring tenths.
 */
const flat = { memory: 1.1, cpu: 1.2 } as const

/** @returns Ten tenths, or none without a look. */
export function tenthsOf(looks: readonly Look[]): readonly Tenth[] {
  const [first, last] = [looks[0], looks.at(-1)]
  if (first === undefined || last === undefined) return []
  const step = (last.parts - first.parts) / 10
  return Array.from({ length: 10 }, (_, index) => {
    const [from, to] = [first.parts + index * step, first.parts + (index + 1) * step]
    const during = looks.filter(({ parts, isClean }) => isClean && parts >= from && parts <= to)
    const spent = (value: (look: Look) => number): number =>
      valueAt(looks, to, value) - valueAt(looks, from, value)
    return {
      parts: step,
      seconds: spent(({ at }) => at) / 1000,
      taskMsPerPart: spent(({ taskMs }) => taskMs) / step,
      page: median(during.map(({ page }) => page)),
      browser: median(during.map(({ browser }) => browser)),
      heap: median(during.map(({ heap }) => heap)),
    }
  })
}

/** Compares the last tenth with the second: in the first, everything is still filling up. */
export function barsOf(tenths: readonly Tenth[]): readonly Bar[] {
  const ratio = (value: (tenth: Tenth) => number): number => {
    const [second, last] = [tenths[1], tenths[9]]
    return second === undefined || last === undefined ? Number.NaN : value(last) / value(second)
  }
  return [
    bar(
      "memory of the page's process, last tenth against second",
      ratio(({ page }) => page),
      flat.memory,
    ),
    bar(
      'memory of the browser, last tenth against second',
      ratio(({ browser }) => browser),
      flat.memory,
    ),
    bar(
      'main-thread CPU a part, last tenth against second',
      ratio(({ taskMsPerPart }) => taskMsPerPart),
      flat.cpu,
    ),
  ]
}

/** A value that is no number does not hold. */
export function bar(what: string, value: number, atMost: number): Bar {
  return { what, value, atMost, holds: value <= atMost }
}

/** Interpolates between two looks, in proportion to the parts. */
function valueAt(looks: readonly Look[], parts: number, value: (look: Look) => number): number {
  const after = looks.findIndex((look) => look.parts >= parts)
  const [before, next] = [looks[after - 1], looks[after]]
  if (next === undefined) return Number.NaN
  if (before === undefined || next.parts === before.parts) return value(next)
  const share = (parts - before.parts) / (next.parts - before.parts)
  return value(before) + share * (value(next) - value(before))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

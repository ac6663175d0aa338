/**
 * Pure: computes the cost of one part, and of one file without its parts, from the costs of uploads of several shapes.
 */

export type Costs = {
  /** Requests to the application's server, and the bytes of their bodies. */
  readonly controlCalls: number
  readonly sentJson: number
  readonly answeredJson: number
  /** Requests to the storage. */
  readonly puts: number
  readonly preflights: number
  /** Of IndexedDB. For puts also the bytes, as JSON. */
  readonly transactions: number
  readonly records: number
  readonly recordBytes: number
  /** Milliseconds of CPU time of the page's main thread. */
  readonly mainThread: number
}

export const columns: readonly (keyof Costs)[] = [
  'controlCalls',
  'sentJson',
  'answeredJson',
  'puts',
  'preflights',
  'transactions',
  'records',
  'recordBytes',
  'mainThread',
]

/** From two uploads of one file each: the cost of the parts that one has more than the other. */
export function ofPart(few: Costs, many: Costs, more: number): Costs {
  return each((column) => (many[column] - few[column]) / more)
}

/** From an upload of many files of one part: the cost of a file without its part. */
export function ofFile(all: Costs, files: number, part: Costs): Costs {
  return each((column) => Math.max(0, all[column] / files - part[column]))
}

/** The median of each figure. */
export function medians(all: readonly Costs[]): Costs {
  const middle = Math.floor(all.length / 2)
  return each((column) => all.map((costs) => costs[column]).sort((a, b) => a - b)[middle] ?? Number.NaN)
}

function each(value: (column: keyof Costs) => number): Costs {
  return Object.fromEntries(columns.map((column) => [column, value(column)])) as Costs
}

/** Pure: parses `bytes 0-524287/2000000`, in which all numbers are inclusive. */
export type ContentRange = { readonly from: number; readonly to: number; readonly total: number }

/** @returns `undefined` if it is no such header. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '') ?? []
  const range = { from: Number(from), to: Number(to), total: Number(total) }
  return range.from <= range.to && range.to < range.total ? range : undefined
}

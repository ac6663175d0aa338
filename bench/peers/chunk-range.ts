/** Pure: `bytes 0-524287/2000000`, all inclusive. */
export type ContentRange = { readonly from: number; readonly to: number; readonly total: number }

/** @returns `undefined` for what is none. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '') ?? []
  const range = { from: Number(from), to: Number(to), total: Number(total) }
  return range.from <= range.to && range.to < range.total ? range : undefined
}

import { s3Error } from './s3-error.ts'

/** A range of an object's bytes, without `end`. */
export type ByteRange = { readonly start: number; readonly end: number }

/**
 * The single range that a Range header asks for. If the header cannot be read, or asks for several ranges, the answer
 * is everything (RFC 9110, 14.2: a server may ignore it).
 */
export function requestedRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') return lastBytes(Number(last), size)
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= size) throw unsatisfiable(header ?? '', size)
  return { start: Number(first), end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

function lastBytes(count: number, size: number): ByteRange {
  if (count === 0 || size === 0) throw unsatisfiable(`bytes=-${count}`, size)
  return { start: Math.max(0, size - count), end: size }
}

function unsatisfiable(range: string, size: number): Error {
  return s3Error('InvalidRange', undefined, { RangeRequested: range, ActualObjectSize: String(size) })
}

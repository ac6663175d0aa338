import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { ObjectHeaders } from '../storage/records.ts'

/** The headers that are kept from the request that made the object, by the names in its answers. */
const kept: Readonly<Record<string, string>> = {
  'content-type': 'Content-Type',
  'cache-control': 'Cache-Control',
  'content-disposition': 'Content-Disposition',
  'content-encoding': 'Content-Encoding',
  'content-language': 'Content-Language',
  expires: 'Expires',
}

export function headersToStore({ headers }: S3Request): ObjectHeaders {
  const named = Object.entries(headers).flatMap(([name, value]) => {
    const storedAs = kept[name] ?? (name.startsWith('x-amz-meta-') ? name : undefined)
    const stored = name === 'content-encoding' ? withoutFraming(value) : value
    return storedAs && stored !== '' ? [[storedAs, stored] as const] : []
  })
  return { 'Content-Type': 'binary/octet-stream', ...Object.fromEntries(named) }
}

/** GetObject's response-content-disposition and similar parameters. */
export function overriddenHeaders(query: ReadonlyMap<string, string>): ObjectHeaders {
  const overrides = Object.entries(kept).flatMap(([name, storedAs]) => {
    const value = query.get(`response-${name}`)
    return value === undefined ? [] : [[storedAs, representable(value)] as const]
  })
  return Object.fromEntries(overrides)
}

function representable(value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  throw s3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.')
}

/** aws-chunked describes how the body arrived, not what the object is. */
function withoutFraming(encoding: string): string {
  return encoding
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== 'aws-chunked')
    .join(', ')
}

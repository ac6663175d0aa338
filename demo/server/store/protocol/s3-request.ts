import type { IncomingMessage } from 'node:http'
import { operationOf, type RequestKind } from './operation.ts'
import { type S3Error, s3Error } from './s3-error.ts'

/** A request as S3 understands it. */
export type S3Request = {
  readonly method: string
  readonly kind: RequestKind
  /** Decoded, with its leading slash. */
  readonly path: string
  readonly bucket: string
  /** Decoded; empty if the request is about a bucket. */
  readonly key: string
  /** Decoded, in their order. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly query: ReadonlyMap<string, string>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Why it cannot be served, whoever signed it. */
  readonly refusal: S3Error | undefined
}

const methods: readonly string[] = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS']
const longestKey = 1024

/** Never throws: the result contains what is wrong with the request, so that it can be logged. */
export function parseS3Request(message: IncomingMessage): S3Request {
  const { method = '', url = '/' } = message
  const headers = joinedHeaders(message)
  const [rawPath = '/', rawQuery = ''] = splitOnce(url, '?')
  try {
    return understood(method, headers, decodeURIComponent(rawPath), parseQuery(rawQuery))
  } catch {
    const refusal = s3Error('InvalidURI')
    return { ...understood(method, headers, '/', []), kind: 'Unknown', refusal }
  }
}

function understood(
  method: string,
  headers: S3Request['headers'],
  path: string,
  parameters: S3Request['parameters'],
): S3Request {
  const [bucket = '', key = ''] = splitOnce(path.slice(1), '/')
  const query = new Map(parameters.toReversed())
  const operation = operationOf(method, key, query)
  const kind: RequestKind = method === 'OPTIONS' ? 'Preflight' : (operation ?? 'Unknown')
  const request = { method, kind, path, bucket, key, parameters, query, headers }
  return { ...request, refusal: refusalOf(request) }
}

function refusalOf({ method, kind, key, headers }: Omit<S3Request, 'refusal'>): S3Error | undefined {
  if (!methods.includes(method)) return s3Error('MethodNotAllowed')
  if (kind === 'Unknown') return s3Error('NotImplemented')
  if (headers['x-amz-copy-source'] !== undefined) return s3Error('NotImplemented')
  if (Buffer.byteLength(key) > longestKey) return s3Error('KeyTooLongError')
  return undefined
}

/** A plus stays a plus: the SDKs send a space as %20, and sign it like that. */
function parseQuery(query: string): (readonly [string, string])[] {
  const pairs = query.split('&').filter((pair) => pair !== '')
  return pairs.map((pair) => {
    const [name = '', value = ''] = splitOnce(pair, '=')
    return [decodeURIComponent(name), decodeURIComponent(value)]
  })
}

function splitOnce(whole: string, separator: string): readonly string[] {
  const at = whole.indexOf(separator)
  return at === -1 ? [whole] : [whole.slice(0, at), whole.slice(at + 1)]
}

function joinedHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(message.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')] as const,
  )
  return Object.fromEntries(pairs)
}

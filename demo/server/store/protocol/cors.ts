import type { Settings } from '../settings.ts'
import { s3Error } from './s3-error.ts'
import type { S3Request } from './s3-request.ts'

type CorsSettings = Pick<Settings, 'allowedOrigins' | 'exposeHeaders'>

const allowedMethods = 'GET, PUT, POST, DELETE, HEAD'
const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

/** The CORS headers of an answer; none if the request is no page's, or if the page may not read the answer. */
export function corsHeaders(settings: CorsSettings, request: S3Request): Readonly<Record<string, string>> {
  const allowed = allowedOrigin(settings, request)
  if (allowed === undefined) return {}
  return {
    'Access-Control-Allow-Origin': allowed,
    'Access-Control-Allow-Methods': allowedMethods,
    ...(settings.exposeHeaders.length > 0 && {
      'Access-Control-Expose-Headers': settings.exposeHeaders.join(', '),
    }),
    Vary: vary,
  }
}

/** A preflight's further headers, besides `corsHeaders`. Preflights carry no signature. */
export function preflightHeaders(
  settings: CorsSettings,
  request: S3Request,
): Readonly<Record<string, string>> {
  if (request.headers['origin'] === undefined) throw s3Error('BadRequest')
  const method = request.headers['access-control-request-method'] ?? ''
  const forbidden = allowedOrigin(settings, request) === undefined
  if (forbidden || !allowedMethods.split(', ').includes(method)) throw s3Error('AccessForbidden')
  const headers = request.headers['access-control-request-headers']
  return {
    'Access-Control-Max-Age': '3000',
    ...(headers !== undefined && { 'Access-Control-Allow-Headers': headers }),
  }
}

function allowedOrigin({ allowedOrigins }: CorsSettings, { headers }: S3Request): string | undefined {
  const origin = headers['origin']
  if (origin === undefined) return undefined
  if (allowedOrigins.includes('*')) return '*'
  return allowedOrigins.includes(origin) ? origin : undefined
}

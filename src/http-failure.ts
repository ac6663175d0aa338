/** What an answer that is not 2xx says: its code, its words, and when to come back. */
import { HttpError } from './errors.ts'

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * @param endpoint What was asked, for the message.
 * @param date Now, in milliseconds since 1970: Retry-After may be a date.
 */
export function httpFailure(endpoint: string, answer: Answer, date: number): HttpError {
  return new HttpError({
    endpoint,
    status: answer.status,
    ...read(answer.body),
    retryAfter: parseRetryAfter(answer.headers['retry-after'], date),
    date: parseDate(answer.headers['date']),
  })
}

/** The error that the body of a 2xx holds: S3's XML, or JSON with an `error` or `success: false`; else `undefined`. */
export function errorInside(endpoint: string, body: string): HttpError | undefined {
  if (!/<Error[\s>]/.test(body) && !isJsonError(body)) return undefined
  return new HttpError({ endpoint, status: 200, ...read(body), retryAfter: undefined })
}

function isJsonError(body: string): boolean {
  const json = parse(body)
  return isRecord(json) && (json['success'] === false || Boolean(json['error']))
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function parseDate(value: string | undefined): number | undefined {
  const at = Date.parse(value ?? '')
  return Number.isNaN(at) ? undefined : at
}

type Said = { readonly serviceCode: string | undefined; readonly detail: string }

/** S3's XML, the usual forms of JSON, or the beginning of whatever it is. */
function read(body: string): Said {
  const xmlCode = /<Code>([^<]*)<\/Code>/.exec(body)?.[1]
  if (xmlCode !== undefined)
    return { serviceCode: xmlCode, detail: /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? '' }
  return readJson(body) ?? { serviceCode: undefined, detail: body.slice(0, 200).trim() }
}

function readJson(body: string): Said | undefined {
  const json = parse(body)
  const said = isRecord(json) && isRecord(json['error']) ? json['error'] : json
  if (!isRecord(said)) return undefined
  const detail = [said['message'], said['error'], said['detail']].find((text) => typeof text === 'string')
  return {
    serviceCode: typeof said['code'] === 'string' ? said['code'] : undefined,
    detail: typeof detail === 'string' ? detail.slice(0, 200) : '',
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/**
 * Retry-After in both its forms, seconds and date (RFC 9110 section 10.2.3), as milliseconds from now; `undefined`
 * where it is missing or makes no sense.
 *
 * @param date Now, in milliseconds since 1970.
 */
export function parseRetryAfter(value: string | undefined, date: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - date)
}

/** Reads what an answer says of a failure: its code, its message, and when to come back. */
import { HttpError, type HttpErrorDetails } from './errors.ts'
import type { ApiResponse, PartResponse, Refusal, RefusalMeaning } from './ports.ts'

/**
 * @param endpoint What was asked, for the message.
 * @param date Now, in milliseconds since 1970: Retry-After may be a date.
 * @param known Overrides what the status implies.
 */
export function httpFailure(
  endpoint: string,
  answer: ApiResponse | PartResponse,
  date: number,
  known: Pick<HttpErrorDetails, 'retryable'> = {},
): HttpError {
  const { retryAfter, ...said } = read(answer.body)
  const shown = parseDate(answer.headers['date'])
  return new HttpError({
    endpoint,
    status: answer.status,
    ...said,
    // By the server's own clock if the answer shows it: this machine's may be off by hours.
    retryAfter: parseRetryAfter(answer.headers['retry-after'] ?? retryAfter, shown ?? date),
    date: shown,
    ...known,
  })
}

/** The error inside the body of a 2xx: S3's XML, or JSON that says so in one of the usual fields; else `undefined`. */
export function errorInside(endpoint: string, body: string): HttpError | undefined {
  const json = parse(body)
  const { success, ok, status, statusCode, error, errors, errorType, errorMessage } = isRecord(json)
    ? json
    : {}
  // API Gateway may answer 200 for a Lambda function that has thrown or timed out, or pass on the function's answer
  // without unwrapping it. Next to other fields, `errorMessage` may well be "success", and `statusCode` a code of the
  // application's own.
  const hasThrown = errorMessage && (errorType || Object.keys(Object(json)).length === 1)
  const inner = hasThrown ? 500 : Number(statusCode)
  // JSON is not searched for the tag: a file that it mentions may be named like it.
  const isError = isRecord(json)
    ? (inner >= 400 && inner < 600) ||
      success === false ||
      ok === false ||
      status === 'error' ||
      [error, ...list(errors)].flat().some(Boolean)
    : /<Error[\s>]/.test(body)
  if (!isError) return undefined
  const said = read(body)
  const detail = said.detail || body.slice(0, 200)
  const known = inner >= 500 && { retryable: true }
  return new HttpError({ endpoint, status: 200, ...said, detail, retryAfter: undefined, ...known })
}

/**
 * Many servers answer with a page to every unknown path and to anyone not signed in. So do service workers without a
 * network.
 */
export function isPage(body: string): boolean {
  return pages.test(body.slice(0, 9_999))
}

/**
 * Matches fragments too: captive portals send them in place of any page, and PHP with a 200 for an error that ended it.
 * XML may have a `<meta>` farther in.
 */
const pages = /^(\s|<\?[^>]*>|<!--((?!-->)[\s\S])*-->)*<(!doctype\s+html|html|head|meta|script|body|br)\b/i

/**
 * Whether someone other than the storage says that a part is stored, such as a sign-in page, or a service worker
 * without a network. If no ETag is needed, nothing else would tell. A 201 is the storage's own: Apache says so in HTML.
 */
export function isForeign({ status, body }: PartResponse): boolean {
  return status === 200 && isPage(body)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function parseDate(value: string | undefined): number | undefined {
  return Date.parse(value ?? '') || undefined
}

type Said = {
  readonly serviceCode: string | undefined
  readonly detail: string
  /** In the form of the Retry-After header. */
  readonly retryAfter?: string | undefined
  readonly isVague?: boolean
}

/** Reads S3's XML, the usual forms of JSON, or any text, and keeps no more than a message should hold. */
function read(body: string): Said {
  const said = readXml(body) ??
    readJson(body) ?? { serviceCode: undefined, detail: body.trim(), isVague: parse(body) === undefined }
  const { serviceCode, detail } = said
  return { ...said, serviceCode: serviceCode?.slice(0, 200), detail: detail.slice(0, 200) }
}

function readXml(body: string): Said | undefined {
  const serviceCode = /<Code>([^<]*)<\/Code>/.exec(body)?.[1]
  if (serviceCode === undefined) return undefined
  return { serviceCode, detail: /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? '' }
}

/** Reads `{ code, message }`, the same below `error`, the first of a list of `errors`, or an `error` that is a text. */
function readJson(body: string): Said | undefined {
  const json = parse(body)
  if (!isRecord(json)) return undefined
  const said = [[json['error']].flat()[0], list(json['errors'])[0], json].find(isRecord) ?? json
  // GraphQL has the code in `extensions`, a Lambda function that has thrown in `errorType`.
  const { code: one, error_code, errorType, extensions, error } = said
  const code = [one, error_code, errorType, Object(extensions).code, codeIn(error)].find(isText)
  // Next to a detail, `error` is only its heading. If there are several errors, all of them are told.
  const texts = [
    errorsOf(json['errors']),
    list(json['issues']),
    said['message'],
    said['errorMessage'],
    said['detail'],
    said['error'],
    said['errors'],
    said['title'],
  ]
  const detail = texts.map(words).find(isText)
  const { retry_after: seconds } = isRecord(said['details']) ? said['details'] : {}
  const retryAfter = isPlain(seconds) ? String(seconds) : undefined
  return { serviceCode: code, detail: detail ?? '', retryAfter }
}

/** A word such as NOT_FOUND or file/not-found is a code; a sentence is not. */
function codeIn(error: unknown): string | undefined {
  return typeof error === 'string' && /^[A-Za-z0-9]+[_/][\w/-]+$|^[A-Z]{3,}$/.test(error) ? error : undefined
}

/** A text, or a list of texts or of objects with a message. If an object names its field, the field is told too. */
function words(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value
  return list(value).map(sentence).filter(isText).join('; ') || undefined
}

/** A list of errors, or lists of texts by field, as in Rails, Laravel and ASP.NET. */
function errorsOf(errors: unknown): readonly unknown[] {
  if (!isRecord(errors) || Array.isArray(errors)) return list(errors)
  return Object.entries(errors).flatMap(([field, texts]) =>
    list(texts).map((message) => ({ path: [field], message })),
  )
}

function sentence(one: unknown): unknown {
  if (!isRecord(one)) return one
  const said = one['message'] ?? one['msg']
  const field = list(one['loc'] ?? one['path'])
    .filter(isPlain)
    .join('.')
  return field !== '' && isText(said) ? `${field}: ${said}` : said
}

/** An object from JSON may have a `toString` of its own that is no function, so only texts and numbers are printed. */
function isPlain(value: unknown): value is string | number {
  return isText(value) || typeof value === 'number'
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/**
 * Retry-After in both its forms, seconds and date (RFC 9110 section 10.2.3), as milliseconds from now; `undefined` if
 * it is missing or makes no sense.
 *
 * @param date Now, in milliseconds since 1970.
 */
export function parseRetryAfter(value: string | undefined, date: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000
  // Engines parse any number as a date.
  const at = value.includes(':') && parseDate(value)
  return at ? Math.max(0, at - date) : undefined
}

/**
 * Whether the bytes are not the ones that a header describes (MinIO: XAmzContentChecksumMismatch): they were changed on
 * the way.
 */
export function saysDamaged(serviceCode: string | undefined): boolean {
  return /BadDigest|(Checksum|SHA256)Mismatch/.test(serviceCode ?? '')
}

/**
 * S3 answers 403 for an expired URL and 400 for an expired token; R2 answers 400 for both (ExpiredRequest). An unknown
 * upload is a 404 (NoSuchUpload; with Ceph also NoSuchKey). A 401 comes from the application's own server, whose
 * headers are fetched again with the target.
 */
export function meaningToS3({ status, serviceCode = '' }: Refusal): RefusalMeaning | undefined {
  if (status === 404) return 'session-lost'
  // The body came incomplete (S3: IncompleteBody, R2: ClientDisconnect), or S3 has deleted the key meanwhile
  // (ConditionalRequestConflict, which when completing means that everything has to start over).
  if (saysDamaged(serviceCode) || /IncompleteBody|Disconnect|RequestConflict/.test(serviceCode))
    return 'try-again'
  const isExpired = status === 401 || status === 403 || (status === 400 && /Expired|Skewed/.test(serviceCode))
  return isExpired ? 'target-expired' : undefined
}

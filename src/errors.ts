/**
 * The errors that an upload can end with. Two kinds are not among them: TypeError and RangeError for misuse, which are
 * thrown at once, and the abort reason of an application's own signal.
 */

/** The kind of an `UploadError`, as a literal to switch on. docs/errors.md explains every code and what to do about it. */
export type UploadErrorCode =
  | 'network'
  | 'stalled'
  | 'http'
  | 'throttled'
  | 'unauthorized'
  | 'backend'
  | 'url-expired'
  | 'etag-hidden'
  | 'cors'
  | 'session-lost'
  | 'unsure'
  | 'corrupted'
  | 'file-unreadable'
  | 'file-changed'
  | 'too-large'
  | 'too-many'
  | 'not-accepted'
  | 'in-use'
  | 'cancelled'
  | 'unexpected'

const help: Readonly<Record<UploadErrorCode, string>> = {
  network: 'Check the connection, then resume the upload.',
  stalled: 'Check the connection, then resume the upload.',
  http: 'Look at the status and at what the server said.',
  throttled: 'The server is busy: resume the upload later.',
  unauthorized: 'Sign in again, then resume the upload.',
  backend: "The server's answer breaks its contract: fix the server, or whatever answered instead.",
  'url-expired': "Check the server's clock, its keys' permissions and its URLs' lifetime.",
  'etag-hidden': "Add ETag to ExposeHeaders in the bucket's CORS rule.",
  cors: "Allow this page's origin, method and headers in the bucket's CORS rule.",
  'session-lost': 'Resume the upload: it starts again from the beginning.',
  unsure: 'Check whether the file is stored. If not, restart() sends it again.',
  corrupted:
    'The storage, or something on the way to it, changes bytes. Resume the upload, or find the cause.',
  'file-unreadable': 'Pick the file again.',
  'file-changed': 'Pick the original file, or restart() to send this one.',
  'too-large': 'Choose a smaller file.',
  'too-many': 'Choose fewer files.',
  'not-accepted': 'Choose a file of another type.',
  'in-use': 'Close the other tab, cancel the upload, or wait until it ends.',
  cancelled: 'Nothing to do: it was cancelled on request.',
  unexpected: 'Look at the cause.',
}

/**
 * The base class of all upload errors, with what they have in common. Errors with the code `too-many`, `not-accepted`,
 * `in-use` or `unexpected` are of this class itself. `UploadError` is the type of all of them.
 */
export class AnyUploadError<
  Code extends UploadErrorCode = 'too-many' | 'not-accepted' | 'in-use' | 'unexpected',
> extends Error {
  /** The name of the error's class, also in minified code. `AbortError` for a cancelled upload. */
  override readonly name: string = 'UploadError'
  /** The kind of the error, as a literal to switch on. */
  readonly code: Code
  /** Whether resuming may succeed although nothing else is changed. */
  readonly retryable: boolean

  constructor(code: Code, message: string, options: ErrorOptions & { retryable?: boolean | undefined } = {}) {
    super(message, options)
    this.code = code
    this.retryable = options.retryable ?? false
  }

  /** One English sentence for the developer or the user that says what to do about the error. */
  get help(): string {
    return help[this.code]
  }
}

/**
 * The error that a failed upload ends with. A check of `code` narrows the type to one class and its fields.
 *
 * @example
 * ```ts
 * if (error instanceof UploadError && error.code === 'http') console.warn(error.endpoint, error.status)
 * ```
 */
export type UploadError =
  | AnyUploadError
  | BackendError
  | CancelledError
  | CorruptedError
  | CorsError
  | EtagHiddenError
  | FileChangedError
  | FileUnreadableError
  | HttpError
  | NetworkError
  | SessionLostError
  | StalledError
  | TooLargeError
  | UnsureError
  | UrlExpiredError

/** The base class of all upload errors, for `instanceof`. */
export const UploadError: {
  readonly prototype: UploadError
  /** Makes an error without further fields. Codes with further fields have classes of their own. */
  new <Code extends UploadErrorCode = AnyUploadError['code']>(
    code: Code,
    message: string,
    options?: ErrorOptions & { retryable?: boolean | undefined },
  ): AnyUploadError<Code>
} = AnyUploadError

/** No answer came: the connection was refused, cut or timed out, or CORS hid the answer. */
export class NetworkError extends AnyUploadError<'network' | 'stalled'> {
  override readonly name: string = 'NetworkError'

  constructor(message: string, options: ErrorOptions & { code?: 'network' | 'stalled' } = {}) {
    super(options.code ?? 'network', message, { ...options, retryable: true })
  }
}

/** The request was cut because no byte of it moved, or no answer came, for too long (`UploaderOptions.stall`). */
export class StalledError extends NetworkError {
  override readonly name = 'StalledError'
  declare readonly code: 'stalled'

  constructor(message: string) {
    super(message, { code: 'stalled' })
  }
}

/** A request failed while the browser said that there was no network. Internal: it pauses the upload. */
export class OfflineError extends NetworkError {
  override readonly name = 'OfflineError'
}

/** The argument of `new HttpError`. */
export type HttpErrorDetails = {
  /** The request that was answered: an endpoint's name, or `part 3`. */
  readonly endpoint: string
  /** The HTTP status, or the status inside the body of a 2xx. */
  readonly status: number
  /** The server's own code, such as S3's `NoSuchUpload`, if it gave one. */
  readonly serviceCode: string | undefined
  /** The server's words. The message has them without the queries of URLs. */
  readonly detail: string
  /** How long the server asked to wait, in milliseconds (Retry-After, RFC 9110 section 10.2.3). */
  readonly retryAfter?: number | undefined
  /** The server's clock, in milliseconds since 1970, if CORS lets the page see it. */
  readonly date?: number | undefined
  /** Whether the same request may succeed later. @default derived from status and code */
  readonly retryable?: boolean
  /** Whether the answer is neither JSON nor the XML of S3. @default false */
  readonly isVague?: boolean
}

/**
 * The server or the storage answered with a status that is not 2xx, or with an error inside a 2xx. `code` is `throttled`
 * if the answer asks for fewer requests (429, SlowDown, MinIO's SlowDownRead and SlowDownWrite, or 503 with Retry-After),
 * `unauthorized` for 401, and else `http`.
 *
 * @example
 * ```ts
 * import { HttpError } from 'longhaul'
 *
 * // In your own endpoint function: a 404 means that the server does not know the upload.
 * throw new HttpError({ endpoint: 'complete', status: 404, serviceCode: 'NoSuchUpload', detail: '' })
 * ```
 */
export class HttpError extends AnyUploadError<'http' | 'throttled' | 'unauthorized'> {
  override readonly name = 'HttpError'
  /** The request that was answered: an endpoint's name, or `part 3`. */
  readonly endpoint: string
  /** The HTTP status, or the status inside the body of a 2xx. */
  readonly status: number
  /** The server's own code, such as S3's `NoSuchUpload`, if it gave one. */
  readonly serviceCode: string | undefined
  /** How long the server asked to wait, in milliseconds, if it did (Retry-After, RFC 9110 section 10.2.3). */
  readonly retryAfter: number | undefined
  /** The server's clock, in milliseconds since 1970, if CORS lets the page see it. */
  readonly date: number | undefined
  /**
   * Whether the answer is neither JSON nor the XML of S3. It may then come from something between the page and the
   * server, such as a proxy that answers 404 while the server is replaced.
   */
  readonly isVague: boolean

  constructor(details: HttpErrorDetails) {
    const said = [details.serviceCode, details.detail].filter(Boolean).join(': ').replace(queries, '')
    super(codeOf(details), `${details.endpoint} answered ${details.status}${said ? ` (${said})` : ''}`, {
      retryable: details.retryable ?? saysRetryable(details),
    })
    this.endpoint = details.endpoint
    this.status = details.status
    this.serviceCode = details.serviceCode
    this.retryAfter = details.retryAfter
    this.date = details.date
    this.isVague = details.isVague ?? false
  }
}

/** The argument of `new BackendError`. */
export type BackendErrorDetails = {
  /** The name of the endpoint that gave the answer. */
  readonly endpoint: string
  /** The field of the answer that is wrong, such as `partSize`, or `body` for the whole body. */
  readonly field: string
  /** The value that the contract asks for, in words. */
  readonly expected: string
  /** The value that came. The message shows it shortened. */
  readonly received: unknown
  /** Whether something between the page and the server may have answered, and another attempt may succeed. @default false */
  readonly retryable?: boolean
}

/**
 * The server answered 2xx with something that its contract does not allow. If `retryable`, something between the page and
 * the server may have answered in its place.
 */
export class BackendError extends AnyUploadError<'backend'> {
  override readonly name = 'BackendError'
  /** The name of the endpoint that gave the answer. */
  readonly endpoint: string
  /** The field of the answer that is wrong, such as `partSize`, or `body` for the whole body. */
  readonly field: string
  /** The value that the contract asks for, in words. */
  readonly expected: string

  constructor(details: BackendErrorDetails) {
    super(
      'backend',
      `${details.endpoint}: expected \`${details.field}\` to be ${details.expected}, got ${inWords(details.received)}`,
      details,
    )
    this.endpoint = details.endpoint
    this.field = details.field
    this.expected = details.expected
  }
}

/** The storage refused every URL that was signed for a part, however often it was signed again. */
export class UrlExpiredError extends AnyUploadError<'url-expired'> {
  override readonly name = 'UrlExpiredError'

  /** How far the storage's clock is ahead of this machine's, in milliseconds, if CORS lets the page see the storage's. */
  readonly clockSkew: number | undefined

  constructor(part: number, options: ErrorOptions & { clockSkew?: number | undefined }) {
    const { cause, clockSkew: skew } = options
    super(
      'url-expired',
      `part ${part}: the storage refused every URL that was signed for it${said(cause)}${inSeconds(skew)}`,
      { ...options, retryable: true },
    )
    this.clockSkew = skew
  }
}

/** The CORS rule that is most often missing, with the page's own origin, to paste. */
export const corsRule = (): string => `[
  {
    "AllowedOrigins": ["${globalThis.origin ?? 'https://your-app.example'}"],
    "AllowedMethods": ["PUT"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3000
  }
]`

/** The storage can be reached, but CORS keeps the page from sending parts there. The message has a CORS rule to paste. */
export class CorsError extends AnyUploadError<'cors'> {
  override readonly name = 'CorsError'

  /** @param host The host of the storage. */
  constructor(host: string, options: ErrorOptions = {}) {
    super(
      'cors',
      `${host} can be reached, but the browser is not allowed to send parts there. A CORS rule that works:\n${corsRule()}`,
      options,
    )
  }
}

/** The storage stored a part, but the page cannot read the answer's ETag. The message has a CORS rule to paste. */
export class EtagHiddenError extends AnyUploadError<'etag-hidden'> {
  override readonly name = 'EtagHiddenError'

  constructor(part: number) {
    super(
      'etag-hidden',
      `part ${part} was stored, but the page cannot read its ETag. A CORS rule that works:\n${corsRule()}`,
    )
  }
}

/** The server does not know the upload any more: it expired, was aborted elsewhere, or never existed. */
export class SessionLostError extends AnyUploadError<'session-lost'> {
  override readonly name = 'SessionLostError'

  /** @param cause The error that the server's answer was. */
  constructor(cause: unknown) {
    super('session-lost', `the server no longer knows the upload${said(cause)}`, {
      cause,
      retryable: true,
    })
  }
}

/** Whether a 404 may come from a proxy while the server behind it is replaced. The stored parts are worth asking again. */
export function isDoubtful({ cause }: UploadError): boolean {
  return cause instanceof HttpError && cause.status === 404 && cause.isVague
}

/**
 * A file cannot be read: it was moved, deleted or changed on disk, or its medium is gone. No upload ends with this error: an
 * upload pauses as `needs-file` instead.
 */
export class FileUnreadableError extends AnyUploadError<'file-unreadable'> {
  override readonly name = 'FileUnreadableError'
  /** The file's name, with its path if it was found in a folder. */
  readonly file: string

  constructor(file: string, options: ErrorOptions = {}) {
    super(
      'file-unreadable',
      `"${file}" cannot be read: it was moved, deleted or changed after it was picked`,
      options,
    )
    this.file = file
  }
}

/**
 * A part's ETag is not the MD5 of what was sent, also after the part was sent again several times. Only with
 * `verify: 'etag'`.
 */
export class CorruptedError extends AnyUploadError<'corrupted'> {
  override readonly name = 'CorruptedError'
  /** The number of the part. */
  readonly partNumber: number

  constructor(partNumber: number, etag: string, md5: string) {
    super(
      'corrupted',
      `part ${partNumber} is not what was sent: its ETag is ${etag}, but the MD5 of what was sent is ${md5}. If this storage's ETags are not MD5s (SSE-KMS, SSE-C), leave \`verify\` at 'sample'`,
      { retryable: true },
    )
    this.partNumber = partNumber
  }
}

/** The file is not the one that the upload began with: its name, path, size, date or content differs. */
export class FileChangedError extends AnyUploadError<'file-changed'> {
  override readonly name = 'FileChangedError'

  constructor(message: string) {
    super('file-changed', message)
  }
}

/** No answer tells whether the server completed the upload, and the backend has no way to ask. */
export class UnsureError extends AnyUploadError<'unsure'> {
  override readonly name = 'UnsureError'

  constructor(cause: unknown) {
    super('unsure', `the server may or may not have completed the upload${said(cause)}`, {
      cause,
    })
  }
}

/** The file is larger than the backend or `maxSize` allows. Nothing was sent. */
export class TooLargeError extends AnyUploadError<'too-large'> {
  override readonly name = 'TooLargeError'
  /** The size of the file, in bytes. */
  readonly size: number
  /** The largest size that is allowed, in bytes. */
  readonly limit: number

  constructor(size: number, limit: number) {
    super('too-large', `Expected a file of at most ${limit} bytes, got ${size} bytes`)
    this.size = size
    this.limit = limit
  }
}

/** The upload was cancelled. Its `name` is the platform's `AbortError`. */
export class CancelledError extends AnyUploadError<'cancelled'> {
  override readonly name = 'AbortError'

  constructor(message = 'The upload was cancelled') {
    super('cancelled', message)
  }
}

/** The classes of errors that cross between threads, by the `name` of their errors: a minifier changes class names. */
export const errorClasses: Readonly<Record<string, { readonly prototype: UploadError }>> = {
  AbortError: CancelledError,
  BackendError,
  CorruptedError,
  CorsError,
  EtagHiddenError,
  FileChangedError,
  FileUnreadableError,
  HttpError,
  NetworkError,
  SessionLostError,
  StalledError,
  TooLargeError,
  UnsureError,
  UrlExpiredError,
}

/** The cause's message, for the end of another message. */
function said(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message.replace(queries, '')}` : ''
}

/**
 * Any thrown value as an `UploadError`, with that value as its cause. The messages of HTTP clients contain whole URLs, so
 * queries are removed.
 */
export function toUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error
  const message = (error instanceof Error ? error.message : textOf(error)).replace(queries, '')
  const isTimeout = Object(error).name === 'TimeoutError'
  if (isTimeout || (error instanceof TypeError && unanswered.test(message)))
    return new NetworkError(message, { cause: error })
  return new UploadError('unexpected', message, { cause: error })
}

/**
 * The messages with which the engines' `fetch` rejects if no answer came, TimeoutErrors aside. Nothing else rejects with
 * them. The application may have made a call itself, for a token or in place of an endpoint. (Safari's come from its system.)
 */
const unanswered =
  /^(Failed to fetch(?! dynamically)|fetch failed|NetworkError when|Load failed|The (Internet|network) connection|The request timed out)/

/** Not every object can be turned into a string. */
function textOf(error: unknown): string {
  try {
    return String(error)
  } catch {
    return inWords(error)
  }
}

function codeOf({
  status,
  serviceCode,
  retryAfter,
}: HttpErrorDetails): 'http' | 'throttled' | 'unauthorized' {
  if (status === 401) return 'unauthorized'
  const isBusy =
    status === 429 || serviceCode?.startsWith('SlowDown') || (status === 503 && retryAfter !== undefined)
  return isBusy ? 'throttled' : 'http'
}

/** Mentions a clock only if it is a minute or more off. */
function inSeconds(skew: number | undefined): string {
  if (skew === undefined || Math.abs(skew) < 60_000) return ''
  const seconds = Math.round(Math.abs(skew) / 1000)
  return `; this machine's clock is ${seconds} s ${skew > 0 ? 'behind' : 'ahead of'} the storage's`
}

/** S3 also sends these inside a 200 (Amazon S3 API, CompleteMultipartUpload), and with 400 for a body that was too slow. */
const retryableCodes = [
  'InternalError',
  'ServiceUnavailable',
  'SlowDown',
  'RequestTimeout',
  'OperationAborted',
]

/**
 * 408, 425 (RFC 8470) and 429 ask for another attempt. 499 is a proxy whose request another proxy, not this page, closed.
 * 5xx (checked below) is the server's trouble. Any other status would come again.
 */
const retryableStatuses = [408, 425, 429, 499]

function saysRetryable({ status, serviceCode = '' }: HttpErrorDetails): boolean {
  return status >= 500 || retryableStatuses.includes(status) || retryableCodes.includes(serviceCode)
}

/** Describes a value in an error message, shortened and with its type. */
export function inWords(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') return `"${shorten(value)}" (string)`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return `${shorten(toJson(value))} (${constructorName(value)})`
  return `${String(value)} (${typeof value})`
}

/** The queries of URLs may hold signatures, and messages end up in logs. */
const queries = /\?[^"\s]+/g

function shorten(text: string): string {
  return text.slice(0, 80).replace(queries, '') + (text.length > 80 ? '…' : '')
}

function toJson(value: object): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

/** A JSON object may have a field named `constructor`. */
function constructorName(value: object): string {
  if (Array.isArray(value)) return 'array'
  return typeof value.constructor === 'function' ? value.constructor.name : 'object'
}

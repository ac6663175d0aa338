/**
 * The family of errors that an upload ends with. `code` is a literal to switch on; `retryable` says whether the same
 * again may succeed. Not in the family: TypeError and RangeError for misuse, which are thrown at once, and the reason
 * of an application's own signal.
 */

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

/** What a person can do about it. */
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

/** What all of them have. By themselves those are of this class that have no more to say; the type of whichever it is is `UploadError`. */
export class AnyUploadError<
  Code extends UploadErrorCode = 'too-many' | 'not-accepted' | 'in-use' | 'unexpected',
> extends Error {
  override readonly name: string = 'UploadError'
  readonly code: Code
  /** Whether trying again, or resuming later, may succeed without anything being changed. */
  readonly retryable: boolean

  constructor(code: Code, message: string, options: ErrorOptions & { retryable?: boolean | undefined } = {}) {
    super(message, options)
    this.code = code
    this.retryable = options.retryable ?? false
  }

  /** What can be done about it, in a sentence for the developer or the user. */
  get help(): string {
    return help[this.code]
  }
}

/**
 * What an upload ends with where it fails. A look at `code` tells the compiler which it is, and so what else it has.
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

/** The class of them all. */
export const UploadError: {
  readonly prototype: UploadError
  /** Makes one that says no more than this: the other codes have classes. */
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

/** The request was cut because no byte of it moved for too long, or its answer did not come. */
export class StalledError extends NetworkError {
  override readonly name = 'StalledError'
  declare readonly code: 'stalled'

  constructor(message: string) {
    super(message, { code: 'stalled' })
  }
}

/** A request failed, and the browser says that there is no network. Internal: it pauses the upload. */
export class OfflineError extends NetworkError {
  override readonly name = 'OfflineError'
}

/** What an `HttpError` is made of. */
export type HttpErrorDetails = {
  /** What was asked: an endpoint's name, or 'part 3'. */
  readonly endpoint: string
  readonly status: number
  /** The server's own code, such as S3's `NoSuchUpload`, where it gave one. */
  readonly serviceCode: string | undefined
  /** What the server said; the message has it without the queries of URLs. */
  readonly detail: string
  /** Milliseconds that the server asked to wait (Retry-After, RFC 9110 section 10.2.3). */
  readonly retryAfter?: number | undefined
  /** The server's clock, in milliseconds since 1970, where CORS lets the page see it. */
  readonly date?: number | undefined
  /** Whether the same again may succeed. @default what the status and the code say */
  readonly retryable?: boolean
  /** Whether the answer is neither JSON nor the XML of S3. @default false */
  readonly isVague?: boolean
}

/**
 * The server answered, with a status that is not 2xx, or with an error inside a 2xx. Its `code` is `throttled` where it
 * asks for fewer requests (429, SlowDown, MinIO's SlowDownRead and SlowDownWrite, or 503 with Retry-After), `unauthorized`
 * for 401, else `http`.
 */
export class HttpError extends AnyUploadError<'http' | 'throttled' | 'unauthorized'> {
  override readonly name = 'HttpError'
  /** What was asked: an endpoint's name, or 'part 3'. */
  readonly endpoint: string
  /** The answer's status; of an error inside a 2xx that one. */
  readonly status: number
  /** The server's own code, such as S3's `NoSuchUpload`, where it gave one. */
  readonly serviceCode: string | undefined
  /** Milliseconds that the server asked to wait, where it did. */
  readonly retryAfter: number | undefined
  /** The server's clock, in milliseconds since 1970, where CORS lets the page see it. */
  readonly date: number | undefined
  /**
   * Whether the answer is neither JSON nor the XML of S3: it may be of something between the page and the server, such as a proxy that
   * says 404 while the server is replaced.
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

/** What a `BackendError` is made of. */
export type BackendErrorDetails = {
  readonly endpoint: string
  /** The field of the answer that is wrong, such as `partSize`; `body` for the whole. */
  readonly field: string
  readonly expected: string
  readonly received: unknown
  /** Whether something on the way may have answered, and the same again may succeed. @default false */
  readonly retryable?: boolean
}

/** The server answered 2xx, with something that its contract does not allow; or, where it is `retryable`, somebody else in its place. */
export class BackendError extends AnyUploadError<'backend'> {
  override readonly name = 'BackendError'
  /** Which endpoint has answered it, by its name. */
  readonly endpoint: string
  /** The field of the answer that is wrong, such as `partSize`; `body` for the whole. */
  readonly field: string
  /** What it has to be, in words. */
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

/** Part URLs were refused as expired as often as they were signed afresh. */
export class UrlExpiredError extends AnyUploadError<'url-expired'> {
  override readonly name = 'UrlExpiredError'

  /** How far the storage's clock is ahead of this machine's, in milliseconds, where the storage shows its own. */
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

/** The rule that most often is missing, for the page's own origin, so that it can be pasted. */
export const corsRule = (): string => `[
  {
    "AllowedOrigins": ["${globalThis.origin ?? 'https://your-app.example'}"],
    "AllowedMethods": ["PUT"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3000
  }
]`

/** The storage can be reached, and CORS keeps the page from sending there. */
export class CorsError extends AnyUploadError<'cors'> {
  override readonly name = 'CorsError'

  /** @param host Where the request went. */
  constructor(host: string, options: ErrorOptions = {}) {
    super(
      'cors',
      `${host} can be reached, but the browser is not allowed to send parts there. A CORS rule that works:\n${corsRule()}`,
      options,
    )
  }
}

/** The storage took a part and the page cannot read the answer's ETag. */
export class EtagHiddenError extends AnyUploadError<'etag-hidden'> {
  override readonly name = 'EtagHiddenError'

  constructor(part: number) {
    super(
      'etag-hidden',
      `part ${part} was stored, but the page cannot read its ETag. A CORS rule that works:\n${corsRule()}`,
    )
  }
}

/** The server does not know the upload any more: expired, aborted elsewhere, or never there. */
export class SessionLostError extends AnyUploadError<'session-lost'> {
  override readonly name = 'SessionLostError'

  /** @param cause What the server answered. */
  constructor(cause: unknown) {
    super('session-lost', `the server no longer knows the upload${said(cause)}`, {
      cause,
      retryable: true,
    })
  }
}

/** A 404 that the server need not have said: proxies say it while the server behind them is replaced, and what is stored is worth another look. */
export function isDoubtful({ cause }: UploadError): boolean {
  return cause instanceof HttpError && cause.status === 404 && cause.isVague
}

/** The file cannot be read: moved, deleted, changed on disk, or its medium is gone. */
export class FileUnreadableError extends AnyUploadError<'file-unreadable'> {
  override readonly name = 'FileUnreadableError'
  /** The file's name, with its path where it was picked with its folder. */
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

/** The storage shows by its ETag that it holds something else than was sent; the part is sent again, some times. */
export class CorruptedError extends AnyUploadError<'corrupted'> {
  override readonly name = 'CorruptedError'
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

/** A file was given that is not the one that the interrupted upload is of. */
export class FileChangedError extends AnyUploadError<'file-changed'> {
  override readonly name = 'FileChangedError'

  constructor(message: string) {
    super('file-changed', message)
  }
}

/** Completing was asked for, no answer tells whether it happened, and the server offers no way to look. */
export class UnsureError extends AnyUploadError<'unsure'> {
  override readonly name = 'UnsureError'

  constructor(cause: unknown) {
    super('unsure', `the server may or may not have completed the upload${said(cause)}`, {
      cause,
    })
  }
}

/** The file is larger than the backend or the page takes. */
export class TooLargeError extends AnyUploadError<'too-large'> {
  override readonly name = 'TooLargeError'
  /** Bytes of the file. */
  readonly size: number
  /** The most bytes that are taken. */
  readonly limit: number

  constructor(size: number, limit: number) {
    super('too-large', `Expected a file of at most ${limit} bytes, got ${size} bytes`)
    this.size = size
    this.limit = limit
  }
}

/** The upload was cancelled. Named as the platform names it, so that `error.name === 'AbortError'` holds. */
export class CancelledError extends AnyUploadError<'cancelled'> {
  override readonly name = 'AbortError'

  constructor(message = 'The upload was cancelled') {
    super('cancelled', message)
  }
}

/** Those that cross between threads, by the name that their errors have, which no minifier changes. */
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

/** What the cause says, at the end of a message. */
function said(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message.replace(queries, '')}` : ''
}

/** Any thrown value as an `UploadError`, with what was thrown as its cause. Clients of HTTP tell whole URLs. */
export function toUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error
  const message = (error instanceof Error ? error.message : textOf(error)).replace(queries, '')
  const isTimeout = Object(error).name === 'TimeoutError'
  if (isTimeout || (error instanceof TypeError && unanswered.test(message)))
    return new NetworkError(message, { cause: error })
  return new UploadError('unexpected', message, { cause: error })
}

/**
 * What the engines' own `fetch` rejects with where no answer has come (but for that to `AbortSignal.timeout`), and nothing else does: the application may have made a
 * call, for a token or in the place of an endpoint. (Safari's are of its system.)
 */
const unanswered =
  /^(Failed to fetch(?! dynamically)|fetch failed|NetworkError when|Load failed|The (Internet|network) connection|The request timed out)/

/** Not every object can be made a text. */
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

/** Told by a clock that is more than a minute off. */
function inSeconds(skew: number | undefined): string {
  if (skew === undefined || Math.abs(skew) < 60_000) return ''
  const seconds = Math.round(Math.abs(skew) / 1000)
  return `; this machine's clock is ${seconds} s ${skew > 0 ? 'behind' : 'ahead of'} the storage's`
}

/** S3 says so also inside a 200 (Amazon S3 API, CompleteMultipartUpload), and 400 for a body that was too slow. */
const retryableCodes = [
  'InternalError',
  'ServiceUnavailable',
  'SlowDown',
  'RequestTimeout',
  'OperationAborted',
]

/**
 * 408, 425 (RFC 8470) and 429 say so themselves; 499 is of a proxy to whom another one, and not this page, has closed the request; 5xx is
 * the server's trouble. Every other status would be answered again.
 */
const retryableStatuses = [408, 425, 429, 499]

function saysRetryable({ status, serviceCode = '' }: HttpErrorDetails): boolean {
  return status >= 500 || retryableStatuses.includes(status) || retryableCodes.includes(serviceCode)
}

/** A value in an error message: what it is, shortened. */
export function inWords(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') return `"${shorten(value)}" (string)`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return `${shorten(toJson(value))} (${constructorName(value)})`
  return `${String(value)} (${typeof value})`
}

/** Of URLs, which may be signed: messages end up in logs. */
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

/** What came as JSON may have a field of that name. */
function constructorName(value: object): string {
  if (Array.isArray(value)) return 'array'
  return typeof value.constructor === 'function' ? value.constructor.name : 'object'
}

/**
 * The family of errors that an upload ends with. `code` is a literal to switch on; `retryable` says whether the same
 * again may succeed. Not in the family: TypeError and RangeError for misuse, which are thrown at once, and the
 * AbortError of a cancelled upload.
 */

export type UploadErrorCode =
  | 'network'
  | 'http'
  | 'backend'
  | 'url-expired'
  | 'etag-hidden'
  | 'session-lost'
  | 'file-unreadable'
  | 'file-changed'
  | 'in-use'
  | 'unexpected'

/** The base of all of them. */
export class UploadError extends Error {
  override readonly name: string = 'UploadError'
  readonly code: UploadErrorCode
  /** Whether trying again, or resuming later, may succeed without anything being changed. */
  readonly retryable: boolean

  constructor(code: UploadErrorCode, message: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options)
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

/** No answer came: the connection was refused, cut or timed out, or CORS hid the answer. */
export class NetworkError extends UploadError {
  override readonly name = 'NetworkError'

  constructor(message: string, options: ErrorOptions = {}) {
    super('network', message, { ...options, retryable: true })
  }
}

export type HttpErrorDetails = {
  /** What was asked: an endpoint's name, or 'part 3'. */
  readonly endpoint: string
  readonly status: number
  /** The server's own code, such as S3's `NoSuchUpload`, where it gave one. */
  readonly serviceCode: string | undefined
  /** What the server said, shortened. */
  readonly detail: string
  /** Milliseconds that the server asked to wait (Retry-After, RFC 9110 section 10.2.3). */
  readonly retryAfter: number | undefined
}

/** The server answered, with a status that is not 2xx. */
export class HttpError extends UploadError {
  override readonly name = 'HttpError'
  readonly endpoint: string
  readonly status: number
  readonly serviceCode: string | undefined
  readonly retryAfter: number | undefined

  constructor(details: HttpErrorDetails) {
    const said = [details.serviceCode, details.detail].filter(Boolean).join(': ')
    super('http', `${details.endpoint} answered ${details.status}${said ? ` (${said})` : ''}`, {
      retryable: isRetryableStatus(details.status),
    })
    this.endpoint = details.endpoint
    this.status = details.status
    this.serviceCode = details.serviceCode
    this.retryAfter = details.retryAfter
  }
}

export type BackendErrorDetails = {
  readonly endpoint: string
  /** The field of the answer that is wrong, such as `partSize`; `body` for the whole. */
  readonly field: string
  readonly expected: string
  readonly received: unknown
}

/** The server answered 2xx, with something that its contract does not allow. */
export class BackendError extends UploadError {
  override readonly name = 'BackendError'
  readonly endpoint: string
  readonly field: string
  readonly expected: string

  constructor(details: BackendErrorDetails) {
    super(
      'backend',
      `${details.endpoint}: expected \`${details.field}\` to be ${details.expected}, got ${inWords(details.received)}`,
    )
    this.endpoint = details.endpoint
    this.field = details.field
    this.expected = details.expected
  }
}

/** Part URLs were refused as expired as often as they were signed afresh. */
export class UrlExpiredError extends UploadError {
  override readonly name = 'UrlExpiredError'

  constructor(part: number, options: ErrorOptions) {
    super(
      'url-expired',
      `part ${part}: the storage refused every URL that was signed for it. Check that the URLs live longer than a part takes, that the server's clock is right and that its keys may write`,
      { ...options, retryable: true },
    )
  }
}

/** The rule that most often is missing where a part was stored and its ETag cannot be seen. */
export const corsRule = `[
  {
    "AllowedOrigins": ["https://your-app.example"],
    "AllowedMethods": ["PUT"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3000
  }
]`

/** The storage took a part and the page cannot read the answer's ETag. */
export class EtagHiddenError extends UploadError {
  override readonly name = 'EtagHiddenError'

  constructor(part: number) {
    super(
      'etag-hidden',
      `part ${part} was stored, but its answer shows no ETag: the bucket's CORS rule has to name it in ExposeHeaders. A rule that works:\n${corsRule}`,
    )
  }
}

/** The server does not know the upload any more: expired, aborted elsewhere, or never there. */
export class SessionLostError extends UploadError {
  override readonly name = 'SessionLostError'

  /** @param cause What the server answered. */
  constructor(cause: unknown) {
    const said = cause instanceof Error ? `: ${cause.message}` : ''
    super('session-lost', `the server does not know the upload any more${said}`, { cause, retryable: true })
  }
}

/** The file cannot be read: moved, deleted, changed on disk, or its medium is gone. */
export class FileUnreadableError extends UploadError {
  override readonly name = 'FileUnreadableError'

  constructor(name: string, options: ErrorOptions = {}) {
    super(
      'file-unreadable',
      `"${name}" cannot be read: it was moved, deleted or changed after it was picked`,
      options,
    )
  }
}

/** A file was given that is not the one that the interrupted upload is of. */
export class FileChangedError extends UploadError {
  override readonly name = 'FileChangedError'

  constructor(message: string) {
    super('file-changed', message)
  }
}

/** Any thrown value as an `UploadError`, with what was thrown as its cause. */
export function toUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new UploadError('unexpected', message, { cause: error })
}

/** 408 and 429 say so themselves, 5xx is the server's trouble; every other status would be answered again. */
function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** A value in an error message: what it is, shortened. */
export function inWords(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') return `"${value.length > 80 ? `${value.slice(0, 80)}…` : value}" (string)`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return `${shorten(toJson(value))} (${constructorName(value)})`
  return `${String(value)} (${typeof value})`
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function toJson(value: object): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

function constructorName(value: object): string {
  return Array.isArray(value) ? 'array' : (value.constructor?.name ?? 'object')
}

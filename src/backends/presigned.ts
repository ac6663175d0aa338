import { BackendError, HttpError, SessionLostError } from '../errors.ts'
import { errorInside } from '../http-failure.ts'
import type {
  Backend,
  BackendCall,
  Call,
  Digester,
  FileDescription,
  Json,
  ListedPart,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Reopened,
  SessionStatus,
} from '../ports.ts'
import { Answer } from './answer.ts'
import { callServer, type HeadersOption, parseJson, requireUrl, type ServerOptions } from './http.ts'
import { type OnUnauthorized, Refresh } from './refresh.ts'
import { s3Limits } from './s3-limits.ts'

/**
 * An endpoint: a path, joined to `baseUrl` (a full URL stays as it is), or a function that makes the call itself, gets
 * the body that would have been sent, and returns the answer's JSON.
 */
export type Endpoint = string | ((body: { readonly [field: string]: Json }, call: Call) => unknown)

export type PresignedEndpoints = {
  /** `POST`, starts an upload. @default '/start-upload' */
  readonly startUpload?: Endpoint
  /** `POST`, presigned URLs for part numbers. @default '/get-upload-urls' */
  readonly getUploadUrls?: Endpoint
  /** `POST` to `{complete}/{uploadId}/{key}`, makes the object. A function gets `key` and `uploadId` too. @default '/complete' */
  readonly complete?: Endpoint
  /**
   * `POST` to `{listParts}/{uploadId}/{key}` with `{ after }`, the number of a part (0 at first); answers
   * `{ parts: [{ PartNumber, Size, ETag }], next }`, `next` being the `after` of the next page, or null. Left out, a
   * resume relies on what the checkpoint holds.
   */
  readonly listParts?: Endpoint
  /**
   * `POST` to `{status}/{uploadId}/{key}`, answers `{ state }`: `completed`, `open` or `gone`. It is asked when the
   * answer to complete was lost. Left out, such an upload may end as `UnsureError`.
   */
  readonly status?: Endpoint
  /** `POST` to `{abort}/{uploadId}/{key}`, throws the parts away. Left out, cancelling leaves them to the bucket's lifecycle rule. */
  readonly abort?: Endpoint
}

export type PresignedOptions = {
  /** Where the endpoints are: a path or an http(s) URL. @default '' (the paths stand for themselves) */
  readonly baseUrl?: string
  readonly endpoints?: PresignedEndpoints
  /** Sent with every call to the application's server, never to the storage. A function is asked before every call. */
  readonly headers?: HeadersOption
  /**
   * Called when the application's server has answered 401: once for all calls that wait for it. Each of them is then
   * made once more, with the headers of then. Where it rejects, they fail with that.
   */
  readonly onUnauthorized?: OnUnauthorized
  /** Whether cookies go along to another origin, as fetch says it. @default 'same-origin' */
  readonly credentials?: RequestCredentials
  /** Computes `fileHash`, as any text that names the content. @default xxHash64 of the whole file, 16 lowercase hex digits */
  readonly fileHash?: Digester
}

type PresignedSession = { readonly key: string; readonly uploadId: string }

/**
 * A server with endpoints that presign S3 multipart uploads: start, URLs for parts, complete (docs/backends.md).
 *
 * @throws TypeError for a `baseUrl` or an endpoint that is neither an http(s) URL nor a path, nor a function.
 *
 * @example
 * ```ts
 * import { presigned, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({
 *   backend: presigned({
 *     baseUrl: '/api/uploads',
 *     endpoints: { startUpload: '/start', getUploadUrls: '/urls', complete: '/complete', abort: '/abort' },
 *     headers: async () => ({ authorization: `Bearer ${await token()}` }),
 *   }),
 * })
 * ```
 */
export function presigned(options: PresignedOptions = {}): Backend<PresignedSession> {
  return new Presigned(options)
}

class Presigned implements Backend<PresignedSession> {
  readonly name: string
  readonly limits: Backend['limits'] = s3Limits
  readonly fileDigest: Backend['fileDigest']
  readonly abort?: NonNullable<Backend<PresignedSession>['abort']>
  readonly reopen?: NonNullable<Backend<PresignedSession>['reopen']>
  readonly status?: NonNullable<Backend<PresignedSession>['status']>
  readonly #server: ServerOptions
  readonly #endpoints: Required<Omit<PresignedEndpoints, 'abort' | 'listParts' | 'status'>>

  constructor({
    baseUrl = '',
    endpoints = {},
    headers = {},
    credentials = 'same-origin',
    onUnauthorized,
    fileHash,
  }: PresignedOptions) {
    const {
      startUpload = '/start-upload',
      getUploadUrls = '/get-upload-urls',
      complete = '/complete',
    } = endpoints
    const { abort, listParts, status } = endpoints
    requireUrl('baseUrl', baseUrl)
    for (const [name, endpoint] of Object.entries({ ...endpoints, startUpload, getUploadUrls, complete })) {
      if (endpoint !== undefined) requireEndpoint(name, endpoint)
    }
    this.name = `presigned ${baseUrl}`
    this.fileDigest = fileHash ?? 'xxhash64'
    this.#server = { baseUrl, headers, credentials, refresh: new Refresh(onUnauthorized) }
    this.#endpoints = { startUpload, getUploadUrls, complete }
    if (abort !== undefined) this.abort = (session, call) => this.#abort(abort, session, call)
    if (status !== undefined) this.status = (session, call) => this.#status(status, session, call)
    if (listParts !== undefined) this.reopen = (session, call) => this.#reopen(listParts, session, call)
  }

  async open(file: FileDescription, call: BackendCall): Promise<Opened<PresignedSession>> {
    // The contract's own fields win over params of the same name.
    const body = { ...file.params, fileName: file.name, fileHash: file.digest ?? '', fileSize: file.size }
    const answer = new Answer('startUpload', await this.#post('startUpload', body, call))
    const session = { key: answer.text('key'), uploadId: answer.text('uploadId') }
    const partSize = answer.size('partSize')
    if (file.size > partSize * s3Limits.maxParts) {
      answer.refuse(
        'partSize',
        `at least ${Math.ceil(file.size / s3Limits.maxParts)}, so that ${file.size} bytes fit in ${s3Limits.maxParts} parts`,
      )
    }
    requireSendableKey(session.key)
    return { session, partSize }
  }

  async sign(
    session: PresignedSession,
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    const { key, uploadId } = session
    const numbers = parts.map(({ number }) => number)
    const body = await orLost(this.#post('getUploadUrls', { key, uploadId, parts: numbers }, call))
    const urls = new Answer('getUploadUrls', body).inner('urls')
    return numbers.map((number) => {
      const url = urls.url(String(number), `urls.${number}`)
      return { number, url, method: 'PUT', headers: {}, validFor: validFor(url) }
    })
  }

  async complete(
    { key, uploadId }: PresignedSession,
    receipts: readonly PartReceipt[],
    call: BackendCall,
  ): Promise<{ readonly key: string }> {
    const parts = receipts.map(({ number, etag }) => ({ PartNumber: number, ETag: withoutQuotes(etag) }))
    const body = await orLost(
      this.#atUpload('complete', this.#endpoints.complete, { key, uploadId }, { parts }, call),
    )
    requireNoError('complete', body)
    return { key }
  }

  async #status(endpoint: Endpoint, session: PresignedSession, call: BackendCall): Promise<SessionStatus> {
    try {
      const body = await orLost(this.#atUpload('status', endpoint, session, {}, call))
      const answer = new Answer('status', typeof body === 'string' ? parseJson('status', body) : body)
      const state = answer.oneOf('state', ['completed', 'open', 'gone'])
      return state === 'completed' ? { state, key: session.key } : { state }
    } catch (error) {
      if (error instanceof SessionLostError) return { state: 'gone' }
      throw error
    }
  }

  async #reopen(endpoint: Endpoint, session: PresignedSession, call: BackendCall): Promise<Reopened> {
    const parts: ListedPart[] = []
    for (let after: number | null = 0; after !== null; ) {
      const body: unknown = await orLost(this.#atUpload('listParts', endpoint, session, { after }, call))
      const answer = new Answer('listParts', typeof body === 'string' ? parseJson('listParts', body) : body)
      for (const part of answer.list('parts')) {
        parts.push({
          number: part.count('PartNumber', 1),
          size: part.count('Size', 0),
          etag: part.text('ETag'),
        })
      }
      after = answer.isNull('next') ? null : answer.count('next', after + 1)
    }
    return { parts }
  }

  async #abort(endpoint: Endpoint, session: PresignedSession, call: BackendCall): Promise<void> {
    try {
      await orLost(this.#atUpload('abort', endpoint, session, {}, call))
    } catch (error) {
      // Already gone is as good as thrown away.
      if (!(error instanceof SessionLostError)) throw error
    }
  }

  /** @returns The text of the answer, or what a function of the application's gave. */
  async #atUpload(
    name: string,
    endpoint: Endpoint,
    { key, uploadId }: PresignedSession,
    json: { readonly [field: string]: Json },
    call: BackendCall,
  ): Promise<unknown> {
    if (typeof endpoint === 'function') return endpoint({ key, uploadId, ...json }, call)
    const path = `${endpoint.replace(/\/+$/, '')}/${encode(uploadId)}/${key.split('/').map(encode).join('/')}`
    return callServer({ endpoint: name, method: 'POST', path, json }, this.#server, call)
  }

  async #post(
    name: 'startUpload' | 'getUploadUrls',
    json: { readonly [field: string]: Json },
    call: BackendCall,
  ): Promise<unknown> {
    const endpoint = this.#endpoints[name]
    if (typeof endpoint === 'function') return endpoint(json, call)
    return parseJson(
      name,
      await callServer({ endpoint: name, method: 'POST', path: endpoint, json }, this.#server, call),
    )
  }
}

/**
 * S3 may find out that it cannot complete when it has sent its 200 already, and says so in the body (Amazon S3 API,
 * CompleteMultipartUpload); servers that pass that on, and servers that wrap every answer, do the same in JSON.
 */
function requireNoError(endpoint: string, body: unknown): void {
  const error = typeof body === 'string' ? errorInside(endpoint, body) : undefined
  if (error !== undefined) throw asLost(error)
}

/** 404 and 410 are how servers say that they do not know an upload; S3's own word for it is NoSuchUpload. */
async function orLost<T>(answer: T | Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw asLost(error)
  }
}

function asLost(error: unknown): unknown {
  return isLost(error) ? new SessionLostError(error) : error
}

function isLost(error: unknown): boolean {
  if (!(error instanceof HttpError)) return false
  return error.status === 404 || error.status === 410 || error.serviceCode === 'NoSuchUpload'
}

function requireEndpoint(name: string, endpoint: Endpoint): void {
  if (typeof endpoint !== 'function') requireUrl(`endpoints.${name}`, endpoint)
}

/** A `.` or `..` between slashes is taken out of every URL (WHATWG URL, "double-dot path segment"), even encoded. */
function requireSendableKey(key: string): void {
  if (!key.split('/').some((segment) => segment === '.' || segment === '..')) return
  throw new BackendError({
    endpoint: 'startUpload',
    field: 'key',
    expected: 'a key without `.` and `..` between its slashes',
    received: key,
  })
}

/** Everything that RFC 3986 does not call unreserved; `encodeURIComponent` leaves five more characters as they are. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function withoutQuotes(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}

/** A SigV4 URL says itself how long it lives (Amazon S3 API, "Authenticating requests: using query parameters"). */
function validFor(url: string): number | undefined {
  const seconds = Number(/[?&]X-Amz-Expires=(\d+)/.exec(url)?.[1])
  return seconds > 0 ? seconds * 1000 : undefined
}

import { base64OfHex } from '../base64.ts'
import { HttpError, SessionLostError } from '../errors.ts'
import { saysDamaged } from '../http-failure.ts'
import { requireOneOf } from '../options.ts'
import type {
  Backend,
  BackendCall,
  Completed,
  DigestAlgorithm,
  FileDescription,
  HeldReceipt,
  Json,
  Opened,
  Part,
  PartTarget,
  Refusal,
  RefusalMeaning,
  UploadResult,
} from '../ports.ts'
import type { Answer } from './answer.ts'
import { type Endpoint, endpoint, type Resolved } from './endpoint.ts'
import { mediaType } from './media-type.ts'
import { s3Limits } from './s3-limits.ts'
import { Server, type ServerOptions, withHeaders } from './server.ts'
import { validFor } from './signed-url.ts'

/** The options of `activeStorage`. */
export type ActiveStorageOptions = ServerOptions & {
  /**
   * The endpoint that makes blobs. In a Rails application it is `/rails/active_storage/direct_uploads`.
   *
   * @default 'POST /api/v1/upload/direct'
   */
  readonly path?: Endpoint | undefined
  /**
   * The base64 digest in the request's `checksum`: `md5` as Active Storage expects it, `sha256` as the protocol's document
   * describes it, or `sha256-prefixed` with `sha256:` before it, as Rails 8.2 accepts it. @default 'md5'
   */
  readonly checksum?: 'md5' | 'sha256' | 'sha256-prefixed' | undefined
  /**
   * Sends Rails' CSRF token, with `X-Requested-With`. `true` reads it before every call from the page's
   * `<meta name="csrf-token">`. A function returns another token. @default none
   */
  readonly csrf?: true | (() => string | Promise<string>) | undefined
}

/**
 * The `details` of a result: the record that the server made for the blob, without its `direct_upload`. The server may send
 * further fields.
 */
export type ActiveStorageBlob = {
  /** The id for the application's forms, as in `record.document.attach(params[:document])`. */
  readonly signed_id: string
  /** The object's key in the storage: `UploadResult.key`. */
  readonly key: string
  readonly id?: Json
  readonly filename?: Json
  readonly content_type?: Json
  readonly byte_size?: Json
  readonly checksum?: Json
  readonly service_name?: Json
  readonly created_at?: Json
  readonly metadata?: Json
}

/** The request for the blob, which is made when its bytes are about to be sent. */
type ActiveStorageSession = {
  readonly filename: string
  readonly content_type: string
  readonly byte_size: number
  readonly checksum: string
}

/**
 * A backend for Active Storage's direct uploads (docs/backends/active-storage.md): a record with the file's digest, then one
 * PUT of the whole file, up to 5 GiB. A result's `key` is the blob's, and its `details` are an `ActiveStorageBlob`.
 *
 * @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path, a `path` that is neither of these nor a
 * function, or an unknown `checksum`.
 *
 * @example
 * ```ts
 * import { activeStorage, activeStorageBlob, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({
 *   backend: activeStorage({ path: '/rails/active_storage/direct_uploads', csrf: true }),
 * })
 * const { signed_id } = activeStorageBlob(await uploader.uploadFile(file))
 * ```
 */
export function activeStorage(options: ActiveStorageOptions = {}): Backend<ActiveStorageSession> {
  return new ActiveStorage(options)
}

/**
 * Returns the blob of an upload, from its result.
 *
 * @throws TypeError if it is the result of another backend.
 */
export function activeStorageBlob({ details }: UploadResult): ActiveStorageBlob {
  if (isBlob(details)) return details
  throw new TypeError('Expected the result of an upload with `activeStorage`')
}

class ActiveStorage implements Backend<ActiveStorageSession> {
  readonly name: string
  /** One PUT, in which S3 takes up to 5 GiB. */
  readonly limits: Backend['limits'] = { ...s3Limits, maxParts: 1, maxBatch: 1 }
  readonly #server: Server
  readonly #create: Resolved
  readonly #algorithm: DigestAlgorithm
  readonly #prefix: string

  constructor({ path, checksum = 'md5', csrf, headers, ...server }: ActiveStorageOptions) {
    this.#create = { ...endpoint('path', path, 'POST /api/v1/upload/direct'), name: 'directUpload' }
    ;[this.#algorithm, this.#prefix] = forms[requireOneOf('checksum', checksum, names)]
    const all = async (): Promise<Readonly<Record<string, string>>> =>
      withHeaders({ accept: 'application/json', ...(csrf && (await railsHeaders(csrf))) }, headers)
    this.#server = new Server({ ...server, headers: all })
    this.name = this.#server.named(`active-storage ${checksum}`, path)
  }

  fileDigest(): DigestAlgorithm {
    return this.#algorithm
  }

  /** Makes no request: a URL lives for five minutes, and the file may wait in line for longer. */
  async open({ name, type, size, digest = '' }: FileDescription): Promise<Opened<ActiveStorageSession>> {
    const checksum = this.#prefix + base64OfHex(digest)
    const session = { filename: name, content_type: mediaType(type), byte_size: size, checksum }
    return { session, partSize: Math.max(1, size) }
  }

  /** Makes a blob. The server removes unattached blobs, such as one whose URL has expired. */
  async sign(
    session: ActiveStorageSession,
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    const reply = await this.#server.call(this.#create, { body: { blob: session } }, call)
    const answer = reply.fields()
    const { direct_upload: _, ...memo } = reply.json() as { readonly [field: string]: Json }
    const target = { ...readTarget(answer, session), memo, method: 'PUT' as const, needsEtag: false }
    return parts.map(({ number }) => ({ ...target, number }))
  }

  /** Rails answers 404 for an expired URL, and 422 for bytes that differ from the announced ones. */
  judge({ status, serviceCode }: Refusal): RefusalMeaning | undefined {
    if (status === 404) return 'target-expired'
    if (status !== 422 && !saysDamaged(serviceCode)) return undefined
    throw new HttpError({
      endpoint: 'the upload',
      status,
      serviceCode,
      detail: 'the bytes do not match the announced size, checksum or type; has the file changed?',
    })
  }

  /** Nothing is left to do after the PUT. */
  async complete(_: ActiveStorageSession, [receipt]: readonly HeldReceipt[]): Promise<Completed> {
    const details = receipt?.memo
    if (isBlob(details)) return { key: details.key, details }
    throw new SessionLostError(new Error('the checkpoint does not say which blob has the bytes'))
  }
}

const names = ['md5', 'sha256', 'sha256-prefixed'] as const

const forms: Readonly<Record<(typeof names)[number], readonly [algorithm: DigestAlgorithm, prefix: string]>> =
  {
    md5: ['md5', ''],
    sha256: ['sha256', ''],
    'sha256-prefixed': ['sha256', 'sha256:'],
  }

function isBlob(value: unknown): value is ActiveStorageBlob & Json {
  const { signed_id, key } = (value ?? {}) as { readonly [field: string]: unknown }
  return typeof signed_id === 'string' && typeof key === 'string'
}

/** The headers that @rails/activestorage sends. */
async function railsHeaders(csrf: true | (() => string | Promise<string>)): Promise<Record<string, string>> {
  const token = csrf === true ? tokenOfPage() : await csrf()
  return {
    'x-requested-with': 'XMLHttpRequest',
    ...(token !== undefined && { 'x-csrf-token': token }),
  }
}

function tokenOfPage(): string | undefined {
  // A worker has no document.
  return globalThis.document?.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content
}

const digestHeaders = ['content-md5', 'x-amz-checksum-sha256']

/** Before a byte is sent, the server's answer is compared with the request. */
function readTarget(
  answer: Answer,
  { byte_size, checksum }: ActiveStorageSession,
): Pick<PartTarget, 'url' | 'headers' | 'validFor'> {
  answer.text('signed_id')
  answer.text('key')
  if (answer.count('byte_size', 0) !== byte_size) answer.refuse('byte_size', String(byte_size))
  if (answer.text('checksum') !== checksum) answer.refuse('checksum', checksum)
  if (answer.isNull('direct_upload')) answer.refuse('direct_upload', 'an object with the URL to send to')
  const upload = answer.inner('direct_upload')
  const url = upload.url('url', 'direct_upload.url')
  // Throws if they are null or missing, which the contract does not allow.
  upload.inner('headers')
  const headers = upload.headers('headers')
  const digest = checksum.replace('sha256:', '')
  for (const [name, value] of Object.entries(headers)) {
    if (digestHeaders.includes(name.toLowerCase()) && value !== digest)
      upload.refuse('headers', `an object with ${digest} as ${name}`, 'direct_upload.headers')
  }
  return { url, headers, validFor: validFor(url) }
}

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
   * Where blobs are made: `/rails/active_storage/direct_uploads` in a Rails application.
   * @default 'POST /api/v1/upload/direct'
   */
  readonly path?: Endpoint | undefined
  /**
   * What `checksum` is, in base64: the MD5, as Active Storage has it; the SHA-256, as the document has it in words; or the
   * SHA-256 with `sha256:` before it, as Rails 8.2 takes it. @default 'md5'
   */
  readonly checksum?: 'md5' | 'sha256' | 'sha256-prefixed' | undefined
  /**
   * For a Rails application: `true` sends the token of the page's `<meta name="csrf-token">`, read before every call; a
   * function gives another. `X-Requested-With` goes along. @default none
   */
  readonly csrf?: true | (() => string | Promise<string>) | undefined
}

/** The `details` of a result: the blob's record, but for where its bytes had to go. There may be more fields than these. */
export type ActiveStorageBlob = {
  /** What the application's forms take: `params[:document]`, as in `record.document.attach(signed_id)`. */
  readonly signed_id: string
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

/** What is asked of the server for the file: the blob is made when its bytes are about to be sent. */
type ActiveStorageSession = {
  readonly filename: string
  readonly content_type: string
  readonly byte_size: number
  readonly checksum: string
}

/**
 * Direct uploads as Active Storage has them (docs/backends/active-storage.md): a record with the file's digest, then one PUT
 * of the whole file, up to 5 GiB. A result's `key` is the blob's, and its `details` are an `ActiveStorageBlob`.
 *
 * @throws TypeError for a `baseUrl` or a `path` that is neither an http(s) URL nor a path, nor a function, and for another
 *   `checksum` than these.
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
 * The blob of an upload.
 *
 * @throws TypeError where it is the result of another backend.
 */
export function activeStorageBlob({ details }: UploadResult): ActiveStorageBlob {
  if (isBlob(details)) return details
  throw new TypeError('Expected the result of an upload with `activeStorage`')
}

class ActiveStorage implements Backend<ActiveStorageSession> {
  readonly name: string
  /** One PUT: S3 takes 5 GiB. */
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

  /** Asks nothing: a URL lives for five minutes, and the file may have to wait in line for longer. */
  async open({ name, type, size, digest = '' }: FileDescription): Promise<Opened<ActiveStorageSession>> {
    const checksum = this.#prefix + base64OfHex(digest)
    const session = { filename: name, content_type: mediaType(type), byte_size: size, checksum }
    return { session, partSize: Math.max(1, size) }
  }

  /** Makes a blob. One whose URL has expired is left to the server, which clears away what nothing is attached to. */
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

  /** Rails answers 404 for a URL that has expired, and 422 for other bytes than those that were announced. */
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

  /** The PUT was all there is to do. */
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

/** As @rails/activestorage sends them. */
async function railsHeaders(csrf: true | (() => string | Promise<string>)): Promise<Record<string, string>> {
  const token = csrf === true ? tokenOfPage() : await csrf()
  return {
    'x-requested-with': 'XMLHttpRequest',
    ...(token !== undefined && { 'x-csrf-token': token }),
  }
}

function tokenOfPage(): string | undefined {
  // A worker has none.
  return globalThis.document?.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content
}

const digestHeaders = ['content-md5', 'x-amz-checksum-sha256']

/** Before a byte leaves: what the server has made of the request is compared with what it was. */
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
  // Null or missing is against the contract.
  upload.inner('headers')
  const headers = upload.headers('headers')
  const digest = checksum.replace('sha256:', '')
  for (const [name, value] of Object.entries(headers)) {
    if (digestHeaders.includes(name.toLowerCase()) && value !== digest)
      upload.refuse('headers', `an object with ${digest} as ${name}`, 'direct_upload.headers')
  }
  return { url, headers, validFor: validFor(url) }
}

import { requireOneOf } from '../options.ts'
import type {
  Backend,
  BackendCall,
  Completed,
  Digester,
  FileDescription,
  ListedPart,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Reopened,
  SessionStatus,
  WholeFile,
} from '../ports.ts'
import type { Answer } from './answer.ts'
import { type Endpoint, endpoint, type JsonFields, type Resolved } from './endpoint.ts'
import { presignedTarget } from './presigned-target.ts'
import { s3Limits } from './s3-limits.ts'
import { goneIfLost, orLost, type Reply, Server, type ServerOptions, unlessLost } from './server.ts'

/** The endpoints of `presigned`. */
export type PresignedEndpoints = {
  /**
   * Starts an upload. It gets `{ fileName, fileHash, fileSize }` and the upload's params, and answers
   * `{ key, uploadId, partSize }`, `partSize` in bytes. If the answer also has `urls`, as `getUploadUrls` answers them, a
   * file of one part takes one call less.
   *
   * @default 'POST /start-upload'
   */
  readonly startUpload?: Endpoint | undefined
  /**
   * Presigns URLs. It gets `{ key, uploadId, parts: [1, 2] }`, and answers `{ urls: { "1": "https://…", "2": "https://…" } }`.
   *
   * @default 'POST /get-upload-urls'
   */
  readonly getUploadUrls?: Endpoint | undefined
  /**
   * Makes the object. It gets `{ parts: [{ PartNumber, ETag }] }`, in ascending order and with ETags without quotes, and
   * answers any 2xx. Here and below, `/{uploadId}/{key}` is appended to a path without names.
   *
   * @default 'POST /complete/{uploadId}/{key}'
   */
  readonly complete?: Endpoint | undefined
  /**
   * Lists the stored parts. It gets `{ after }`, a part number that is 0 at first, and answers
   * `{ parts: [{ PartNumber, Size, ETag }], next }`. `Size` is in bytes; `next` is the `after` of the next page, or null.
   * Without it, a resume relies on the checkpoint. The method is POST unless the path names another.
   *
   * @default none
   */
  readonly listParts?: Endpoint | undefined
  /**
   * Says what became of an upload: it answers `{ state }` with `completed`, `open` or `gone`. It is called if the answer to
   * `complete` was lost. Without it, such an upload may end with `UnsureError`. The method is POST unless the path names
   * another.
   *
   * @default none
   */
  readonly status?: Endpoint | undefined
  /**
   * Throws the parts away. It answers any 2xx, or 404 or 410 if they are gone. Without it, cancelling leaves them to the
   * bucket's lifecycle rule. The method is POST unless the path names another.
   *
   * @default none
   */
  readonly abort?: Endpoint | undefined
}

/** The options of `presigned`. */
export type PresignedOptions = ServerOptions & {
  /** Your server's paths and methods, or functions that make the calls. @default those of `PresignedEndpoints` */
  readonly endpoints?: PresignedEndpoints | undefined
  /** Computes `fileHash`, any text that names the content. @default xxHash64 of the whole file, 16 lowercase hex digits */
  readonly fileHash?: Digester | undefined
  /** Whether `fileSize` is sent as a JSON number, or as a string for servers that insist on one. @default 'number' */
  readonly fileSize?: 'number' | 'string' | undefined
}

type PresignedSession = { readonly key: string; readonly uploadId: string }

/**
 * A backend for a server that presigns S3 multipart uploads: it starts an upload, signs URLs for parts, and completes
 * (docs/backends/presigned.md).
 *
 * @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path, an endpoint that is neither of these nor a
 * function, or an unknown `fileSize`.
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
  readonly abort?: NonNullable<Backend<PresignedSession>['abort']>
  readonly reopen?: NonNullable<Backend<PresignedSession>['reopen']>
  readonly status?: NonNullable<Backend<PresignedSession>['status']>
  readonly #server: Server
  readonly #fileHash: Digester | undefined
  readonly #fileSize: 'number' | 'string'
  readonly #start: Resolved
  readonly #urls: Resolved
  readonly #complete: Resolved

  constructor({ endpoints = {}, fileHash, fileSize = 'number', ...server }: PresignedOptions) {
    this.#fileSize = requireOneOf('fileSize', fileSize, ['number', 'string'])
    this.#server = new Server(server)
    this.#fileHash = fileHash
    const { abort, listParts, startUpload, status } = endpoints
    this.name = this.#server.named('presigned', startUpload)
    this.#start = endpoint('startUpload', startUpload, 'POST /start-upload')
    this.#urls = endpoint('getUploadUrls', endpoints.getUploadUrls, 'POST /get-upload-urls')
    this.#complete = atUpload('complete', endpoints.complete ?? '/complete')
    if (abort !== undefined) this.abort = this.#aborting(atUpload('abort', abort))
    if (status !== undefined) this.status = this.#asking(atUpload('status', status))
    if (listParts !== undefined) this.reopen = this.#listing(atUpload('listParts', listParts))
  }

  fileDigest(): Digester | 'xxhash64' {
    return this.#fileHash ?? 'xxhash64'
  }

  async open(file: FileDescription, call: BackendCall): Promise<Opened<PresignedSession>> {
    const fileSize = this.#fileSize === 'number' ? file.size : String(file.size)
    // The contract's own fields win over params of the same name.
    const body = { ...file.params, fileName: file.name, fileHash: file.digest ?? '', fileSize }
    const answer = (await this.#server.call(this.#start, { body }, call)).fields()
    const session = { key: answer.inPath('key'), uploadId: answer.inPath('uploadId') }
    const targets = answer.isNull('urls') ? [] : targetsIn(answer)
    return { session, targets, partSize: answer.size('partSize') }
  }

  async sign(
    session: PresignedSession,
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    const { key, uploadId } = session
    const numbers = parts.map(({ number }) => number)
    const body = { key, uploadId, parts: numbers }
    const reply = await orLost(this.#server.call(this.#urls, { body }, call), lostCodes)
    return targetsIn(reply.fields(), numbers)
  }

  async complete(
    session: PresignedSession,
    receipts: readonly PartReceipt[],
    _: WholeFile,
    call: BackendCall,
  ): Promise<Completed> {
    const parts = receipts.map(({ number, etag }) => ({ PartNumber: number, ETag: withoutQuotes(etag) }))
    const reply = await this.#atUpload(this.#complete, session, { parts }, call)
    // S3 may find out after it has sent its 200 that it cannot complete, and says so in the body (Amazon S3 API,
    // CompleteMultipartUpload). Servers pass that on. They may also answer a key with slashes with a page.
    reply.requireNoError(lostCodes)
    return { key: session.key }
  }

  #asking(endpoint: Resolved): NonNullable<Backend<PresignedSession>['status']> {
    const ask = async (session: PresignedSession, call: BackendCall): Promise<SessionStatus> => {
      const answer = (await this.#atUpload(endpoint, session, {}, call)).fields()
      const state = answer.oneOf('state', ['completed', 'open', 'gone'])
      return state === 'completed' ? { state, key: session.key } : { state }
    }
    return (session, call) => goneIfLost(ask(session, call))
  }

  #listing(endpoint: Resolved): NonNullable<Backend<PresignedSession>['reopen']> {
    return async (session, _file, call): Promise<Reopened> => {
      const parts: ListedPart[] = []
      for (let after: number | null = 0; after !== null; ) {
        const reply: Reply = await this.#atUpload(endpoint, session, { after }, call)
        const answer = reply.fields()
        for (const part of answer.list('parts')) {
          parts.push({
            number: part.count('PartNumber', 1),
            size: part.count('Size', 0),
            etag: part.text('ETag'),
          })
        }
        after = answer.isNull('next') ? null : answer.count('next', after + 1)
        // There are no parts behind it, and the list must come to an end.
        if (after !== null && after > s3Limits.maxParts) answer.refuse('next', 'a part number')
      }
      return { parts, source: 'storage' }
    }
  }

  #aborting(endpoint: Resolved): NonNullable<Backend<PresignedSession>['abort']> {
    return (session, call) => unlessLost(this.#atUpload(endpoint, session, {}, call))
  }

  #atUpload(
    endpoint: Resolved,
    { key, uploadId }: PresignedSession,
    body: JsonFields,
    call: BackendCall,
  ): Promise<Reply> {
    const path = { uploadId, key: key.split('/') }
    return orLost(this.#server.call(endpoint, { path, body }, call), lostCodes)
  }
}

/** @param numbers The parts whose URLs must be there. @default all that came */
function targetsIn(answer: Answer, numbers?: readonly number[]): readonly PartTarget[] {
  const urls = answer.inner('urls')
  return (numbers ?? partsOf(urls.all)).map((number) =>
    presignedTarget(number, urls.url(String(number), `urls.${number}`)),
  )
}

/** Names that are no part numbers are ignored, as any unknown field is. */
function partsOf(urls: object): readonly number[] {
  return Object.keys(urls)
    .map(Number)
    .filter((number) => number > 0)
}

/** S3's own code for an upload that it does not know. */
const lostCodes = ['NoSuchUpload']

/** By the contract the end of the path names the upload. */
function atUpload(name: string, option: Endpoint): Resolved {
  const named = typeof option === 'string' && !option.includes('{') && option !== ''
  return endpoint(name, named ? option.replace(/\/*(?=\?|$)/, '/{uploadId}/{key}') : option, 'POST /')
}

function withoutQuotes(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}

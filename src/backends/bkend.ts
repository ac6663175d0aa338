import { HttpError, SessionLostError, UploadError } from '../errors.ts'
import { meaningToS3 } from '../http-failure.ts'
import { chosen, given, requireWhole } from '../options.ts'
import type {
  Backend,
  BackendCall,
  BackendLimits,
  Completed,
  FileDescription,
  HeldReceipt,
  Identity,
  Opened,
  Params,
  Part,
  PartTarget,
  Refusal,
  RefusalMeaning,
  SessionStatus,
  WholeFile,
} from '../ports.ts'
import type { Answer } from './answer.ts'
import { type BkendAccessOptions, bkendAccess } from './bkend-access.ts'
import {
  answerOf,
  type BkendFile,
  type BkendMetadata,
  type BkendVisibility,
  keyOf,
  readFile,
} from './bkend-file.ts'
import { type Endpoint, endpointsOf, type JsonFields, type Resolved } from './endpoint.ts'
import { presignedTarget } from './presigned-target.ts'
import { s3Limits } from './s3-limits.ts'
import { type Ask, asLost, Server, unlessLost } from './server.ts'

/** The endpoints of `bkend`. */
export type BkendEndpoints = NonNullable<BkendAccessOptions['endpoints']> & {
  /** Returns a URL for a file in one PUT. @default 'POST /v1/files/presigned-url' */
  readonly presignedUrl?: Endpoint | undefined
  /** Starts an upload in parts. @default 'POST /v1/files/multipart/init' */
  readonly initMultipart?: Endpoint | undefined
  /** Returns a URL for one part. @default 'POST /v1/files/multipart/presigned-url' */
  readonly partUrl?: Endpoint | undefined
  /** Makes the object from the parts. @default 'POST /v1/files/multipart/complete' */
  readonly completeMultipart?: Endpoint | undefined
  /** Throws the parts away. @default 'POST /v1/files/multipart/abort' */
  readonly abortMultipart?: Endpoint | undefined
  /** Registers the object as a file. @default 'POST /v1/files' */
  readonly registerFile?: Endpoint | undefined
  /** Finds a registered file if the answer to registering was lost. @default 'GET /v1/files' */
  readonly listFiles?: Endpoint | undefined
}

/** The categories of files in bkend. */
export type BkendCategory = 'images' | 'documents' | 'media' | 'attachments' | 'exports' | 'backups' | 'temp'

/** The buckets in which bkend can register a file. */
export type BkendBucket = 'avatars' | 'documents' | 'media' | 'files' | 'images' | 'temp'

/** A value for every file, or a function that chooses it when an upload begins. `undefined` is not sent. */
export type BkendChoice<T> = T | ((file: Identity, params: Params) => T | undefined)

/** The options of `bkend`. */
export type BkendOptions = BkendAccessOptions & {
  /** Your server's paths and methods, or functions that make the calls. @default those of `BkendEndpoints` */
  readonly endpoints?: BkendEndpoints | undefined
  /**
   * The largest file that is sent in one PUT, in bytes. Larger files are sent in parts. From 0 to 5 GiB, the most that S3
   * takes in one PUT. @default 10 MiB
   */
  readonly singleLimit?: number | undefined
  /** Who may see the file. @default bkend's own, private */
  readonly visibility?: BkendChoice<BkendVisibility> | undefined
  /** The category, sent when the upload begins and again in the file's metadata. @default none */
  readonly category?: BkendChoice<BkendCategory> | undefined
  /** The bucket in which the file is registered. @default none */
  readonly bucket?: BkendChoice<BkendBucket> | undefined
  /** The metadata with which the file is registered. The checkpoint keeps it, so put no secret in it. @default none */
  readonly metadata?: BkendChoice<BkendMetadata> | undefined
}

/** `file`: the fields to register, decided once. `uploadId`: null for a single PUT. */
type BkendSession = { readonly key: string; readonly uploadId: string | null; readonly file: JsonFields }

/**
 * A backend for bkend's storage (docs/backends/bkend.md): small files go in one PUT, others in parts, and each is then
 * registered as a file. `UploadResult.details` is that file, a `BkendFile` with its id.
 *
 * @throws TypeError if `apiKey` is not a publishable key, or for a `baseUrl` or an endpoint that is neither an http(s) URL
 * nor a path; an endpoint may also be a function.
 * @throws RangeError for a `singleLimit` that is not a whole number from 0 to 5 GiB.
 *
 * @example
 * ```ts
 * import { type BkendFile, bkend, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({
 *   backend: bkend({ apiKey: 'pk_…', accessToken: () => auth.accessToken, visibility: 'public' }),
 * })
 * const { details } = await uploader.uploadFile(file)
 * const { id } = details as BkendFile
 * ```
 */
export function bkend(options: BkendOptions): Backend<BkendSession> {
  return new Bkend(options)
}

const standard = {
  presignedUrl: 'POST /v1/files/presigned-url',
  initMultipart: 'POST /v1/files/multipart/init',
  partUrl: 'POST /v1/files/multipart/presigned-url',
  completeMultipart: 'POST /v1/files/multipart/complete',
  abortMultipart: 'POST /v1/files/multipart/abort',
  registerFile: 'POST /v1/files',
  listFiles: 'GET /v1/files',
} as const

type Name = keyof typeof standard

/** The lifetime of a URL that does not tell its own, in milliseconds (bkend, "Single File Upload"). */
const usualLifetime = 15 * 60_000

/** Pages of a hundred files of one name, newest first: a file that was just registered is on the first. */
const lookedThrough = 5

class Bkend implements Backend<BkendSession> {
  readonly name: string
  /** One URL per call: the engine makes as many calls at once as it needs URLs, and repeats only those that fail. */
  readonly limits: BackendLimits = { ...s3Limits, maxBatch: 1 }
  readonly #server: Server
  readonly #endpoints: Readonly<Record<Name, Resolved>>
  readonly #options: BkendOptions
  readonly #singleLimit: number
  /** The key of a single PUT has one URL, which bkend does not give again. In memory only: URLs are not stored. */
  readonly #urls = new Map<string, { readonly target: PartTarget; readonly until: number }>()
  /** Uploads in parts that this page has completed (true), or may have completed without getting an answer (false). */
  readonly #completed = new Map<string, boolean>()

  constructor(options: BkendOptions) {
    this.#server = new Server(bkendAccess(options))
    this.name = this.#server.named('bkend', options.bucket, options.visibility)
    this.#options = options
    this.#singleLimit = requireSingleLimit(options.singleLimit ?? 10 * 1024 * 1024)
    this.#endpoints = endpointsOf(standard, options.endpoints)
  }

  async open(file: FileDescription, call: BackendCall): Promise<Opened<BkendSession>> {
    const { visibility, category, bucket, metadata } = this.#options
    const { name, size, params } = file
    const mimeType = file.type || 'application/octet-stream'
    const isSingle = size <= this.#singleLimit
    const kind = chosen(category, file, params)
    const access = chosen(visibility, file, params)
    const body = { filename: name, contentType: mimeType, fileSize: size, visibility: access, category: kind }
    const answer = await this.#ask(isSingle ? 'presignedUrl' : 'initMultipart', { body: given(body) }, call)
    const session = {
      key: answer.text('key'),
      uploadId: isSingle ? null : answer.text('uploadId'),
      file: given({
        originalName: name,
        mimeType,
        size,
        ...(await file.pictureSize()),
        visibility: access,
        bucket: chosen(bucket, file, params),
        metadata: unlessEmpty(given({ category: kind, ...chosen(metadata, file, params) })),
      }),
    }
    if (!isSingle) return { session, partSize: undefined }
    const target = singleTarget(answer, mimeType)
    this.#urls.set(session.key, { target, until: Date.now() + target.validFor })
    return { session, partSize: Math.max(1, size), targets: [target] }
  }

  async sign(
    session: BkendSession,
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    if (session.uploadId === null) return [this.#kept(session.key)]
    return Promise.all(parts.map(({ number }) => this.#signPart(session, number, call)))
  }

  /** Only a single PUT needs no ETag. bkend gives its URL once, so a refusal begins the file anew with another key. */
  judge(refusal: Refusal, { needsEtag }: PartTarget): RefusalMeaning | undefined {
    const isRefused = meaningToS3(refusal) === 'target-expired'
    return isRefused && needsEtag === false ? 'session-lost' : undefined
  }

  async complete(
    session: BkendSession,
    receipts: readonly HeldReceipt[],
    _: WholeFile,
    call: BackendCall,
  ): Promise<Completed> {
    const { key } = session
    if (session.uploadId !== null && !this.#completed.get(key)) await this.#assemble(session, receipts, call)
    const details = await this.#register(session, call)
    this.#forget(session)
    return details === undefined ? { key } : { key, details }
  }

  /** A registered upload is complete. Nothing can be known of any other. */
  async status(session: BkendSession, call: BackendCall): Promise<SessionStatus> {
    const details = await this.#lookUp(session, call)
    return details ? { state: 'completed', key: session.key, details } : { state: 'gone', isGuess: true }
  }

  /** A single PUT has nothing to abort: its object is not registered. */
  async abort(session: BkendSession, call: BackendCall): Promise<void> {
    this.#forget(session)
    if (session.uploadId !== null) await unlessLost(this.#atUpload('abortMultipart', session, {}, call))
  }

  async #signPart(session: BkendSession, number: number, call: BackendCall): Promise<PartTarget> {
    const answer = await this.#atUpload('partUrl', session, { partNumber: number }, call)
    if (answer.count('partNumber', 1) !== number) answer.refuse('partNumber', String(number))
    return targetOf(answer, number)
  }

  /** The URL that came with the key, while it can be used: a PUT that got no answer is sent there again. */
  #kept(key: string): PartTarget {
    const kept = this.#urls.get(key)
    const left = kept ? kept.until - Date.now() : 0
    if (kept && left > 0) return { ...kept.target, validFor: left }
    throw new SessionLostError(new Error('the URL of its single PUT is lost or expired'))
  }

  /** After a lost answer, the upload may be gone because it was completed. Registering then tells whether the object exists. */
  async #assemble(session: BkendSession, receipts: readonly HeldReceipt[], call: BackendCall): Promise<void> {
    const { key } = session
    const parts = receipts.map(({ number, etag }) => ({ partNumber: number, etag: inQuotes(etag) }))
    try {
      await this.#atUpload('completeMultipart', session, { parts }, call)
    } catch (error) {
      const isLost = error instanceof SessionLostError
      if (isLost && this.#completed.has(key)) return
      const status = error instanceof HttpError ? error.status : 500
      if (status >= 500 && !isLost) this.#completed.set(key, false)
      // bkend can say 400 only of an upload that it still has.
      if (status === 400) this.#completed.delete(key)
      throw error
    }
    this.#completed.set(key, true)
  }

  async #register(session: BkendSession, call: BackendCall): Promise<BkendFile | undefined> {
    try {
      const body = { s3Key: session.key, ...session.file }
      return readFile(await this.#ask('registerFile', { body }, call), true)
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      if (error.status === 409) return this.#lookUp(session, call).catch(nothingFound)
      if (error.serviceCode !== 'file/not-found') throw error
      this.#forget(session)
      throw new SessionLostError(error)
    }
  }

  async #lookUp({ key, file }: BkendSession, call: BackendCall): Promise<BkendFile | undefined> {
    const search = String(file['originalName'])
    const query = { search, sortBy: 'createdAt', sortDirection: 'desc', limit: 100 }
    for (let page = 1; page <= lookedThrough; page++) {
      const answer = await this.#ask('listFiles', { query: { ...query, page } }, call)
      const found = answer.list('items').find((item) => keyOf(item) === key)
      if (found) return readFile(found, true)
      if (!answer.inner('pagination').flag('hasNextPage')) return undefined
    }
    return undefined
  }

  #forget({ key }: BkendSession): void {
    this.#urls.delete(key)
    this.#completed.delete(key)
  }

  async #atUpload(
    name: Name,
    { key, uploadId }: BkendSession,
    fields: JsonFields,
    call: BackendCall,
  ): Promise<Answer> {
    try {
      return await this.#ask(name, { body: { key, uploadId, ...fields } }, call)
    } catch (error) {
      throw isUnknown(error) ? new SessionLostError(error) : asLost(error, ['file/not-found'])
    }
  }

  async #ask(name: Name, ask: Ask, call: BackendCall): Promise<Answer> {
    const endpoint = this.#endpoints[name]
    return answerOf(await this.#server.call(endpoint, ask, call))
  }
}

function unlessEmpty(fields: JsonFields): JsonFields | undefined {
  return Object.keys(fields).length > 0 ? fields : undefined
}

/** The URL is signed for that type and works with no other. No call to bkend needs the ETag of a single PUT. */
function singleTarget(answer: Answer, mimeType: string): LimitedTarget {
  const contentType = answer.isNull('contentType') ? mimeType : answer.text('contentType')
  const headers = answer.sendable('contentType', { 'Content-Type': contentType })
  return { ...targetOf(answer, 1), headers, needsEtag: false }
}

type LimitedTarget = PartTarget & { readonly validFor: number }

function targetOf(answer: Answer, number: number): LimitedTarget {
  const target = presignedTarget(number, answer.url('url'))
  return { ...target, validFor: target.validFor ?? usualLifetime }
}

/** Some servers say by a 400 that they do not know an upload. bkend's codes `file/…` mean something else. */
function isUnknown(error: unknown): boolean {
  return error instanceof HttpError && error.status === 400 && !error.serviceCode?.startsWith('file/')
}

/** The file is stored. Only its description could not be read. */
function nothingFound(error: unknown): undefined {
  if (!(error instanceof UploadError) || error.retryable) throw error
}

function inQuotes(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`
}

function requireSingleLimit(limit: number): number {
  if (requireWhole('singleLimit', limit, 0) <= s3Limits.maxPartSize) return limit
  throw new RangeError(`Expected \`singleLimit\` to be at most ${s3Limits.maxPartSize}, got ${limit}`)
}

import { FileChangedError, HttpError, SessionLostError } from '../errors.ts'
import { meaningToS3 } from '../http-failure.ts'
import type {
  Backend,
  BackendCall,
  Completed,
  FileDescription,
  HeldReceipt,
  Identity,
  ListedPart,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Refusal,
  RefusalMeaning,
  Reopened,
  SessionStatus,
  StoredSoFar,
  WholeFile,
} from '../ports.ts'
import { Answer } from './answer.ts'
import { endpointsOf, type JsonFields, joinUrl, type Resolved } from './endpoint.ts'
import { type FragnoOptions, requireChecksum } from './fragno-options.ts'
import { explained, holds, requestFor } from './fragno-request.ts'
import {
  allParts,
  completed,
  type FollowUp,
  type FragnoSession,
  type FragnoUpload,
  type Look,
  readCompletion,
  readLook,
  readPartTargets,
  readRecorded,
  readSingleTarget,
  readUpload,
  timeLeft,
} from './fragno-session.ts'
import { s3Limits } from './s3-limits.ts'
import { asLost, goneIfLost, Reply, Server, unlessLost } from './server.ts'

/**
 * A backend for Fragno's upload fragment, `@fragno-dev/upload` (docs/backends/fragno.md). The server decides whether a file
 * goes in one request, in parts or through the server. `baseUrl` is the full address at which the fragment is mounted.
 *
 * @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path, an endpoint that is neither of these nor a
 * function, or an unknown `checksum`.
 * @throws RangeError for a `checksumLimit` that is no number of bytes, 0 or more.
 *
 * @example
 * ```ts
 * import { fragno, fragnoFile, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({
 *   backend: fragno({
 *     baseUrl: '/api/uploads',
 *     fileKey: ({ params, name }) => `albums/${params['album']}/${name}`,
 *     visibility: 'public',
 *   }),
 * })
 * const { key, details } = await uploader.uploadFile(file, { params: { album: '42' } })
 * console.log(key, fragnoFile(details)?.createdAt)
 * ```
 */
export function fragno(options: FragnoOptions): Backend<FragnoSession> {
  return new Fragno(options)
}

class Fragno implements Backend<FragnoSession> {
  readonly name: string
  readonly limits: Backend['limits'] = s3Limits
  readonly #options: FragnoOptions
  readonly #checksum: 'sha256' | 'md5' | undefined
  readonly #checksumLimit: number
  readonly #server: Server
  readonly #endpoints: Readonly<Record<Name, Resolved>>
  /** Ids of uploads that an answer called expired. Their status may not say so, and the page may not see the server's clock. */
  readonly #expired = new Set<string>()

  constructor(options: FragnoOptions) {
    const { fileKey, provider, visibility, checksum = 'sha256', checksumLimit = 1024 ** 3 } = options
    requireChecksum(checksum, checksumLimit)
    this.#options = options
    this.#checksum = checksum === 'none' ? undefined : checksum
    this.#checksumLimit = checksumLimit
    this.#server = new Server(options)
    this.name = this.#server.named('fragno', provider, fileKey, visibility)
    this.#endpoints = endpointsOf(standard, options.endpoints)
  }

  fileDigest({ size }: Identity): 'sha256' | 'md5' | undefined {
    return size <= this.#checksumLimit ? this.#checksum : undefined
  }

  async open(file: FileDescription, call: BackendCall): Promise<Opened<FragnoSession>> {
    const request = await requestFor(file, this.#options, this.#checksum)
    const created = await this.#created(request, call)
    if (!(created instanceof Reply)) {
      const { size } = file
      return { session: { file: created }, partSize: size || 1, parts: allParts(size, size || 1) }
    }
    const answer = created.fields()
    const session = readUpload(answer, file.size)
    const isMultipart = session.strategy === 'direct-multipart'
    // Only an upload that was found again has stored parts.
    const isFound = isMultipart && answer.json('status') === 'in_progress'
    const left = timeLeft(answer, created)
    return {
      session,
      partSize: session.partSize,
      targets: isMultipart ? [] : [await this.#onlyTarget(session, answer)],
      parts: isFound ? await this.#recorded(session, call) : [],
      ...(left > 0 && { expiresIn: left }),
    }
  }

  async reopen(session: FragnoSession, { size }: FileDescription, call: BackendCall): Promise<Reopened> {
    return { parts: await this.#known(session, size, call), source: 'record' }
  }

  async sign(
    session: FragnoSession,
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    if ('file' in session) return []
    if (session.strategy !== 'direct-multipart') {
      const { answer } = await this.#look(session, call)
      return [await this.#onlyTarget(session, answer)]
    }
    const body = { partNumbers: parts.map(({ number }) => number) }
    return readPartTargets((await this.#call('parts', session, call, body)).fields(), parts)
  }

  /** A single PUT has one URL, and gets no other while the session lasts. Only a proxied upload has credentials. */
  judge(refusal: Refusal, { needsEtag, credentials }: PartTarget): RefusalMeaning | undefined {
    const meaning = meanings.get(refusal.serviceCode)
    if (meaning || needsEtag !== false || credentials) return meaning
    return meaningToS3(refusal) === 'target-expired' ? 'session-lost' : undefined
  }

  async record(session: FragnoSession, receipts: readonly PartReceipt[], call: BackendCall): Promise<void> {
    if ('file' in session || session.strategy !== 'direct-multipart') return
    const parts = receipts.map(({ number, etag, size }) => ({ partNumber: number, etag, sizeBytes: size }))
    await this.#call('partsComplete', session, call, { parts })
  }

  /** The server itself counts what goes through it. */
  async report(session: FragnoSession, { bytes, parts }: StoredSoFar, call: BackendCall): Promise<void> {
    if ('file' in session || session.strategy === 'proxy') return
    await this.#call('progress', session, call, { bytesUploaded: bytes, partsUploaded: parts })
  }

  async complete(
    session: FragnoSession,
    receipts: readonly HeldReceipt[],
    _: WholeFile,
    call: BackendCall,
  ): Promise<Completed> {
    if ('file' in session) return fileIn(session)
    const isMultipart = session.strategy === 'direct-multipart'
    // The server has completed such an upload by itself, or for another visit.
    const isCompleted =
      session.strategy === 'proxy' || (isMultipart && receipts.some(({ etag }) => etag === ''))
    if (isCompleted) return this.#whatBecame(session, call)
    const parts = receipts.map(({ number, etag }) => ({ partNumber: number, etag }))
    try {
      const reply = await this.#call('complete', session, call, isMultipart ? { parts } : {})
      return readCompletion(reply.fields())
    } catch (error) {
      return await this.#afterFailure(error, session, call)
    }
  }

  async status(session: FragnoSession, call: BackendCall): Promise<SessionStatus> {
    if ('file' in session) return { state: 'completed', ...fileIn(session) }
    const state = await this.#state(session, call)
    return state === 'completed' ? { state, ...(await this.#describe(session, call)) } : { state }
  }

  async abort(session: FragnoSession, call: BackendCall): Promise<void> {
    if ('file' in session) return
    try {
      await unlessLost(this.#call('abort', session, call))
    } catch (error) {
      // The server asks the storage first, which fails if it holds nothing any more.
      const isOver = error instanceof HttpError && (await this.#state(session, call)) !== 'open'
      if (!isOver) throw error
    }
  }

  /** The answer, or the file if exactly the one that is asked for is already stored. */
  async #created(request: JsonFields, call: BackendCall): Promise<Reply | JsonFields> {
    try {
      return await this.#server.call(this.#endpoints.create, { body: request }, call)
    } catch (error) {
      const isTaken = error instanceof HttpError && error.serviceCode === 'FILE_ALREADY_EXISTS'
      const file = isTaken ? await this.#same(request, call) : undefined
      if (file === undefined) throw explained(error)
      return file
    }
  }

  async #same(request: JsonFields, call: BackendCall): Promise<JsonFields | undefined> {
    if (request['checksum'] === undefined) return undefined
    const query = { prefix: String(request['fileKey']), provider: this.#options.provider }
    const reply = await this.#server.call(this.#endpoints.listFiles, { query }, call)
    const files = reply.fields().list('files')
    return files.find((file) => holds(file, request))?.all as JsonFields | undefined
  }

  async #known(session: FragnoSession, size: number, call: BackendCall): Promise<readonly ListedPart[]> {
    if ('file' in session) return allParts(size, size || 1)
    const { state } = await this.#look(session, call)
    if (state === 'completed') return allParts(size, session.partSize)
    return session.strategy === 'direct-multipart' ? this.#recorded(session, call) : []
  }

  /** The target of an upload in one request. */
  async #onlyTarget({ strategy, paths }: FragnoUpload, answer: Answer): Promise<PartTarget> {
    if (strategy === 'direct-single') return readSingleTarget(answer.inner('upload'))
    const { baseUrl, credentials } = this.#server
    return {
      number: 1,
      url: joinUrl(baseUrl, paths.content ?? ''),
      method: 'PUT',
      // The server takes no other type, whatever the file is.
      headers: { ...(await this.#server.headers()), 'content-type': 'application/octet-stream' },
      validFor: undefined,
      needsEtag: false,
      credentials,
    }
  }

  /** Empty if the server has no such list, which the document does not mention. */
  async #recorded(session: FragnoUpload, call: BackendCall): Promise<readonly ListedPart[]> {
    try {
      return readRecorded((await this.#call('listParts', session, call)).fields())
    } catch (error) {
      if (error instanceof SessionLostError || (error instanceof HttpError && error.status === 404)) return []
      throw error
    }
  }

  /** 500 and 502 may come after the effect, and again every time, because the storage no longer knows the upload. */
  async #afterFailure(error: unknown, session: FragnoUpload, call: BackendCall): Promise<Completed> {
    if (!(error instanceof HttpError)) throw error
    if (error.serviceCode === 'INVALID_CHECKSUM') throw new FileChangedError(notAsDigested(error))
    if (error.status < 500) throw error
    const state = await this.#state(session, call).catch(() => {})
    if (state === 'completed') return this.#describe(session, call)
    throw state === 'gone' ? new SessionLostError(error) : error
  }

  async #whatBecame(session: FragnoUpload, call: BackendCall): Promise<Completed> {
    const { state, answer } = await this.#look(session, call)
    if (state === 'completed') return this.#describe(session, call)
    return answer.refuse('status', 'completed')
  }

  /** The upload is complete, whether or not the server can describe the file. */
  async #describe({ fileKey, provider }: FragnoUpload, call: BackendCall): Promise<Completed> {
    try {
      const reply = await this.#server.call(this.#endpoints.file, { query: { provider, key: fileKey } }, call)
      return completed(reply.fields())
    } catch {
      call.signal.throwIfAborted()
      return { key: fileKey }
    }
  }

  async #state(session: FragnoUpload, call: BackendCall): Promise<SessionStatus['state']> {
    const { state } = await goneIfLost<Pick<Look, 'state'>>(this.#look(session, call))
    return state
  }

  async #look(session: FragnoUpload, call: BackendCall): Promise<Look> {
    return readLook(await this.#call('status', session, call), this.#expired.has(session.uploadId))
  }

  async #call(name: CallName, session: FragnoUpload, call: BackendCall, body?: JsonFields): Promise<Reply> {
    const { uploadId, fileKey, provider, paths } = session
    const own = this.#endpoints[name]
    const isGiven = this.#options.endpoints?.[name] !== undefined
    const route = isGiven ? own : { ...own, path: paths[name === 'listParts' ? 'parts' : name] ?? '' }
    try {
      const path = { uploadId, fileKey: fileKey.split('/'), provider }
      return await this.#server.call(route, { path, body }, call)
    } catch (error) {
      const code = error instanceof HttpError && error.serviceCode
      if (code === 'UPLOAD_EXPIRED') this.#expired.add(uploadId)
      // A wrong address does not mean a lost upload.
      throw code === 'ROUTE_NOT_FOUND' ? error : asLost(error, lostCodes.get(name))
    }
  }
}

/** `/` stands for the paths that the server's answer names. */
const standard = {
  create: 'POST /uploads',
  listFiles: 'GET /files',
  file: 'GET /files/by-key',
  status: 'GET /',
  progress: 'POST /',
  parts: 'POST /',
  listParts: 'GET /',
  partsComplete: 'POST /',
  complete: 'POST /',
  abort: 'POST /',
} as const

type Name = keyof typeof standard

type CallName = Exclude<FollowUp, 'content'> | 'listParts'

/** A request for URLs is refused with this code only if the session is over. */
const lostCodes: ReadonlyMap<CallName, readonly string[]> = new Map([['parts', ['UPLOAD_INVALID_STATE']]])

/** The server's codes for a proxied PUT, which completes the upload, or ends it if it fails. */
const meanings: ReadonlyMap<string | undefined, RefusalMeaning> = new Map([
  ['FILE_ALREADY_EXISTS', 'stored'],
  ['UPLOAD_INVALID_STATE', 'session-lost'],
  ['UPLOAD_EXPIRED', 'session-lost'],
])

function fileIn({ file }: { readonly file: JsonFields }): Completed {
  return completed(new Answer('file', file))
}

function notAsDigested({ message }: HttpError): string {
  return `the file changed after it was digested: ${message}`
}

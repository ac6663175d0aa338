import { base64OfHex } from '../base64.ts'
import { HttpError, SessionLostError } from '../errors.ts'
import { chosen } from '../options.ts'
import type {
  Backend,
  BackendCall,
  Completed,
  FileDescription,
  HeldReceipt,
  Json,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Reopened,
  SessionStatus,
  WholeFile,
} from '../ports.ts'
import type { Answer } from './answer.ts'
import { type Endpoint, endpointsOf, type JsonFields, type Resolved } from './endpoint.ts'
import { mediaType } from './media-type.ts'
import { presignedTarget } from './presigned-target.ts'
import { s3Limits } from './s3-limits.ts'
import { orLost, type Reply, Server, type ServerOptions, unlessLost, withHeaders } from './server.ts'

const standard = {
  initiate: 'POST /files/uploads/initiate',
  partUrls: 'POST /files/uploads/{uploadId}/parts/urls',
  checkpoint: 'POST /files/uploads/{uploadId}/parts/checkpoint',
  complete: 'POST /files/uploads/{uploadId}/complete',
  abort: 'POST /files/uploads/{uploadId}/abort',
  metadata: 'GET /files/metadata/{fileName}',
} as const

type Name = keyof typeof standard

/** The values of `file_status` for a completed upload. Before that, and after a deletion, there are others. */
const ends = ['Registered', 'Ingested', 'Corrupt']

/** The endpoints of `newton`. */
export type NewtonEndpoints = {
  /** Starts an upload, or finds it again. @default 'POST /files/uploads/initiate' */
  readonly initiate?: Endpoint | undefined
  /** Returns fresh URLs for parts. @default 'POST /files/uploads/{uploadId}/parts/urls' */
  readonly partUrls?: Endpoint | undefined
  /** Records the tokens of stored parts. @default 'POST /files/uploads/{uploadId}/parts/checkpoint' */
  readonly checkpoint?: Endpoint | undefined
  /** Makes the file. @default 'POST /files/uploads/{uploadId}/complete' */
  readonly complete?: Endpoint | undefined
  /** Throws the parts away. @default 'POST /files/uploads/{uploadId}/abort' */
  readonly abort?: Endpoint | undefined
  /** Describes a file. Called if the answer to `complete` was lost. @default 'GET /files/metadata/{fileName}' */
  readonly metadata?: Endpoint | undefined
}

/** The options of `newton`. */
export type NewtonOptions = Omit<ServerOptions, 'baseUrl'> & {
  /** The address of the API, or of your proxy: a path or an http(s) URL. @default 'https://api.u1.archetypeai.app/v0.5' */
  readonly baseUrl?: string | undefined
  /**
   * The API key, sent as a bearer token. A function is called before every call. **Everybody who opens the page can read
   * the key and use it for all that it allows.** To avoid that, leave it out and let `baseUrl` lead to a proxy on your own
   * server that adds the key. @default none
   */
  readonly apiKey?: (string | (() => string | Promise<string>)) | undefined
  /** Your server's paths and methods, or functions that make the calls. @default those of `NewtonEndpoints` */
  readonly endpoints?: NewtonEndpoints | undefined
}

/** The `details` of a result: the server's description of the file, by its own field names. There may be further fields. */
export type NewtonFile = {
  /** The file's unique id. */
  readonly file_uid: string
  /** The file's name: `UploadResult.key`. A newer file of the same name replaces this one. */
  readonly file_name: string
  /** The size of the file, in bytes. */
  readonly num_bytes: number
  /** The server's status of the file, such as `Registered`. Never `Corrupt`. */
  readonly file_status: string
  readonly file_attributes?: Json
}

type NewtonSession = {
  readonly uploadId: string
  readonly fileUid: string
  readonly name: string
  /** Whether the server compares a CRC32C of the whole file. */
  readonly crc32c: boolean
  /** The size of the file, in bytes. */
  readonly size: number
  /** Number and size of each part, in the file's order. */
  readonly parts: readonly (readonly [number: number, size: number])[]
}

type Initiated = {
  readonly session: NewtonSession
  readonly isResume: boolean
  readonly cuts: readonly Part[]
  readonly targets: readonly PartTarget[]
}

/**
 * A backend for Archetype AI's Newton Files API, direct to the cloud (docs/backends/newton.md): files of up to 250 GB, which
 * the server cuts into parts. A result's `key` is the file's name, and its `details` are a `NewtonFile`.
 *
 * @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path, or an endpoint that is neither of these nor a
 * function.
 *
 * @example
 * ```ts
 * import { newton, Uploader } from 'longhaul'
 *
 * // The application's own proxy, which adds the API key.
 * const uploader = new Uploader({ backend: newton({ baseUrl: '/newton' }) })
 * const { details } = await uploader.uploadFile(file) // { file_uid: 'fil_…', file_status: 'Registered', … }
 * ```
 */
export function newton(options: NewtonOptions = {}): Backend<NewtonSession> {
  return new Newton(options)
}

class Newton implements Backend<NewtonSession> {
  readonly name: string
  /** The server decides the number of parts. 50,000 parts of 5 MiB, S3's smallest, hold the largest file. */
  readonly limits: Backend['limits'] = { ...s3Limits, maxParts: 50_000, maxFileSize: 250_000_000_000 }
  readonly #server: Server
  readonly #endpoints: Readonly<Record<Name, Resolved>>

  constructor({ apiKey, endpoints, headers, ...server }: NewtonOptions) {
    this.#server = new Server({
      baseUrl: 'https://api.u1.archetypeai.app/v0.5',
      ...server,
      headers: async () => {
        const key = await chosen(apiKey)
        return withHeaders(key ? { authorization: `Bearer ${key}` } : {}, headers)
      },
    })
    this.name = this.#server.named('newton')
    this.#endpoints = endpointsOf(standard, endpoints)
  }

  wholeChecksum({ crc32c }: NewtonSession): 'crc32c' | undefined {
    return crc32c ? 'crc32c' : undefined
  }

  /**
   * An upload of this name, type and size that is already under way is thrown away: it may be of other content, and nobody
   * knows here which of its parts are stored. If type or size differ, the server answers 409 without its id.
   */
  async open(file: FileDescription, call: BackendCall): Promise<Opened<NewtonSession>> {
    const found = await this.#initiate(file, true, call).catch(where(409))
    if (found?.isResume) await this.abort(found.session, call)
    const { session, cuts, targets } =
      found?.isResume === false
        ? found
        : await this.#initiate(file, false, call).catch((error: unknown) =>
            conflict(error, 'a file with this name is being uploaded: wait, or rename it'),
          )
    return { session, cuts, targets, partSize: cuts[0]?.size || 1 }
  }

  /** The server lists the parts that are missing. All others are on its record. */
  async reopen(session: NewtonSession, file: FileDescription, call: BackendCall): Promise<Reopened> {
    const found = await this.#initiate(file, true, call).catch(where(409))
    // An upload of another file of this name hides the record of this one. Only the receipts here count then.
    if (found === undefined) return { parts: [], source: 'record' }
    if (!found.isResume) await this.abort(found.session, call)
    if (!found.isResume || found.session.uploadId !== session.uploadId)
      throw new SessionLostError(new Error('another upload took its place'))
    const pending = new Set(found.cuts.map(({ number }) => number))
    const recorded = session.parts.filter(([number]) => !pending.has(number))
    return { parts: recorded.map(([number, size]) => ({ number, size })), source: 'record' }
  }

  async sign(
    session: NewtonSession,
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    const body = { part_numbers: parts.map(({ number }) => number) }
    const reply = await this.#atUpload('partUrls', session, call, body)
    const signed = readParts(reply)
    return parts.map(({ number, offset, size }) => {
      const found = signed.find((one) => one.number === number)
      if (found?.offset === offset && found.size === size) return found
      return reply.fields().refuse('parts', `a list with part ${number}: ${size} bytes at ${offset}`)
    })
  }

  async record(session: NewtonSession, receipts: readonly PartReceipt[], call: BackendCall): Promise<void> {
    await this.#atUpload('checkpoint', session, call, { parts: tokens(receipts) })
  }

  async complete(
    session: NewtonSession,
    receipts: readonly HeldReceipt[],
    { checksums }: WholeFile,
    call: BackendCall,
  ): Promise<Completed> {
    const crc32c = session.crc32c && checksums.crc32c
    const parts = tokens(receipts.filter(({ isOnRecord }) => !isOnRecord))
    const body = { parts, ...(crc32c && { integrity_checksum: base64OfHex(crc32c) }) }
    try {
      return completedOf((await this.#atUpload('complete', session, call, body)).fields(), session)
    } catch (error) {
      // The answer to an earlier request was lost, and the server may still be at work on it.
      where(409)(error)
      return (await this.#find(session, call)) ?? conflict(error, 'there is no file yet', true)
    }
  }

  async status(session: NewtonSession, call: BackendCall): Promise<SessionStatus> {
    const completed = await this.#find(session, call)
    return completed ? { state: 'completed', ...completed } : { state: 'gone', isGuess: true }
  }

  /** The answer is empty. The server answers 409 if the upload is complete, which leaves nothing to throw away. */
  async abort(session: NewtonSession, call: BackendCall): Promise<void> {
    await unlessLost(this.#atUpload('abort', session, call)).catch(where(409))
  }

  /** Looks for the file that the upload became. There may be an older or newer file of the same name. */
  async #find(session: NewtonSession, call: BackendCall): Promise<Completed | undefined> {
    const path = { fileName: session.name }
    const reply = await this.#server.call(this.#endpoints.metadata, { path }, call).catch(where(404))
    const answer = reply?.fields()
    if (session.fileUid === answer?.text('file_uid') && ends.includes(answer.text('file_status')))
      return completedOf(answer, session)
    return undefined
  }

  async #initiate(
    { name, type, size }: FileDescription,
    resume: boolean,
    call: BackendCall,
  ): Promise<Initiated> {
    const reply = await this.#server.call(
      this.#endpoints.initiate,
      { body: { filename: name, file_type: mediaType(type), num_bytes: size, resume_if_started: resume } },
      call,
    )
    const answer = reply.fields()
    requireSize(answer, 'total_bytes', size)
    const targets = readParts(reply)
    const cuts = targets.map((part) => ({ number: part.number, offset: part.offset, size: part.size }))
    const session = {
      uploadId: answer.inPath('upload_id'),
      fileUid: answer.text('file_uid'),
      name: answer.text('file_name'),
      size,
      // Older servers have no checksums.
      crc32c: !answer.isNull('integrity_algorithm') && answer.text('integrity_algorithm') === 'crc32c',
      parts: cuts.map((cut) => [cut.number, cut.size] as const),
    }
    return { session, cuts, targets, isResume: !answer.isNull('is_resume') && answer.flag('is_resume') }
  }

  #atUpload(name: Name, { uploadId }: NewtonSession, call: BackendCall, body?: JsonFields): Promise<Reply> {
    return orLost(this.#server.call(this.#endpoints[name], { path: { uploadId }, body }, call), [
      'upload_not_found',
    ])
  }
}

/**
 * The parts in the file's order, each with its target. Their numbers are the server's: they begin with 1, on older servers
 * with 0.
 */
function readParts(reply: Reply): readonly (Part & PartTarget)[] {
  const parts = reply
    .fields()
    .list('parts')
    .map((one) => {
      const number = one.count('part_number', 0)
      const target = presignedTarget(number, one.url('url', `url of part ${number}`))
      // A wrong clock on this machine can make the rest negative, or far too long.
      const left = one.isNull('expires_at') ? 0 : Date.parse(one.text('expires_at')) - reply.date
      const validFor = left > 0 ? Math.min(left, target.validFor ?? left) : target.validFor
      return { ...target, validFor, offset: one.count('offset', 0), size: one.count('length', 0) }
    })
  return parts.sort((one, other) => one.offset - other.offset)
}

function tokens(receipts: readonly PartReceipt[]): Json {
  return receipts.map(({ number, etag }) => ({ part_number: number, part_token: etag }))
}

/** The file that the upload became. Throws if the server found bytes in it that differ from the announced ones. */
function completedOf(answer: Answer, { size }: NewtonSession): Completed {
  const serviceCode = answer.text('file_status')
  if (serviceCode === 'Corrupt') {
    const detail = 'not what was sent'
    throw new HttpError({ endpoint: 'complete', status: 200, serviceCode, detail })
  }
  requireSize(answer, 'num_bytes', size)
  return { key: answer.text('file_name'), details: answer.all as JsonFields }
}

function requireSize(answer: Answer, field: string, size: number): void {
  if (answer.count(field, 0) !== size) answer.refuse(field, String(size))
}

/** Throws a 409 with its meaning, and any other error unchanged. */
function conflict(cause: unknown, detail: string, retryable = false): never {
  where(409)(cause)
  throw Object.assign(new HttpError({ ...(cause as HttpError), detail, retryable }), { cause })
}

/** Swallows an answer with this status, and throws every other error. */
function where(status: number): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof HttpError && error.status === status)) throw error
  }
}

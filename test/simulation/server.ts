import { HttpError, SessionLostError } from '../../src/errors.ts'
import type {
  CrcAlgorithm,
  FileDescription,
  ListedPart,
  PartReceipt,
  SessionStatus,
} from '../../src/ports.ts'
import { digestOf } from './file.ts'
import type { Plan } from './plan.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

export type StoredPart = { readonly bytes: Uint8Array; readonly etag: string; readonly version: number }

export type ServerSession = {
  readonly id: string
  /** The file that it is for. */
  readonly name: string
  readonly size: number
  /** `undefined`: the client decides. */
  readonly partSize: number | undefined
  readonly digest: string | undefined
  readonly expiresAt: number
  readonly parts: Map<number, StoredPart>
  /** The parts that clients have reported. */
  readonly record: Map<number, ListedPart>
  state: 'open' | 'completed' | 'aborted' | 'lost'
}

/** The numbers and ETags of a call that completes. */
type Named = Pick<PartReceipt, 'number' | 'etag'>

/** What the client says about the whole file. */
type WholeChecksum = { readonly algorithm: CrcAlgorithm; readonly value: string | undefined }

/** The application's server and the storage behind it: sessions, their parts, and the objects made of them. */
export class Server {
  readonly sessions = new Map<string, ServerSession>()
  readonly objects = new Map<string, Uint8Array>()
  readonly #plan: Plan
  readonly #random: Random
  readonly #timeline: Timeline
  #puts = 0
  readonly #tokens: number[] = []

  constructor(plan: Plan, random: Random, timeline: Timeline) {
    this.#plan = plan
    this.#random = random
    this.#timeline = timeline
  }

  open({ name, size, digest }: FileDescription): ServerSession {
    const id = `s${this.sessions.size + 1}`
    const { decidesPartSize, sessionLifetime } = this.#plan
    const expiresAt = this.#timeline.date + sessionLifetime
    const partSize = decidesPartSize ? partSizeFor(size, this.#random) : undefined
    const state = 'open' as const
    const session = {
      id,
      name,
      size,
      partSize,
      digest,
      expiresAt,
      parts: new Map(),
      record: new Map(),
      state,
    }
    this.sessions.set(id, session)
    return session
  }

  put(id: string, number: number, bytes: Uint8Array, version: number): string {
    const session = this.#known(id, 'put')
    this.#puts += 1
    const etag = this.#etagOf(bytes)
    session.parts.set(number, { bytes, etag, version })
    return etag
  }

  list(id: string): readonly ListedPart[] {
    const { parts } = this.#known(id, 'reopen', this.#plan.listsCompleted)
    return [...parts]
      .sort(([a], [b]) => a - b)
      .map(([number, { bytes, etag }]) => ({ number, size: bytes.length, etag }))
  }

  /** If a part is reported twice, the first report counts. */
  record(id: string, receipts: readonly PartReceipt[]): void {
    const { record } = this.#known(id, 'record')
    for (const { number, size, etag } of receipts) {
      if (!record.has(number)) record.set(number, { number, size, etag })
    }
  }

  recorded(id: string): readonly ListedPart[] {
    return [...this.#known(id, 'reopen', this.#plan.listsCompleted).record.values()]
  }

  status(id: string): SessionStatus {
    const session = this.sessions.get(id)
    if (session?.state === 'completed') return { state: 'completed', key: `objects/${id}` }
    return session !== undefined && this.isOpen(session) ? { state: 'open' } : { state: 'gone' }
  }

  /** A token, and how long it is accepted. */
  newToken(): number {
    return this.#tokens.push(this.#timeline.date + this.#plan.tokenLifetime) - 1
  }

  accepts(token: number): boolean {
    return this.#timeline.date < (this.#tokens[token] ?? 0)
  }

  requireOpen(id: string): void {
    this.#known(id, 'sign')
  }

  /** Makes the object of the listed parts, as S3 does. Parts that are not listed are left out. */
  complete(id: string, named: readonly Named[], checksum?: WholeChecksum): string {
    const session = this.#known(id, 'complete', true)
    const key = `objects/${id}`
    if (session.state === 'completed' && this.#plan.completesOnce)
      throw new SessionLostError(httpError('complete', 404, 'NoSuchUpload'))
    if (session.state === 'completed') return key
    const parts = named.map(({ number, etag }) => {
      const part = session.parts.get(number)
      if (part === undefined || part.etag !== etag) throw httpError('complete', 400, 'InvalidPart')
      return part.bytes
    })
    const object = new Uint8Array(Buffer.concat(parts))
    // A file that was changed in the middle is discovered here.
    if (checksum && checksum.value !== digestOf(object, checksum.algorithm)) this.#differs(session, checksum)
    this.objects.set(key, object)
    session.state = 'completed'
    return key
  }

  #differs({ parts }: ServerSession, { algorithm, value }: WholeChecksum): never {
    const versions = new Set([...parts.values()].map(({ version }) => version))
    if (versions.size < 2) throw new Error(`${algorithm} of the whole is said to be ${value}, and is not`)
    throw httpError('complete', 400, 'BadDigest')
  }

  abort(id: string): void {
    const session = this.sessions.get(id)
    if (session?.state === 'open') session.state = 'aborted'
  }

  /** Whether one of its parts is of another version of the file. */
  hasOther(id: string, version: number | undefined): boolean {
    const parts = this.sessions.get(id)?.parts.values() ?? []
    return [...parts].some((part) => part.version !== version)
  }

  lose(id: string): void {
    const session = this.sessions.get(id)
    if (session?.state === 'open') session.state = 'lost'
  }

  isOpen(session: ServerSession): boolean {
    if (session.state === 'open' && this.#timeline.date >= session.expiresAt) session.state = 'lost'
    return session.state === 'open'
  }

  #known(id: string, endpoint: string, evenCompleted = false): ServerSession {
    const session = this.sessions.get(id)
    const isKnown =
      session !== undefined && (this.isOpen(session) || (evenCompleted && session.state === 'completed'))
    if (!isKnown) throw new SessionLostError(httpError(endpoint, 404, 'NoSuchUpload'))
    return session
  }

  #etagOf(bytes: Uint8Array): string {
    const { etags } = this.#plan
    if (etags === 'md5') return `"${digestOf(bytes, 'md5')}"`
    return `"${digestOf(bytes, 'xxhash64')}${etags === 'unique' ? `-${this.#puts}` : ''}"`
  }
}

/** One part, twelve, or anything between, since servers differ. */
function partSizeFor(size: number, random: Random): number {
  return random.between(Math.max(1, Math.ceil(size / 12)), Math.max(1, size))
}

export function httpError(
  endpoint: string,
  status: number,
  serviceCode?: string,
  retryAfter?: number,
): HttpError {
  return new HttpError({ endpoint, status, serviceCode, detail: '', retryAfter })
}

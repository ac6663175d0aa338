import type {
  Backend,
  BackendCall,
  BackendLimits,
  Completed,
  CrcAlgorithm,
  DigestAlgorithm,
  Digester,
  FileDescription,
  HeldReceipt,
  Json,
  ListedPart,
  Opened,
  Part,
  PartTarget,
  Reopened,
  SessionStatus,
  WholeFile,
} from '../../src/ports.ts'

type Session = { readonly id: string }
type Verb = 'open' | 'reopen' | 'sign' | 'complete' | 'status' | 'abort'

/** A backend that answers at once, unless a test says otherwise. */
export class FakeBackend implements Backend<Session> {
  readonly name = 'fake'
  readonly limits: BackendLimits
  /** The checksum of the whole file that `complete` needs. */
  set whole(algorithm: CrcAlgorithm) {
    this.wholeChecksum = () => algorithm
  }
  wholeChecksum?: (session: Session) => CrcAlgorithm | undefined
  readonly #fileDigest: DigestAlgorithm | Digester | undefined
  partSize: number | undefined
  /** How many milliseconds its targets are valid. */
  validFor: number | undefined
  readonly calls: Verb[] = []
  readonly opened: FileDescription[] = []
  readonly signed: number[][] = []
  readonly completed: (readonly HeldReceipt[])[] = []
  readonly wholes: WholeFile[] = []
  readonly aborted: string[] = []
  /** The server's list of parts. Setting it gives the backend a list. */
  set listed(parts: readonly ListedPart[]) {
    this.reopen = async (_session, _file, call) => {
      await this.#answer('reopen', call)
      return { parts, source: this.source }
    }
  }
  /** Gives the backend a status. */
  statusIs(status: SessionStatus): void {
    this.status = async (_session, call) => {
      await this.#answer('status', call)
      return status
    }
  }
  status?: (session: Session, call: BackendCall) => Promise<SessionStatus>
  /** The numbers of the parts whose targets come with the session. */
  opensWith: number[] = []
  reopen?: (session: Session, file: FileDescription, call: BackendCall) => Promise<Reopened>
  /** The parts that `open` finds at the server. */
  found: readonly ListedPart[] = []
  /** Where the list comes from. */
  source: Reopened['source'] = 'storage'
  /** How the server has cut the file. */
  cuts: readonly Part[] | undefined
  /** Fields of its targets beyond the usual ones. */
  target: Partial<PartTarget> = {}
  judge?: NonNullable<Backend['judge']>
  /** The details of the stored file. */
  details: Json | undefined
  /** How many milliseconds the server keeps a session. */
  expiresIn: number | undefined
  #failures: { verb: Verb; error: unknown }[] = []
  #held: { verb: Verb; until: Promise<void> }[] = []

  constructor(
    options: {
      partSize?: number | undefined
      fileDigest?: DigestAlgorithm | Digester
      maxBatch?: number
    } = {},
  ) {
    this.partSize = 'partSize' in options ? options.partSize : 4
    this.#fileDigest = options.fileDigest
    this.limits = { minPartSize: 1, maxPartSize: 1000, maxParts: 10_000, maxBatch: options.maxBatch ?? 1000 }
  }

  /** Makes the next call of this verb reject with the error. */
  failNext(verb: Verb, error: unknown): void {
    this.#failures.push({ verb, error })
  }

  /** Makes the next call of this verb wait until the returned function is called. */
  holdNext(verb: Verb): () => void {
    let release = (): void => {}
    const until = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#held.push({ verb, until })
    return release
  }

  fileDigest(): DigestAlgorithm | Digester | undefined {
    return this.#fileDigest
  }

  async open(file: FileDescription, call: BackendCall): Promise<Opened<Session>> {
    await this.#answer('open', call)
    this.opened.push(file)
    const expiry = this.expiresIn === undefined ? {} : { expiresIn: this.expiresIn }
    const session = { id: `session-${this.opened.length}` }
    const targets = this.opensWith.map((number) => this.#target(session, number))
    const cuts = this.cuts === undefined ? {} : { cuts: this.cuts }
    return { session, partSize: this.partSize, targets, parts: this.found, ...cuts, ...expiry }
  }

  async sign(session: Session, parts: readonly Part[], call: BackendCall): Promise<readonly PartTarget[]> {
    this.signed.push(parts.map(({ number }) => number))
    await this.#answer('sign', call)
    return parts.map(({ number }) => this.#target(session, number))
  }

  #target({ id }: Session, number: number): PartTarget {
    const url = `https://storage.test/${id}/${number}?v=${this.signed.length}`
    return { number, url, method: 'PUT', headers: {}, validFor: this.validFor, ...this.target }
  }

  async complete(
    _: Session,
    receipts: readonly HeldReceipt[],
    whole: WholeFile,
    call: BackendCall,
  ): Promise<Completed> {
    await this.#answer('complete', call)
    this.completed.push(receipts)
    this.wholes.push(whole)
    return { key: 'the-key', ...(this.details === undefined ? {} : { details: this.details }) }
  }

  async abort(session: Session, call: BackendCall): Promise<void> {
    await this.#answer('abort', call)
    this.aborted.push(session.id)
  }

  async #answer(verb: Verb, { signal }: BackendCall): Promise<void> {
    this.calls.push(verb)
    const held = take(this.#held, verb)
    if (held !== undefined) await Promise.race([held.until, aborted(signal)])
    signal.throwIfAborted()
    const failure = take(this.#failures, verb)
    if (failure !== undefined) throw failure.error
  }
}

function take<T extends { readonly verb: Verb }>(list: T[], verb: Verb): T | undefined {
  const index = list.findIndex((one) => one.verb === verb)
  return index < 0 ? undefined : list.splice(index, 1)[0]
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

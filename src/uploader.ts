import { Admission, Lane } from './admission.ts'
import { type AnyFile, type UploadBatch, type UploadFilesOptions, uploadAll } from './batch.ts'
import { indexedDbCheckpoints } from './checkpoints/indexed-db.ts'
import { systemClock } from './clock.ts'
import { browserConnectivity } from './connectivity.ts'
import type { Diagnosis } from './diagnose.ts'
import { CancelledError, CorsError, corsRule, EtagHiddenError, toUploadError, UploadError } from './errors.ts'
import { Events } from './events.ts'
import { defaultHasher } from './hashing/default-hasher.ts'
import { errorInside, httpFailure, isForeign } from './http-failure.ts'
import { checkpointKey, requireItsOwn } from './identity.ts'
import { type Taken, takeAgain, takeIn } from './intake.ts'
import { inTime, Journal, placeOf } from './journal.ts'
import { bytesOf, preferredPartSize } from './layout.ts'
import type { Limits } from './limits.ts'
import { Line } from './line.ts'
import { given, requireLimits, requireOneOf, requirePorts, requireText, requireWhole } from './options.ts'
import { claimOf, Ownership } from './ownership.ts'
import { dressed } from './part-digests.ts'
import type {
  ApiTransport,
  Backend,
  Checkpoint,
  CheckpointStore,
  Clock,
  Connectivity,
  CrcAlgorithm,
  Hasher,
  Identity,
  Json,
  Params,
  PartTransport,
  StoredUpload,
  Tabs,
} from './ports.ts'
import { Pulse } from './pulse.ts'
import { readStored } from './record.ts'
import { defaultRetry, type RetryOptions } from './retry.ts'
import { bury, discard, isExpired, isUnfinished, type Tools } from './run.ts'
import type { PickedFile } from './sources.ts'
import { isEnded } from './state.ts'
import { browserTabs } from './tabs/default-tabs.ts'
import { type TotalEvents, type TotalProgress, Totals } from './totals.ts'
import { apiTransport } from './transport/api.ts'
import { xhrTransport } from './transport/xhr.ts'
import { Upload, type UploadLike, type UploadPlan } from './upload.ts'
import type { Verify } from './verification.ts'
import { defaultStall, type StallOptions } from './watchdog.ts'

/** The options of `new Uploader`. */
export type UploaderOptions<Session extends Json = Json> = {
  /** The adapter to the server that the files go through, such as `presigned({ baseUrl: '/api' })`. */
  readonly backend: Backend<Session>
  /**
   * How many parts of all files are sent at once: a whole number from 1 on, or `auto`. `auto` begins with 5 and tries 6,
   * and keeps to 6 only if more bytes arrive. It stays at 5 if the parts go to the page's own server, and takes fewer if
   * the storage asks for less or requests stall. A browser makes at most six connections to a host over HTTP/1.1.
   * @default 'auto'
   */
  readonly concurrency?: number | 'auto' | undefined
  /**
   * The part size in bytes if the backend leaves the choice, a whole number from 1 on. It is raised or lowered to what the
   * backend's limits and the file's size need. @default 16 MiB
   */
  readonly partSize?: number | undefined
  /**
   * Whose uploads these are, for example the user's id. On a browser that several people use, nobody then sees or resumes
   * what another left. Also give each Uploader its own scope if their backends have the same addresses but put files into
   * different places, for example by a header. Otherwise a file that is uploaded to both at once is sent to one of them.
   * @default ''
   */
  readonly scope?: string | undefined
  /**
   * How long after its opening an upload can be resumed, in milliseconds, a whole number from 1 on. It cannot be resumed
   * for longer than the server keeps it. @default 7 days
   */
  readonly expiry?: number | undefined
  /**
   * How much stored content is compared with the file when it is picked again. An upload that took ten seconds or longer
   * is also compared before it completes, because not every browser notices a change. `sample` compares some parts, `full`
   * all of them, `none` nothing. Changed content is refused with `FileChangedError`. `etag` is `sample`, and also compares
   * each part's ETag with the MD5 of what was sent; a part that differs is sent again. @default 'sample'
   */
  readonly verify?: Verify | undefined
  /**
   * A checksum of the whole file for `UploadResult.checksums`. It is combined from the checksums of the parts, which a
   * worker computes while they are sent. @default none
   */
  readonly checksum?: CrcAlgorithm | undefined
  /** How failed requests are repeated. */
  readonly retry?: { readonly [Name in keyof RetryOptions]?: RetryOptions[Name] | undefined } | undefined
  /**
   * When a part's request on which nothing moves is cut and made again. Both limits are longer on connections that have
   * proved slow, and on those that show no movement.
   */
  readonly stall?: { readonly [Name in keyof StallOptions]?: StallOptions[Name] | undefined } | undefined
  /** Where checkpoints are kept. @default indexedDbCheckpoints() */
  readonly checkpoints?: CheckpointStore | undefined
  /** Keeps two tabs of a browser from working on the same upload. @default Web Locks, else leases in IndexedDB */
  readonly tabs?: Tabs | undefined
  /** Computes digests. @default WebAssembly in workers */
  readonly hasher?: Hasher | undefined
  /** Sends part bytes. @default XMLHttpRequest */
  readonly transport?: PartTransport | undefined
  /** Makes control calls. @default fetch */
  readonly api?: ApiTransport | undefined
  /** Says whether there is a network. @default navigator.onLine and its events */
  readonly connectivity?: Connectivity | undefined
  /** The source of time. @default the browser's clock and timers */
  readonly clock?: Clock | undefined
  /** Returns a random number from 0 to below 1, for the jitter of retries. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** The options of `Uploader.uploadFile`. */
export type UploadFileOptions = Limits & {
  /**
   * The application's own fields, sent to its server. The checkpoint keeps them, so put no secret in them. The same file
   * with other params is another upload. A field that is `undefined` counts as absent. TypeScript accepts a value whose
   * type is an `interface` only as `{ ...params }`, and the same holds for values inside it. @default {}
   */
  readonly params?: { readonly [Name in keyof Params]: Params[Name] | undefined } | undefined
  /** Cancels the upload when it aborts, as `upload.cancel(signal.reason)` does. */
  readonly signal?: AbortSignal | undefined
  /**
   * The file's name for the server, for a Blob that has none or instead of the file's own. A file that is picked again is
   * still recognized by its own name. The same file under another `name` is another upload. @default file.name, or 'blob'
   */
  readonly name?: string | undefined
  /**
   * The file's handle, from a picker or from `filesOf`. With it, the file need not be picked again after a reload, unless
   * the browser cannot store the handle, as with an object of a polyfill. @default the handle of a `PickedFile`
   */
  readonly handle?: FileSystemFileHandle | undefined
  /**
   * Where the file was found, such as `photos/2026/a.jpg`. It tells files of the same name apart.
   * @default the path of a `PickedFile`, or file.webkitRelativePath
   */
  readonly relativePath?: string | undefined
}

/**
 * The events of an Uploader. `progress`: the figures of all its uploads, at most ten times a second, and when the last
 * upload has ended. `upload`: a new upload.
 */
export type UploaderEvents<One extends UploadLike = Upload> = TotalEvents & { upload: One }

/** An upload that an earlier visit left unfinished. */
export type InterruptedUpload<One extends UploadLike = Upload> = {
  /** The traits by which the file is recognized: its name, path, size, date and type. */
  readonly identity: Identity
  /** The params that the upload started with. */
  readonly params: Params
  /** Bytes that the storage has acknowledged. */
  readonly confirmed: number
  /** When the upload started, in milliseconds since 1970. */
  readonly startedAt: number
  /** Whether the file has to be picked again. If not, `resume()` needs only a click. */
  readonly needsFile: boolean
  /** The file's handle, if the browser gave one. */
  readonly handle: FileSystemFileHandle | undefined
  /**
   * Resumes the upload with what is missing. Pass the file that was picked again. Without `file` the stored handle is used:
   * call it directly in a click handler, because the browser asks the user for permission. If the user refuses, the upload
   * pauses as `needs-file`.
   *
   * @throws FileChangedError if `file` differs by name, path, size or date. Nothing is lost then.
   * @throws TypeError if the file is needed and missing.
   * @throws UploadError with the code `in-use` if the upload is already under way with another `File`.
   *
   * @example
   * ```ts
   * const [left] = await uploader.interrupted()
   * document.querySelector('button')?.addEventListener('click', async () => {
   *   left?.resume(left.needsFile ? await pickAgain() : undefined)
   * })
   * ```
   */
  resume(file?: File, options?: Pick<UploadFileOptions, 'signal' | 'handle'>): One
  /**
   * Removes the upload from this browser. The server keeps its parts until its own lifecycle rule removes them. Rejects
   * with an `UploadError` of the code `in-use` if the upload is under way again, in this tab or another.
   */
  forget(): Promise<void>
  /**
   * Removes the upload from this browser and tells the server to throw its parts away. If it is under way again, it is
   * cancelled there. Rejects if the server cannot be told.
   */
  cancel(): Promise<void>
}

/** The interface that an `Uploader` in the page shares with a `RemoteUploader`, whose uploads run in a worker. */
export interface UploaderLike<One extends UploadLike = UploadLike>
  extends Pick<Uploader, 'progress' | 'stop' | 'diagnose'> {
  /** As `Uploader.uploads`. */
  readonly uploads: readonly One[]
  /** As `Uploader.on`. */
  on<Type extends keyof UploaderEvents<One>>(
    type: Type,
    listener: (event: UploaderEvents<One>[Type]) => void,
  ): () => void
  /** As `Uploader.uploadFile`. */
  uploadFile(file: File | Blob | PickedFile, options?: UploadFileOptions): One
  /** As `Uploader.uploadFiles`. */
  uploadFiles(
    files: Iterable<AnyFile> | AsyncIterable<AnyFile>,
    options?: UploadFilesOptions,
  ): UploadBatch<One>
  /** As `Uploader.interrupted`. */
  interrupted(): Promise<readonly InterruptedUpload<One>[]>
}

/**
 * Uploads files. Make one per page: the parts of all its files share one queue.
 *
 * @throws TypeError or RangeError at once, for an option of the wrong type or out of its range.
 *
 * @example
 * ```ts
 * import { presigned, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({ backend: presigned({ baseUrl: '/api' }) })
 * const { key } = await uploader.uploadFile(file)
 * ```
 */
export class Uploader {
  readonly #tools: Tools
  readonly #checkpoints: CheckpointStore
  readonly #transport: PartTransport
  readonly #events = new Events<UploaderEvents>()
  readonly #totals: Totals
  readonly #admission: Admission
  readonly #uploads = new Map<string, Upload>()
  readonly #discarding = new Map<string, Promise<void>>()
  #count = 0
  #stops = 0
  #burying: Promise<void> | undefined
  #asked: Promise<readonly StoredUpload[]> | undefined

  constructor(options: UploaderOptions) {
    requirePorts(options)
    this.#transport = options.transport ?? xhrTransport
    this.#tools = toolsFrom(options, this.#transport)
    this.#checkpoints = options.checkpoints ?? indexedDbCheckpoints()
    this.#totals = new Totals(this.#tools.retry.clock, this.#tools.pulse, this.#events)
    this.#admission = admissionFor(this.#tools)
  }

  /** Keeps Vue from wrapping the object in a proxy, in which `#private` fields do not work. */
  get [Symbol.toStringTag](): string {
    return 'Uploader'
  }

  /** The figures of all uploads together. */
  get progress(): TotalProgress {
    return this.#totals.progress
  }

  /**
   * Listens to an event of the Uploader.
   *
   * @returns A function that removes the listener.
   */
  on<Type extends keyof UploaderEvents>(
    type: Type,
    listener: (event: UploaderEvents[Type]) => void,
  ): () => void {
    return this.#events.on(type, listener)
  }

  /** The uploads that have not ended: those that are under way, paused, or failed and can be resumed. */
  get uploads(): readonly Upload[] {
    return [...this.#uploads.values()]
  }

  /**
   * Uploads a file. It starts at once, or resumes an interrupted upload of the same file with the same params. If that
   * upload is under way in this Uploader, the same `Upload` is returned. If it is paused or failed, it is resumed with this
   * file. A `signal` in the options then cancels it too.
   *
   * @param file A File, a `PickedFile` of `filesOf` with its handle and path, or a Blob. Each Blob is a file of its own and
   * is not resumed after a reload.
   * @throws TypeError if `file` is none of these, TypeError or RangeError for a wrong option.
   * @throws UploadError with the code `too-large` or `not-accepted` if the options do not allow the file, or `in-use` if
   * another `File` of the same path, name, size and date is under way: whether they have the same content cannot be told at
   * once.
   *
   * @example
   * ```ts
   * const upload = uploader.uploadFile(file, { params: { album: '42' }, maxSize: 50_000_000 })
   * upload.on('progress', ({ confirmed, inFlight, total }) => console.log(`${confirmed + inFlight} of ${total} bytes`))
   * const { key } = await upload
   * ```
   */
  uploadFile(file: File | Blob | PickedFile, options: UploadFileOptions = {}): Upload {
    return this.#upload(takeIn(file, options))
  }

  /**
   * Uploads many files in their order, each as `uploadFile` does. They are started a few milliseconds at a time, so that the
   * page stays responsive. A file that the options do not allow, or that cannot be read, does not stop the others.
   *
   * Awaiting the batch gives the uploads once all have started. It rejects with a TypeError if an entry of the list is no
   * file; the uploads of the entries before it are under way then.
   *
   * @param files Files, Blobs, file handles, or the result of `filesOf`.
   * @throws TypeError if `files` is no list, TypeError or RangeError for a wrong `maxFiles`. Nothing is started then.
   *
   * @example
   * ```ts
   * const batch = uploader.uploadFiles(filesOf(event.dataTransfer), { accept: 'image/*', maxSize: 50_000_000 })
   * const { done, outcomes } = await batch.settled()
   * ```
   */
  uploadFiles(
    files: Iterable<AnyFile> | AsyncIterable<AnyFile>,
    options: UploadFilesOptions = {},
  ): UploadBatch {
    const { clock } = this.#tools.retry
    const stops = this.#stops
    return uploadAll({
      files,
      options,
      now: () => clock.now(),
      isOver: () => stops !== this.#stops,
      upload: (file, each) => this.uploadFile(file, each),
    })
  }

  /**
   * Ends all uploads in this page, as if the page were closed. Awaiting one rejects with a `CancelledError`. Stored parts
   * stay stored, and `interrupted()` lists the uploads, here and in other tabs. An upload that is completing is waited for.
   * Batches whose files are still being added end too. The Uploader can be used again.
   */
  async stop(): Promise<void> {
    this.#stops += 1
    const reason = new CancelledError('The Uploader was stopped: its uploads can be resumed')
    await Promise.all(this.uploads.map((upload) => upload.abandon(reason)))
  }

  /**
   * Lists the uploads that earlier visits left unfinished, oldest first, except those that are under way in this Uploader
   * or in another tab. Rejects if the browser's storage cannot be read, or does not answer within ten seconds.
   *
   * @example
   * ```ts
   * for (const left of await uploader.interrupted()) {
   *   console.log(`${left.identity.name}: ${left.confirmed} of ${left.identity.size} bytes are stored`)
   * }
   * ```
   */
  async interrupted(): Promise<readonly InterruptedUpload[]> {
    void this.#bury()
    const free = new Set<string>()
    // Not by a claim: another tab that asks at the same time would find it taken.
    const looks = (await this.#left()).map(async ({ checkpoint: { key } }) => {
      if (!(await this.#tools.tabs.isTaken(key).catch(() => false))) free.add(key)
    })
    await Promise.all(looks)
    // Read again: the page that had an upload may have finished it meanwhile.
    return (await this.#left())
      .filter(({ checkpoint }) => free.has(checkpoint.key))
      .sort((a, b) => a.checkpoint.createdAt - b.checkpoint.createdAt)
      .map((one) => this.#interrupted(one))
  }

  /**
   * Finds out what is wrong with the server, the storage, CORS, the ETag or the clocks, and says so in words. It uploads one
   * byte, and aborts that upload if the server has an abort. It is meant for developers and support, and not needed to
   * upload. Its code is loaded on demand; it rejects only if that fails.
   *
   * @example
   * ```ts
   * const { ok, findings } = await uploader.diagnose()
   * if (!ok) console.error(findings.filter(({ ok }) => !ok).map(({ message }) => message).join('\n'))
   * ```
   */
  async diagnose(): Promise<Diagnosis> {
    const { diagnose } = await import('./diagnose.ts')
    const errors = { CorsError, corsRule: corsRule(), EtagHiddenError, toUploadError }
    return diagnose({
      ...this.#tools,
      transport: this.#transport,
      loaded: { ...errors, errorInside, httpFailure, isForeign, dressed },
    })
  }

  #upload(taken: Omit<Taken, 'file'> & Pick<UploadPlan, 'file'>): Upload {
    void this.#bury()
    const { file, identity, params, signal, handle } = taken
    const key = checkpointKey(this.#tools.scope, this.#tools.backend.name, identity, params)
    const known = this.#uploads.get(key)
    if (known === undefined || isEnded(known.state) || known.isLeaving || signal?.aborted) {
      const after = Promise.all([known?.catch(() => {}), this.#discarding.get(key)])
      return this.#start({ ...taken, key, after })
    }
    requireItsOwn(known, file)
    known.follow(signal)
    known.goOnWith(file, handle)
    return known
  }

  /** All readable checkpoints, whoever left them. Calls of the same turn share one read: there may be thousands. */
  #stored(): Promise<readonly StoredUpload[]> {
    this.#asked ??= inTime(this.#checkpoints.list(), this.#tools.pulse).then((records) =>
      records.map(readStored).filter((stored) => stored !== undefined),
    )
    queueMicrotask(() => {
      this.#asked = undefined
    })
    return this.#asked
  }

  /** The unfinished uploads that are not under way in this Uploader. */
  async #left(): Promise<readonly StoredUpload[]> {
    return (await this.#stored()).filter(
      ({ checkpoint }) =>
        isUnfinished(checkpoint, this.#tools) &&
        this.#isOurs(checkpoint) &&
        !this.#uploads.has(checkpoint.key),
    )
  }

  #isOurs({ backend, scope }: Checkpoint): boolean {
    return backend === this.#tools.backend.name && scope === this.#tools.scope
  }

  /** Once, at the first use: tells the server of cancels that it has not heard of yet, and removes expired checkpoints. */
  #bury(): Promise<void> {
    this.#burying ??= this.#buryAll().catch(() => {})
    return this.#burying
  }

  async #buryAll(): Promise<void> {
    const all = (await this.#stored()).map(({ checkpoint }) => checkpoint)
    for (const checkpoint of all) {
      const { key } = checkpoint
      const session = checkpoint.stage === 'aborting' && JSON.stringify(checkpoint.session)
      const isOver = isExpired(checkpoint, this.#tools)
      if (!isOver && !session) continue
      const burying = this.#ifFree(key, async (journal) => {
        // If the same file is uploaded again, maybe by another page, Fragno answers with the session to be thrown away.
        const now = await inTime(this.#checkpoints.load(placeOf(key)), this.#tools.pulse)
        // An upload that has started under this very key does not count: removing the journal would remove it.
        const isLive = [...all, now && readStored(now)?.checkpoint].some(
          (one) => one?.stage === 'opened' && one.key !== key && JSON.stringify(one.session) === session,
        )
        if (isLive) await journal.remove()
        else if (isOver || this.#isOurs(checkpoint)) await bury(journal, this.#tools)
      })
      await burying.catch(() => {})
    }
  }

  #interrupted({ checkpoint, receipts }: StoredUpload): InterruptedUpload {
    const { identity, params, createdAt, key, handle } = checkpoint
    const confirmed = bytesOf(receipts)
    return {
      identity,
      params,
      confirmed,
      startedAt: createdAt,
      needsFile: handle === undefined,
      handle,
      resume: (file, options) =>
        this.#upload(takeAgain({ identity, params, confirmed, handle }, file, options)),
      forget: () => this.#forget(key),
      cancel: () => this.#discard(key),
    }
  }

  /** A storage failure, of which an upload only warns, rejects here. */
  #journal(key: string, isOurs?: () => boolean): Journal {
    return new Journal({
      key,
      isOurs,
      store: this.#checkpoints,
      pulse: this.#tools.pulse,
      warn: (code, cause) => {
        if (code === 'checkpoint') throw cause
      },
    })
  }

  /** A new upload of the same file waits until this is done. One that is under way is cancelled instead. */
  #discard(key: string): Promise<void> {
    const known = this.#uploads.get(key)
    if (known !== undefined) return known.cancel()
    const discarding = this.#discardNow(key).finally(() => this.#discarding.delete(key))
    this.#discarding.set(
      key,
      discarding.catch(() => {}),
    )
    return discarding
  }

  async #discardNow(key: string): Promise<void> {
    const { tabs, retry } = this.#tools
    const ownership = new Ownership({ key, tabs, clock: retry.clock })
    try {
      await ownership.insist()
      await discard(this.#journal(key), this.#tools)
    } finally {
      ownership.release()
    }
  }

  async #forget(key: string): Promise<void> {
    const isForgotten = await this.#ifFree(key, (journal) => journal.remove())
    if (!isForgotten) throw new UploadError('in-use', 'the upload is under way in this tab or in another')
  }

  /** @returns Whether the work was done. It is not if the upload is, or meanwhile got, under way here or in another tab. */
  async #ifFree(key: string, work: (journal: Journal) => Promise<void>): Promise<boolean> {
    if (this.#uploads.has(key)) return false
    const claim = await claimOf(this.#tools.tabs, key)
    if (claim === undefined) return false
    let isOurs = true
    claim.held?.catch(() => {
      isOurs = false
    })
    try {
      await work(this.#journal(key, () => isOurs))
      return isOurs
    } finally {
      claim.release()
    }
  }

  #start(
    plan: Pick<
      UploadPlan,
      'key' | 'file' | 'handle' | 'identity' | 'params' | 'confirmed' | 'signal' | 'after'
    >,
  ): Upload {
    this.#count += 1
    const upload = new Upload({
      ...plan,
      id: String(this.#count),
      tools: this.#tools,
      checkpoints: this.#checkpoints,
      admission: this.#admission,
      share: this.#totals.join(plan.identity.size),
      onEnd: (ended) => {
        if (this.#uploads.get(plan.key) === ended) this.#uploads.delete(plan.key)
      },
    })
    if (!plan.signal?.aborted) this.#uploads.set(plan.key, upload)
    this.#events.emit('upload', upload)
    return upload
  }
}

/** A file of one part spends most of its time in control calls, so it takes many of them to keep the line busy. */
function admissionFor({ line, partSize }: Tools): Admission {
  return new Admission({
    smallSize: partSize ?? preferredPartSize,
    small: 4 * line.widest,
    large: line.widest,
  })
}

const week = 7 * 24 * 60 * 60 * 1000

function toolsFrom(options: UploaderOptions, transport: PartTransport): Tools {
  const { backend, api = apiTransport, hasher = defaultHasher(), partSize, checksum } = options
  requireLimits(backend.limits)
  const retry = { ...defaultRetry, ...given(options.retry ?? {}) }
  requireWhole('retry.attempts', retry.attempts, 1)
  requireWhole('retry.baseDelay', retry.baseDelay, 0)
  requireWhole('retry.maxDelay', retry.maxDelay, 0)
  requireWhole('retry.budget', retry.budget, 0)
  const stall = { ...defaultStall, ...given(options.stall ?? {}) }
  requireWhole('stall.idle', stall.idle, 1)
  requireWhole('stall.answer', stall.answer, 1)
  const { concurrency = 'auto', clock = systemClock, connectivity = browserConnectivity } = options
  if (concurrency !== 'auto') requireWhole('concurrency', concurrency, 1)
  if (partSize !== undefined) requireWhole('partSize', partSize, 1)
  if (checksum !== undefined) requireOneOf('checksum', checksum, ['crc32', 'crc32c', 'crc64nvme'])
  const pulse = new Pulse(clock)
  return {
    backend,
    api,
    hasher,
    partSize,
    tabs: options.tabs ?? browserTabs(),
    scope: requireText('scope', options.scope ?? ''),
    verify: requireOneOf('verify', options.verify ?? 'sample', ['sample', 'full', 'none', 'etag']),
    checksum,
    expiry: requireWhole('expiry', options.expiry ?? week, 1),
    retry: { options: retry, clock, connectivity, random: options.random ?? Math.random },
    pulse,
    aborts: new Lane(50),
    line: new Line({ concurrency, stall, clock, pulse, transport }),
  }
}

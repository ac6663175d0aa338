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
  /** The server that the files go through, such as `presigned({ baseUrl: '/api' })`. */
  readonly backend: Backend<Session>
  /**
   * How many parts are on their way at once, over all files: 1 or more, or `auto`: from 5 up to 6 as long as more
   * bytes arrive for it, always 5 where the parts go to the page's own server, fewer where the storage asks for less or
   * requests stall. A browser makes at most six connections to a host over HTTP/1.1. @default 'auto'
   */
  readonly concurrency?: number | 'auto' | undefined
  /** The part size in bytes where the backend leaves the choice; more where the file needs it. @default 16 MiB */
  readonly partSize?: number | undefined
  /**
   * Whose uploads these are, for example the user's id: on a browser that people share, one does not see or resume what
   * another has left. Also what tells Uploaders apart whose backends have the same addresses and put files into different places, as by a
   * header: the same file in both at once would be sent to one of them. @default ''
   */
  readonly scope?: string | undefined
  /** How long after its opening an upload can be resumed, in milliseconds; not longer than the server keeps it. @default 7 days */
  readonly expiry?: number | undefined
  /**
   * How much of what is stored already is compared with a file that was picked again, and, before the object is made, with
   * one that took ten seconds or longer to send, for not every browser tells of a change: a sample of its parts, all
   * of them, or nothing. Changed content is refused with `FileChangedError`. `etag` is as `sample`, and each part's ETag is compared
   * with the MD5 of what was sent; a part that differs is sent again. @default 'sample'
   */
  readonly verify?: Verify | undefined
  /**
   * A checksum of the whole file for `UploadResult.checksums`, put together from those of the parts, which are computed in a
   * worker while they are sent. @default none
   */
  readonly checksum?: CrcAlgorithm | undefined
  /** How failed requests are made again. */
  readonly retry?: { readonly [Name in keyof RetryOptions]?: RetryOptions[Name] | undefined } | undefined
  /** When a part's request on which nothing moves is cut and made again. Both limits are longer on slow connections, and on those that show nothing. */
  readonly stall?: { readonly [Name in keyof StallOptions]?: StallOptions[Name] | undefined } | undefined
  /** Where checkpoints are kept. @default indexedDbCheckpoints() */
  readonly checkpoints?: CheckpointStore | undefined
  /** Keeps the tabs of a browser from working on one upload at once. @default Web Locks, else leases in IndexedDB */
  readonly tabs?: Tabs | undefined
  /** Computes digests. @default by WebAssembly, in workers */
  readonly hasher?: Hasher | undefined
  /** Sends part bytes. @default XMLHttpRequest */
  readonly transport?: PartTransport | undefined
  /** Makes control calls. @default fetch */
  readonly api?: ApiTransport | undefined
  /** What says whether there is a network. @default navigator.onLine and its events */
  readonly connectivity?: Connectivity | undefined
  /** @default the browser's own time */
  readonly clock?: Clock | undefined
  /** From 0 to below 1, for the jitter of retries. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** The options of `Uploader.uploadFile`. */
export type UploadFileOptions = Limits & {
  /**
   * The application's own fields, sent to its server. Kept in the checkpoint: put no secret in them. One that is `undefined` is as one
   * that is not there. What is typed by an `interface` TypeScript takes as `{ ...params }`, and what is inside of it so too. @default {}
   */
  readonly params?: { readonly [Name in keyof Params]: Params[Name] | undefined } | undefined
  /** Cancels the upload when it aborts: like `upload.cancel(signal.reason)`. */
  readonly signal?: AbortSignal | undefined
  /**
   * The file's name for the server, for a Blob that has none, or in place of the file's own, by which it is known all the same when it
   * is picked again. The same file under another name is another upload. @default file.name, or 'blob'
   */
  readonly name?: string | undefined
  /**
   * The file's handle, from a picker or from `filesOf`: with it, a reload does not need the file to be picked again. What the
   * browser cannot store, such as an object of a polyfill, is of use until then only.
   */
  readonly handle?: FileSystemFileHandle | undefined
  /** Where the file was found, such as `photos/2026/a.jpg`: it tells files of one name apart. @default file.webkitRelativePath */
  readonly relativePath?: string | undefined
}

/** The events of an Uploader. `progress`: the figures of all its uploads, at most ten a second, and when the last has ended. `upload`: a new one. */
export type UploaderEvents<One extends UploadLike = Upload> = TotalEvents & { upload: One }

/** An upload that an earlier visit has left unfinished. */
export type InterruptedUpload<One extends UploadLike = Upload> = {
  /** By which the file is known again: its name, path, size, date and type. */
  readonly identity: Identity
  /** As they were given when the upload was begun. */
  readonly params: Params
  /** Bytes that the storage has acknowledged. */
  readonly confirmed: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Whether the file has to be picked again; where not, `resume()` needs only a click. */
  readonly needsFile: boolean
  /** The file's handle, where the browser gave one. */
  readonly handle: FileSystemFileHandle | undefined
  /**
   * Goes on where it stopped, with the file that was picked again, or by the handle that was kept: then it has to be
   * called in a click's own turn, because the browser asks the user. Where the user says no, the upload is paused as
   * `needs-file`.
   *
   * @throws FileChangedError where it is not the same file by name, path, size and date. Nothing is lost then.
   * @throws TypeError where the file is needed and missing. UploadError with the code `in-use` where it goes on already, with another `File`.
   */
  resume(file?: File, options?: Pick<UploadFileOptions, 'signal' | 'handle'>): One
  /**
   * Forgets it here; what the server holds stays there until its own lifecycle rule removes it. Rejects with an
   * `UploadError` of the code `in-use` where the upload is under way again, in this tab or in another.
   */
  forget(): Promise<void>
  /**
   * Forgets it here and tells the server to throw its parts away. Where it is under way again, it is cancelled there.
   * Rejects where the server cannot be told.
   */
  cancel(): Promise<void>
}

/** What an Uploader is wherever it works: an `Uploader` in the page, and a `RemoteUploader` whose uploads are in a worker. */
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
 * Uploads files. Make one for the page: the parts of all its files share one queue.
 *
 * @throws TypeError or RangeError for an option that makes no sense, at once.
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

  /** As an upload's: without it, Vue would make a proxy of it. */
  get [Symbol.toStringTag](): string {
    return 'Uploader'
  }

  /** The figures of all uploads together. */
  get progress(): TotalProgress {
    return this.#totals.progress
  }

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof UploaderEvents>(
    type: Type,
    listener: (event: UploaderEvents[Type]) => void,
  ): () => void {
    return this.#events.on(type, listener)
  }

  /** Uploads that have not ended: under way, paused, or failed and able to go on. */
  get uploads(): readonly Upload[] {
    return [...this.#uploads.values()]
  }

  /**
   * Starts at once, or goes on where an interrupted upload of the same file with the same params has stopped. A file
   * whose upload is already under way in this Uploader gives that same upload; so does one that was picked again where that has
   * failed or is paused, and it is resumed. A `signal` that comes with it cancels it, too.
   *
   * @param file A File, one of `filesOf` with its handle and path, or a Blob. Each Blob is a file of its own: it is not
   * resumed after a reload.
   * @throws TypeError where it is none of them, UploadError with the code `too-large` or `not-accepted` where the options
   * do not let it in, `in-use` where another `File` of its path, name, size and date is under way: nobody can tell at once whether
   * that has its content.
   */
  uploadFile(file: File | Blob | PickedFile, options: UploadFileOptions = {}): Upload {
    return this.#upload(takeIn(file, options))
  }

  /**
   * As `uploadFile` for each, in their order, but a few milliseconds at a time, so that the page stays alive however
   * many there are. A file that is not let in, or that cannot be read, does not keep the others from being uploaded.
   *
   * Awaiting it gives the uploads when all have begun; rejects with a TypeError where one of the list is no file: those
   * before it are under way then.
   *
   * @param files Files, Blobs, handles, what `filesOf` gives.
   * @throws TypeError where `files` is no list, RangeError or TypeError for a `maxFiles` that makes no sense. Nothing is begun then.
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
   * Ends all uploads in this page, as if it were closed: awaiting one rejects with a `CancelledError`, what is stored
   * stays, and `interrupted()` has them, here and in other tabs. One that is completing is waited for. Lists whose files
   * are still coming end too. The Uploader can be used again.
   */
  async stop(): Promise<void> {
    this.#stops += 1
    const reason = new CancelledError('The Uploader was stopped: its uploads can be resumed')
    await Promise.all(this.uploads.map((upload) => upload.abandon(reason)))
  }

  /**
   * What earlier visits have left unfinished, oldest first. Without those that are under way in this Uploader or in
   * another tab. Rejects where the storage cannot be read, or has not answered after ten seconds.
   */
  async interrupted(): Promise<readonly InterruptedUpload[]> {
    void this.#bury()
    const free = new Set<string>()
    // Not by a claim: who asks at the same time would find it taken.
    const looks = (await this.#left()).map(async ({ checkpoint: { key } }) => {
      if (!(await this.#tools.tabs.isTaken(key).catch(() => false))) free.add(key)
    })
    await Promise.all(looks)
    // Anew: the page that had it may have come to its end meanwhile.
    return (await this.#left())
      .filter(({ checkpoint }) => free.has(checkpoint.key))
      .sort((a, b) => a.checkpoint.createdAt - b.checkpoint.createdAt)
      .map((one) => this.#interrupted(one))
  }

  /**
   * Opens an upload of one byte, sends that as any other part, throws it away again where the server has an abort, and
   * says in words what is wrong with server, storage, CORS, ETag or clock. For developers and support: not needed to
   * upload. Rejects only where its code, which is loaded when it is asked for, cannot be loaded.
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

  /** What can be read of what is kept, whoever has left it. Read once for who asks in one go: there may be thousands. */
  #stored(): Promise<readonly StoredUpload[]> {
    this.#asked ??= inTime(this.#checkpoints.list(), this.#tools.pulse).then((records) =>
      records.map(readStored).filter((stored) => stored !== undefined),
    )
    queueMicrotask(() => {
      this.#asked = undefined
    })
    return this.#asked
  }

  /** What is unfinished, and not under way in this Uploader. */
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

  /** Once, at the first use: tells the server of cancels that it could not be told of before, and removes what has expired. */
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
        // Fragno answers with the session that it was to throw away where the same file is uploaded again, as another page may do by now.
        const now = await inTime(this.#checkpoints.load(placeOf(key)), this.#tools.pulse)
        // What has been begun in the place of the cancel itself is no remains of it.
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

  /** What an upload would only be warned of is the caller's trouble here. */
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

  /** An upload of the same file that is begun meanwhile waits for it, and one that was begun before is cancelled. */
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

  /** @returns Whether it has been done: not where the upload is under way, here or in another tab, or has become so meanwhile. */
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

/** A file of one part spends most of its time in control calls, so many of them are needed to keep the line busy. */
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

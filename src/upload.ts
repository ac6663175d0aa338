import type { Admission, Leave } from './admission.ts'
import {
  CancelledError,
  FileChangedError,
  FileUnreadableError,
  HttpError,
  OfflineError,
  toUploadError,
} from './errors.ts'
import { Events } from './events.ts'
import { fingerprint } from './fingerprint.ts'
import { reopen } from './handles.ts'
import { requireSame } from './identity.ts'
import { Journal } from './journal.ts'
import { bytesOf } from './layout.ts'
import { NetworkWait } from './network-wait.ts'
import { Awaitable, Outcome } from './outcome.ts'
import { Ownership } from './ownership.ts'
import { unless } from './patience.ts'
import type { CheckpointStore, Identity, Params } from './ports.ts'
import type { Progress } from './progress.ts'
import { discard, type Job, type LeftCheckpoint, leave, type RunListener, run, type Tools } from './run.ts'
import { RunControl } from './run-control.ts'
import { type Action, initialState, isRunning, isUnderWay, transition, type UploadState } from './state.ts'
import type { Share } from './totals.ts'
import { type PartInfo, Tracker, type TrackerEvents } from './tracker.ts'
import { type UploadWarning, warnings } from './warnings.ts'

/**
 * The events of an upload. `state`: the new state. `progress` and `hashing`: the figures, at most ten times a second, and
 * once at the end. `parts`: all parts, as soon as a run knows how the file is cut and what is stored. `part`: the status of
 * one part has changed since. `warning`: something went wrong that does not end the upload.
 */
export type UploadEvents = TrackerEvents & {
  /** The new state. */
  state: UploadState
  /** Something went wrong that does not end the upload. */
  warning: UploadWarning
}

/** The options of `Upload.pause`. */
export type PauseOptions = {
  /** Lets the parts that are being sent arrive instead of cutting them. @default false */
  readonly finishParts?: boolean | undefined
}

/** The interface that an `Upload` in the page shares with a `RemoteUpload`, which runs in a worker. */
export type UploadLike = Pick<
  Upload,
  | 'id'
  | 'identity'
  | 'state'
  | 'progress'
  | 'persistence'
  | 'parts'
  | 'on'
  | 'pause'
  | 'resume'
  | 'restart'
  | 'cancel'
  | 'then'
  | 'catch'
  | 'finally'
>

/** The argument of `new Upload`. */
export type UploadPlan = {
  readonly id: string
  readonly key: string
  /** The file that the next run reads. Rejects if it cannot be opened without the user. */
  readonly file: File | Promise<File>
  readonly handle: FileSystemFileHandle | undefined
  readonly identity: Identity
  readonly params: Params
  /** Bytes that an earlier visit is known to have stored. @default 0 */
  readonly confirmed?: number | undefined
  readonly signal: AbortSignal | undefined
  /** Settles when the upload may begin: when a cancelled upload of the same file has been cleaned up. */
  readonly after: Promise<unknown>
  readonly tools: Tools
  readonly checkpoints: CheckpointStore
  readonly admission: Admission
  /** The upload's share of the Uploader's figures. */
  readonly share: Share
  /** Called once, when nothing can happen any more. */
  readonly onEnd: (upload: Upload) => void
}

/**
 * The upload of one file, from `uploadFile` until it is done or cancelled. Await it like a promise: it resolves with an
 * `UploadResult`, and rejects with an `UploadError` or the reason of a cancel. Its methods pause, resume and cancel it; its
 * events say what happens.
 *
 * @example
 * ```ts
 * const upload = uploader.uploadFile(file)
 * const off = upload.on('progress', ({ confirmed, inFlight, total }) => console.log(`${confirmed + inFlight} of ${total} bytes`))
 * const { key } = await upload
 * off()
 * ```
 */
export class Upload extends Awaitable {
  /** Names the upload within its Uploader. */
  readonly id: string
  /** The file's name, path, size, date and type. */
  readonly identity: Identity

  readonly #plan: UploadPlan
  readonly #events = new Events<UploadEvents>()
  /** Milliseconds since 1970. */
  readonly #begunAt: number
  /** Made when it is the upload's turn, so that one that waits in line is light. */
  #equipment: Equipment | undefined
  #file: File | Promise<File>
  #handle: FileSystemFileHandle | undefined
  /** A file that takes this one's place must have the same content. None until the user has given the first. */
  #own: File | undefined
  /** The file whose content is known to be what is stored. */
  #known: File | undefined
  /** The record of an upload that another tab finished. */
  #left: LeftCheckpoint | undefined
  /** The last run could not read the file, or found another one. */
  #isUnreadable = false
  #isFresh = false
  /** A run was refused, so the server may not hold what the checkpoint says. */
  #isDoubtful = false
  /** A run may have completed the upload. */
  #isUnsure = false
  /** Until when the server keeps the session. `undefined` if it does not say, or once the user has been warned. */
  #sessionExpiresAt: number | undefined
  #state: UploadState = initialState
  #run: RunControl | undefined
  /** The action that waits for the answer to a request that must not be cut. */
  #pending: Action | undefined
  #driving: Promise<void> | undefined
  /** Gives up the upload's place, in line or at work. */
  #leavePlace: Leave | undefined
  /** The reason of the first `abandon`, which is the one in the state. */
  #abandoned: unknown
  #ended = false
  /** Any of them cancels the upload. */
  readonly #signals = new Set<AbortSignal>()

  /** @internal Made by `Uploader.uploadFile`. */
  constructor(plan: UploadPlan) {
    super()
    this.id = plan.id
    this.identity = plan.identity
    this.#plan = plan
    this.#file = plan.file
    if (plan.file instanceof File) this.#own = plan.file
    this.#handle = plan.handle
    this.#begunAt = plan.tools.retry.clock.date()
    this.#start()
  }

  /** What the upload is doing. A new object after every change. */
  get state(): UploadState {
    return this.#state
  }

  /** How far the upload is now, in bytes and milliseconds. */
  get progress(): Progress {
    return this.#equipment?.tracker.progress ?? nothingYet(this.identity.size, this.#plan.confirmed)
  }

  /**
   * Where the checkpoint is kept: `storage`, which is the Uploader's checkpoint store, or `memory` once that has failed. With
   * `memory`, a reload starts over. With `memoryCheckpoints` it is `storage` too.
   */
  get persistence(): 'storage' | 'memory' {
    return this.#equipment?.journal.isInMemory ? 'memory' : 'storage'
  }

  /**
   * Whether a cancel waits for the answer to completing. Only another cancel takes its place.
   *
   * @internal Asked by `Uploader.uploadFile`.
   */
  get isLeaving(): boolean {
    return this.#pending?.type === 'cancel'
  }

  /**
   * The file that the next run reads.
   *
   * @internal Compared by `Uploader.uploadFile`.
   */
  get file(): File | Promise<File> {
    return this.#file
  }

  /**
   * The fingerprint of this file, or of the upload's own: files of the same content have the same one.
   *
   * @internal Asked by `serveUploader`.
   */
  async print(file: File | Promise<File> = this.#file): Promise<string | undefined> {
    return fingerprint(await file, this.#plan.tools, new AbortController().signal)
  }

  /** Returns every part with its status, in ascending order. Empty until it is known how the file is cut. */
  parts(): readonly PartInfo[] {
    return this.#equipment?.tracker.parts() ?? []
  }

  /**
   * Listens to an event of the upload.
   *
   * @returns A function that removes the listener.
   *
   * @example
   * ```ts
   * upload.on('state', (state) => {
   *   if (state.status === 'failed') console.warn(state.error.help)
   * })
   * ```
   */
  on<Type extends keyof UploadEvents>(type: Type, listener: (event: UploadEvents[Type]) => void): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * Stops sending. Acknowledged parts stay stored. Does nothing if nothing is under way. An upload that is completing
   * pauses only if the answer to that request is not a success.
   */
  pause(options: PauseOptions = {}): void {
    this.#stop({ type: 'pause', by: 'user' }, options.finishParts ?? false)
  }

  /**
   * Continues after a pause or a failure, and sends what is missing. Does nothing if the upload is under way or has ended.
   *
   * @param file The file, picked again. It is needed if the upload is paused as `needs-file`.
   * @param handle The handle of that file, if the browser gave one.
   * @throws FileChangedError if `file` differs by name, path, size or date. Nothing is lost then.
   * @throws TypeError if `file` is no file.
   */
  resume(file?: File, handle?: FileSystemFileHandle): void {
    this.goOnWith(file && requireSame(this.identity, file), handle)
  }

  /**
   * As `resume`, with a file whose traits are known to be the same.
   *
   * @internal Called by `Uploader.uploadFile`, which found the upload by them.
   */
  goOnWith(file: File | Promise<File> | undefined, handle: FileSystemFileHandle | undefined): void {
    this.#handle = handle ?? this.#handle
    // An upload that is under way keeps its file.
    if (file && !isUnderWay(this.#state)) this.#file = file
    else if (this.#handle !== undefined && this.#isUnreadable)
      this.#file = reopen(this.#handle, this.identity)
    this.#isUnreadable = false
    if (!this.isLeaving) this.#pending = undefined
    this.#dispatch({ type: 'resume', by: 'user' })
    this.#proceed()
  }

  /**
   * Lets this signal, too, cancel the upload from now on.
   *
   * @internal Called by `Uploader.uploadFile`.
   */
  follow(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    this.#signals.add(signal)
    signal.addEventListener('abort', this.#onSignal)
  }

  /**
   * Sends the file from its beginning, for example after a failure with `file-changed`. The parts stored so far are thrown
   * away, also on the server if the backend has an abort. Does nothing unless the upload is paused or failed.
   */
  restart(): void {
    if (this.#state.status !== 'failed' && this.#state.status !== 'paused') return
    this.#isFresh = true
    this.#own = undefined
    this.#left = undefined
    this.resume()
  }

  /**
   * Ends the upload for good. Nothing is sent any more, the server is told to throw the parts away if the backend has an
   * abort, and the checkpoint is removed. Awaiting the upload rejects with `reason`.
   *
   * @param reason The reason to reject with. @default a `CancelledError`, whose name is AbortError
   * @returns Resolves when all this is done; if another tab works on the upload, when that tab has given it up. If it is
   * too late to stop the completing, the upload ends as `done`.
   */
  async cancel(reason: unknown = new CancelledError()): Promise<void> {
    this.#stop({ type: 'cancel', reason }, false)
    // A cancelled upload need not wait for its turn.
    await this.#drive()
  }

  /**
   * Ends the upload in this page, as if the page were closed. Stored parts stay, for another visit or tab to resume.
   *
   * @internal Called by `Uploader.stop`.
   */
  async abandon(reason: unknown): Promise<void> {
    if (!this.isLeaving) {
      this.#abandoned ??= reason
      this.#stop({ type: 'cancel', reason }, false)
    }
    await this.#drive()
  }

  get #gear(): Equipment {
    this.#equipment ??= this.#equip()
    return this.#equipment
  }

  #equip(): Equipment {
    const { key, checkpoints, confirmed, share, tools } = this.#plan
    const { clock } = tools.retry
    const journal = new Journal({
      key,
      store: checkpoints,
      pulse: tools.pulse,
      isOurs: () => this.#gear.ownership.isOurs,
      warn: (code, cause) => this.#warn(code, cause),
    })
    const tracker = new Tracker({
      total: this.identity.size,
      confirmed,
      clock,
      pulse: tools.pulse,
      events: this.#events,
      share,
    })
    const ownership = this.#createOwnership(tracker)
    const network = new NetworkWait(tools.retry)
    return { journal, tracker, ownership, network, digests: new WeakMap() }
  }

  #createOwnership(tracker: Tracker): Ownership {
    const ownership = new Ownership({
      key: this.#plan.key,
      tabs: this.#plan.tools.tabs,
      clock: this.#plan.tools.retry.clock,
      onNews: (news) => {
        tracker.heard(news)
        // Until now its owner had not opened it, or had told of more than it had stored.
        if (news.type === 'progress' && !tracker.hasLayout) void this.#show()
      },
      onOwned: () => this.#goOn(),
      onLost: () => this.#lost(),
      onCancel: () => void this.cancel(),
    })
    this.#events.on('progress', ({ confirmed, inFlight, eta }) => {
      this.#watchExpiry(confirmed, eta)
      // Without a layout, the other tabs know more than this one.
      if (tracker.hasLayout) ownership.tell({ type: 'progress', confirmed, inFlight })
    })
    this.#events.on('part', ({ number, status }) => ownership.tell({ type: 'part', number, status }))
    return ownership
  }

  /** Warns early enough to do something about it, once there is a meaningful rate. */
  #watchExpiry(confirmed: number, eta = 0): void {
    const { clock } = this.#plan.tools.retry
    if (
      confirmed === 0 ||
      eta === 0 ||
      clock.date() + eta <= (this.#sessionExpiresAt ?? Number.POSITIVE_INFINITY)
    )
      return
    this.#sessionExpiresAt = undefined
    this.#warn('session-expiring', undefined)
  }

  /** Another tab may have the upload by now. A request that ends it is not cut, and counts as ours until its answer. */
  #lost(): boolean {
    const { status } = this.#state
    const isEnding = status === 'completing' || (status === 'cancelled' && !this.#run)
    if (isEnding) this.#run?.drain()
    else this.#run?.cut()
    if (!isEnding && this.#dispatch(otherTab)) this.#goOn()
    return !isEnding
  }

  /** The system resumes what it has paused. */
  #goOn(): void {
    this.#dispatch({ type: 'resume', by: 'system' })
    this.#proceed()
  }

  #start(): void {
    const { signal } = this.#plan
    if (signal?.aborted) {
      // Nothing was begun here, so nothing is thrown away: what an earlier visit left stays.
      this.#dispatch({ type: 'cancel', reason: signal.reason })
      this.outcome.reject(signal.reason)
      this.#end()
      return
    }
    this.follow(signal)
    this.#plan.share.set(this.progress.confirmed, 0, 0)
    this.#proceed()
  }

  readonly #onSignal = ({ target }: Event): void => {
    void this.cancel((target as AbortSignal).reason)
  }

  #stop(action: Action, gently: boolean): void {
    // Out of the line, if it has not had its turn yet.
    if (this.#driving === undefined) this.#leave()
    if (this.#state.status === 'completing') {
      if (!this.isLeaving || action.type === 'cancel') this.#pending = action
      this.#run?.drain()
    } else {
      // Also if an earlier gentle pause lets parts arrive, and the upload was resumed meanwhile.
      const lets = gently && (this.#state.status === 'uploading' || this.#run?.stop.aborted)
      // A pause that is not gentle also cuts a run that was to let its parts arrive.
      if (!this.#dispatch(action) && gently) return
      if (lets) this.#run?.drain()
      else this.#run?.cut()
    }
  }

  /** Gets in line if there is something to do, and works when it is its turn. */
  #proceed(): void {
    if (this.#leavePlace !== undefined || !isRunning(this.#state)) return
    const { admission } = this.#plan
    // Later, because `enter` may call back before it returns.
    this.#leavePlace = admission.enter(this.identity.size, () => queueMicrotask(() => void this.#drive()))
  }

  /** The only loop that works on the upload, so there is never more than one run, and none after the end. */
  #drive(): Promise<void> {
    this.#driving ??= this.#work()
      // Not a run's failure. Without this, the next turn would meet it again, forever.
      .catch((thrown: unknown) => this.#fail(thrown))
      .then(() => {
        this.#driving = undefined
        // Something may have been asked for after the loop's last look.
        if (this.#isToBeThrownAway()) return this.#drive()
        this.#leave()
        this.#proceed()
        return undefined
      })
    return this.#driving
  }

  #leave(): void {
    this.#leavePlace?.()
    this.#leavePlace = undefined
  }

  async #work(): Promise<void> {
    // Even if it has settled: the constructor returns first, so that listeners hear of everything.
    if (!this.#ended) await this.#plan.after
    while (this.#hasWork()) {
      if (this.#state.status === 'cancelled') await this.#discard(this.#state.reason)
      else if (!(await this.#gear.ownership.take())) await this.#watch()
      else if (this.#gear.ownership.takeWaited()) await this.#takeOver()
      // Not if it was paused, cancelled or lost while it waited for its turn.
      else if (isRunning(this.#state) && this.#gear.ownership.isOurs) await this.#runOnce()
    }
  }

  /** Another tab has the upload: shows what that tab has stored, and from then on what it tells. */
  #watch(): Promise<void> {
    this.#dispatch(otherTab)
    return this.#show()
  }

  async #show(): Promise<void> {
    const { journal, tracker, ownership } = this.#gear
    const stored = await journal.peek()
    if (stored?.checkpoint.stage !== 'opened' || ownership.isOurs || this.#ended) return
    // The owner may meanwhile have told of more than it has stored.
    const confirmed = bytesOf(stored.receipts)
    if (confirmed >= this.progress.confirmed) tracker.opened(stored.checkpoint.layout, stored.receipts, true)
  }

  /** The tab that had the upload may have finished it. If not, its checkpoint has to be read first. */
  async #takeOver(): Promise<void> {
    this.#known = undefined
    this.#left = undefined
    const { journal, tracker } = this.#gear
    const checkpoint = (await journal.load())?.checkpoint
    if (checkpoint?.stage !== 'ended') return
    if (checkpoint.result !== 'cancelled') {
      // After restart() the file is sent all the same.
      if (!this.#isFresh) this.#left = checkpoint
      return
    }
    // A cancel from before this upload began was of another upload.
    if (checkpoint.createdAt < this.#begunAt) return
    // A third tab may wait for it.
    await leave(journal, this.#plan.tools, checkpoint)
    tracker.flush()
    // A cancel that came meanwhile counts, also one by a listener of the figures.
    if (this.#state.status === 'cancelled') return
    const reason = new CancelledError('The upload was cancelled in another tab')
    this.outcome.reject(reason)
    this.#dispatch({ type: 'cancel', reason })
    this.#end()
  }

  #hasWork(): boolean {
    return isRunning(this.#state) || this.#isToBeThrownAway()
  }

  #isToBeThrownAway(): boolean {
    return this.#state.status === 'cancelled' && !this.#ended
  }

  async #runOnce(): Promise<void> {
    const control = new RunControl()
    this.#run = control
    // Asked for between two runs, in a state that waits for the answer to completing.
    if (this.#pending !== undefined) control.drain()
    try {
      const job = await this.#nextJob(control.stop)
      // The last figures come before the end, because their listeners may ask for something else.
      const result = await run(job, this.#plan.tools, control, this.#listener(job)).finally(() =>
        this.#gear.tracker.rest(),
      )
      this.outcome.resolve(result)
      this.#afterRun({ type: 'finish', result })
      this.#end()
    } catch (thrown) {
      if (control.stop.aborted) return this.#afterRun(this.#pending)
      const isUnreadable = thrown instanceof FileUnreadableError
      const isAnother = thrown instanceof FileChangedError
      this.#isUnreadable = isUnreadable || isAnother
      // This file is not the one that an earlier visit stored.
      if (isAnother && this.#own === this.#file) this.#own = undefined
      // The file need only be picked again, so awaiting the upload goes on.
      if (isUnreadable) return this.#afterRun(needsFile)
      if (thrown instanceof OfflineError) return this.#afterRun(offline)
      this.#fail(thrown)
    }
  }

  #fail(thrown: unknown): void {
    const error = toUploadError(thrown)
    this.outcome.reject(error)
    this.#isDoubtful ||= error instanceof HttpError && !error.retryable
    this.#afterRun({ type: 'fail', error })
  }

  /** The browser may ask the user for permission, and the user need not answer. */
  async #nextJob(stop: AbortSignal): Promise<Job> {
    const file = await unless(stop, this.#file)
    // From now on the file is at hand, and can be told from others.
    if (!(this.#file instanceof File)) this.#file = file
    this.#own ??= file
    const { identity, params } = this.#plan
    const { journal, digests } = this.#gear
    return {
      identity,
      params,
      file,
      handle: this.#handle,
      journal,
      digests,
      isKnown: file === this.#known,
      own: this.#own,
      left: this.#left,
      isFresh: this.#isFresh,
      isDoubtful: this.#isDoubtful,
      isUnsure: this.#isUnsure,
    }
  }

  #afterRun(action: Action | undefined): void {
    this.#run = undefined
    this.#pending = undefined
    if (action !== undefined) this.#dispatch(action)
  }

  async #discard(reason: unknown): Promise<void> {
    if (reason === this.#abandoned) this.#equipment?.tracker.flush()
    else await this.#throwAway()
    this.outcome.reject(reason)
    this.#end()
  }

  async #throwAway(): Promise<void> {
    try {
      if (this.#equipment === undefined) await this.#plan.admission.breathe()
      const { ownership, tracker, journal } = this.#gear
      await ownership.insist().finally(() => tracker.flush())
      await discard(journal, this.#plan.tools)
    } catch (cause) {
      this.#warn('abort', cause)
    }
  }

  #end(): void {
    this.#ended = true
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#onSignal)
    this.#equipment?.ownership.release()
    const { share, onEnd } = this.#plan
    if (this.#state.status === 'done') share.done()
    else share.cancelled()
    onEnd(this)
  }

  #listener({ isFresh }: Job): RunListener {
    const { tracker, network } = this.#gear
    return {
      enter: (phase) => void this.#dispatch({ type: 'enter', phase }),
      tracker,
      opened: (layout, receipts, expiresAt) => {
        this.#sessionExpiresAt = expiresAt
        tracker.opened(layout, receipts)
      },
      verified: (file) => {
        this.#known = file
        // Not if the run began before restart() was called.
        if (isFresh !== this.#isFresh) return
        this.#own = file
        this.#left = undefined
        this.#isFresh = false
      },
      stored: (receipt) => {
        tracker.stored(receipt)
        network.reset()
      },
      unsure: (isUnsure) => {
        this.#isUnsure = isUnsure
      },
      warned: (code, cause) => this.#warn(code, cause),
    }
  }

  #dispatch(action: Action): boolean {
    const state = transition(this.#state, action)
    if (state === this.#state) return false
    // Resumed or cancelled: from now on, awaiting the upload means its new outcome.
    if (this.#state.status === 'failed') this.outcome = new Outcome()
    this.#state = state
    this.#plan.share.stands(state.status === 'failed', hasStopped(state))
    if (isOffline(state)) this.#gear.network.begin(() => this.#goOn())
    else this.#equipment?.network.end()
    this.#events.emitInTurn('state', state)
    return true
  }

  #warn(code: UploadWarning['code'], cause: unknown): void {
    const message = warnings[code] ?? toUploadError(cause).message
    this.#events.emit('warning', { code, message, cause })
  }
}

const needsFile: Action = { type: 'pause', by: 'system', reason: 'needs-file' }
const otherTab: Action = { type: 'pause', by: 'system', reason: 'other-tab' }
const offline: Action = { type: 'pause', by: 'system', reason: 'offline' }

/** Nothing of the upload moves, neither here nor in another tab. */
function hasStopped(state: UploadState): boolean {
  return 'reason' in state
    ? state.reason !== 'other-tab'
    : state.status === 'paused' || state.status === 'failed'
}

function isOffline(state: UploadState): boolean {
  return state.status === 'paused' && state.by === 'system' && state.reason === 'offline'
}

function nothingYet(total: number, confirmed = 0): Progress {
  return { confirmed, inFlight: 0, total, rate: 0, eta: undefined }
}

type Equipment = {
  readonly journal: Journal
  readonly tracker: Tracker
  readonly ownership: Ownership
  readonly network: NetworkWait
  readonly digests: Job['digests']
}

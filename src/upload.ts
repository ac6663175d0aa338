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
 * The events of an upload. `state`: its new state. `progress` and `hashing`: at most ten a second, and one at the end.
 * `parts`: all parts, when it is known how the file is cut and what is stored, in every run anew. `part`: the status of
 * one has changed since. `warning`: something went wrong that does not end the upload.
 */
export type UploadEvents = TrackerEvents & {
  /** Its new state. */
  state: UploadState
  /** Something went wrong that does not end the upload. */
  warning: UploadWarning
}

/** The options of `Upload.pause`. */
export type PauseOptions = {
  /** Lets the parts that are on their way arrive instead of cutting them. @default false */
  readonly finishParts?: boolean | undefined
}

/** What an upload is wherever it is worked at: an `Upload` in the page and a `RemoteUpload` in a worker. */
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

/** What an upload is made of. */
export type UploadPlan = {
  readonly id: string
  readonly key: string
  /** What the next run reads; rejects where it cannot be had without the user. */
  readonly file: File | Promise<File>
  readonly handle: FileSystemFileHandle | undefined
  readonly identity: Identity
  readonly params: Params
  /** Bytes that an earlier visit has stored, as far as it is known. @default 0 */
  readonly confirmed?: number | undefined
  readonly signal: AbortSignal | undefined
  /** What has to be over before it begins: the clean-up of a cancelled upload of the same file. */
  readonly after: Promise<unknown>
  readonly tools: Tools
  readonly checkpoints: CheckpointStore
  readonly admission: Admission
  /** What it adds to the Uploader's figures. */
  readonly share: Share
  /** Called once, when nothing can happen any more. */
  readonly onEnd: (upload: Upload) => void
}

/**
 * One file's life: from `uploadFile` until it is done or cancelled. It can be awaited like a promise; it is paused,
 * resumed and cancelled by its methods, and tells what happens by its events.
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
  /** Tells the uploads of one Uploader apart. */
  readonly id: string
  /** What file it is. */
  readonly identity: Identity

  readonly #plan: UploadPlan
  readonly #events = new Events<UploadEvents>()
  /** Milliseconds since 1970. */
  readonly #begunAt: number
  /** What only an upload that has had its turn needs: one that waits in line is light. */
  #equipment: Equipment | undefined
  #file: File | Promise<File>
  #handle: FileSystemFileHandle | undefined
  /** What another file that takes its place must not differ from; none as long as the user is asked for the first. */
  #own: File | undefined
  /** The file whose content is known to be what is stored. */
  #known: File | undefined
  /** What another tab has brought to its end. */
  #left: LeftCheckpoint | undefined
  /** The last run could not read it, or found another one. */
  #isUnreadable = false
  #isFresh = false
  /** A run was refused, so what the server holds may not be what the checkpoint says. */
  #isDoubtful = false
  /** A run may have completed it. */
  #isUnsure = false
  /** Until when the server keeps the session; `undefined` where it does not say, or where the user has been told. */
  #sessionExpiresAt: number | undefined
  #state: UploadState = initialState
  #run: RunControl | undefined
  /** What was asked for while a request is out that must not be cut. */
  #pending: Action | undefined
  #driving: Promise<void> | undefined
  /** Out of its place in line, or at work. */
  #leavePlace: Leave | undefined
  /** The reason of the cancel that keeps what is stored: the first, for that is what the state has. */
  #abandoned: unknown
  #ended = false
  /** Each of them cancels it. */
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

  /** What it is doing. A new object after every change. */
  get state(): UploadState {
    return this.#state
  }

  /** The figures of now. */
  get progress(): Progress {
    return this.#equipment?.tracker.progress ?? nothingYet(this.identity.size, this.#plan.confirmed)
  }

  /**
   * Whether what is stored is remembered beyond this page: `memory` once the storage of the checkpoints has failed. What they are kept in
   * is not asked: with `memoryCheckpoints` it is `storage`, too.
   */
  get persistence(): 'storage' | 'memory' {
    return this.#equipment?.journal.isInMemory ? 'memory' : 'storage'
  }

  /**
   * A cancel waits for the answer to completing. Only another cancel takes its place.
   *
   * @internal Asked by `Uploader.uploadFile`.
   */
  get isLeaving(): boolean {
    return this.#pending?.type === 'cancel'
  }

  /**
   * What the next run reads.
   *
   * @internal Compared by `Uploader.uploadFile`.
   */
  get file(): File | Promise<File> {
    return this.#file
  }

  /**
   * The fingerprint of a file, else of its own: files of the same content have the same.
   *
   * @internal Asked by `serveUploader`.
   */
  async print(file: File | Promise<File> = this.#file): Promise<string | undefined> {
    return fingerprint(await file, this.#plan.tools, new AbortController().signal)
  }

  /** Every part with its status, in ascending order; empty until the server has said how the file is cut. */
  parts(): readonly PartInfo[] {
    return this.#equipment?.tracker.parts() ?? []
  }

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof UploadEvents>(type: Type, listener: (event: UploadEvents[Type]) => void): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * Stops sending; what is acknowledged stays. Does nothing where nothing is under way. An upload that is completing
   * pauses only if the answer to that request is not a success.
   */
  pause(options: PauseOptions = {}): void {
    this.#stop({ type: 'pause', by: 'user' }, options.finishParts ?? false)
  }

  /**
   * Goes on after a pause or a failure, with what is missing. Does nothing where the upload is under way or has ended.
   *
   * @param file The file, picked again: needed where the upload is paused as `needs-file`.
   * @param handle Its handle, where the browser gave one.
   * @throws FileChangedError where that is another file by name, path, size or date. Nothing is lost then.
   */
  resume(file?: File, handle?: FileSystemFileHandle): void {
    this.goOnWith(file && requireSame(this.identity, file), handle)
  }

  /**
   * As `resume`, with a file that is known to be the same.
   *
   * @internal Called by `Uploader.uploadFile`, which has found the upload by it.
   */
  goOnWith(file: File | Promise<File> | undefined, handle: FileSystemFileHandle | undefined): void {
    this.#handle = handle ?? this.#handle
    // What is under way has its own.
    if (file && !isUnderWay(this.#state)) this.#file = file
    else if (this.#handle !== undefined && this.#isUnreadable)
      this.#file = reopen(this.#handle, this.identity)
    this.#isUnreadable = false
    if (!this.isLeaving) this.#pending = undefined
    this.#dispatch({ type: 'resume', by: 'user' })
    this.#proceed()
  }

  /**
   * From now on this signal cancels it too.
   *
   * @internal Called by `Uploader.uploadFile`.
   */
  follow(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    this.#signals.add(signal)
    signal.addEventListener('abort', this.#onSignal)
  }

  /**
   * Sends the file from its beginning, after a failure with `file-changed`: what was stored before is thrown away, on
   * the server too where its contract allows that. Does nothing where the upload is under way or has ended.
   */
  restart(): void {
    if (this.#state.status !== 'failed' && this.#state.status !== 'paused') return
    this.#isFresh = true
    this.#own = undefined
    this.#left = undefined
    this.resume()
  }

  /**
   * Ends the upload for good: nothing is sent any more, the server is told to throw the parts away where its contract
   * allows that, and the checkpoint is removed. Awaiting the upload rejects with `reason`.
   *
   * @param reason @default a `CancelledError`, whose name is AbortError
   * @returns Resolves when all that is over; where another tab works on the upload, when that one has let go of it. An
   * upload whose completing could not be stopped any more ends as `done`.
   */
  async cancel(reason: unknown = new CancelledError()): Promise<void> {
    this.#stop({ type: 'cancel', reason }, false)
    // It need not wait for its turn to be thrown away.
    await this.#drive()
  }

  /**
   * Ends it in this page, as if the page were closed: what is stored stays, for another visit or tab to go on with.
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
        // Its owner had not opened it yet, or had told more than it had stored.
        if (news.type === 'progress' && !tracker.hasLayout) void this.#show()
      },
      onOwned: () => this.#goOn(),
      onLost: () => this.#lost(),
      onCancel: () => void this.cancel(),
    })
    this.#events.on('progress', ({ confirmed, inFlight, eta }) => {
      this.#watchExpiry(confirmed, eta)
      // Before that, the other tabs know more than this one.
      if (tracker.hasLayout) ownership.tell({ type: 'progress', confirmed, inFlight })
    })
    this.#events.on('part', ({ number, status }) => ownership.tell({ type: 'part', number, status }))
    return ownership
  }

  /** Early enough to do something about it, once there is a rate that says something. */
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

  /** Another tab may have it by now. What asks for the end already is not cut, and as good as ours until it is answered. */
  #lost(): boolean {
    const { status } = this.#state
    const isEnding = status === 'completing' || (status === 'cancelled' && !this.#run)
    if (isEnding) this.#run?.drain()
    else this.#run?.cut()
    if (!isEnding && this.#dispatch(otherTab)) this.#goOn()
    return !isEnding
  }

  /** What the system has paused, the system resumes. */
  #goOn(): void {
    this.#dispatch({ type: 'resume', by: 'system' })
    this.#proceed()
  }

  #start(): void {
    const { signal } = this.#plan
    if (signal?.aborted) {
      // Nothing was begun, so there is nothing to throw away: what an earlier visit left stays.
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
    // Out of the line, where it has not had its turn yet.
    if (this.#driving === undefined) this.#leave()
    if (this.#state.status === 'completing') {
      if (!this.isLeaving || action.type === 'cancel') this.#pending = action
      this.#run?.drain()
    } else {
      // Also what an earlier one lets arrive, where it was resumed meanwhile.
      const lets = gently && (this.#state.status === 'uploading' || this.#run?.stop.aborted)
      // Also a run that was to let its parts arrive.
      if (!this.#dispatch(action) && gently) return
      if (lets) this.#run?.drain()
      else this.#run?.cut()
    }
  }

  /** Gets in line, if there is something to do; it works when it is its turn. */
  #proceed(): void {
    if (this.#leavePlace !== undefined || !isRunning(this.#state)) return
    const { admission } = this.#plan
    // In its place only then: `enter` may call back before it returns.
    this.#leavePlace = admission.enter(this.identity.size, () => queueMicrotask(() => void this.#drive()))
  }

  /** The one loop that works on the upload: there is never more than one run, and none when it has ended. */
  #drive(): Promise<void> {
    this.#driving ??= this.#work()
      // Not a run's failure: without this, the next turn would meet it again, and so on for ever.
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
    // Also where that is over: the constructor returns first, so that listeners hear of everything.
    if (!this.#ended) await this.#plan.after
    while (this.#hasWork()) {
      if (this.#state.status === 'cancelled') await this.#discard(this.#state.reason)
      else if (!(await this.#gear.ownership.take())) await this.#watch()
      else if (this.#gear.ownership.takeWaited()) await this.#takeOver()
      // Not where it was paused, cancelled or lost while it waited for its turn.
      else if (isRunning(this.#state) && this.#gear.ownership.isOurs) await this.#runOnce()
    }
  }

  /** Another tab has it: shows what that one has stored so far, and from then on what it tells. */
  #watch(): Promise<void> {
    this.#dispatch(otherTab)
    return this.#show()
  }

  async #show(): Promise<void> {
    const { journal, tracker, ownership } = this.#gear
    const stored = await journal.peek()
    if (stored?.checkpoint.stage !== 'opened' || ownership.isOurs || this.#ended) return
    // What the owner has told meanwhile may be newer than what it has stored.
    const confirmed = bytesOf(stored.receipts)
    if (confirmed >= this.progress.confirmed) tracker.opened(stored.checkpoint.layout, stored.receipts, true)
  }

  /** The tab that had it may have brought it to its end; if not, what it has stored has to be looked at first. */
  async #takeOver(): Promise<void> {
    this.#known = undefined
    this.#left = undefined
    const { journal, tracker } = this.#gear
    const checkpoint = (await journal.load())?.checkpoint
    if (checkpoint?.stage !== 'ended') return
    if (checkpoint.result !== 'cancelled') {
      // What is to be sent from its beginning is sent.
      if (!this.#isFresh) this.#left = checkpoint
      return
    }
    // What was cancelled before this was begun is another upload.
    if (checkpoint.createdAt < this.#begunAt) return
    // There may be a third.
    await leave(journal, this.#plan.tools, checkpoint)
    tracker.flush()
    // A cancel that came meanwhile stands, also by who has just heard the figures.
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
    // Asked for after the run before had ended, in a state that waits for an answer to completing.
    if (this.#pending !== undefined) control.drain()
    try {
      const job = await this.#nextJob(control.stop)
      // The last figures first, then what follows: who hears them may ask for something else.
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
      // It is not what was stored by an earlier visit.
      if (isAnother && this.#own === this.#file) this.#own = undefined
      // Picking the file again is all that it takes, so the upload is not over for who awaits it.
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

  /** The browser may have a question to the user, who need not answer it. */
  async #nextJob(stop: AbortSignal): Promise<Job> {
    const file = await unless(stop, this.#file)
    // At hand from now on, and told from others.
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
        // Not by a run that was under way when restart() was called.
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
    // Resumed or cancelled: who awaits the upload from now on awaits the new outcome.
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

/** Nothing of it moves: not here, nor in another tab. */
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

import { FileChangedError, FileUnreadableError, toUploadError } from './errors.ts'
import { Events } from './events.ts'
import { reopen } from './handles.ts'
import { differs, identify, sameIdentity } from './identity.ts'
import { Journal } from './journal.ts'
import { Outcome } from './outcome.ts'
import { Ownership } from './ownership.ts'
import type { CheckpointStore, Identity, Params, TabNews, UploadResult } from './ports.ts'
import type { Progress } from './progress.ts'
import { discard, type Job, type RunListener, run, type Tools } from './run.ts'
import { RunControl } from './run-control.ts'
import { type Action, initialState, isRunning, transition, type UploadState } from './state.ts'
import { type PartInfo, Tracker, type TrackerEvents } from './tracker.ts'
import { type UploadWarning, warnings } from './warnings.ts'

/**
 * The events of an upload. `state`: its new state. `progress` and `hashing`: at most ten a second, and one at the end.
 * `part`: a part's status has changed. `warning`: something went wrong that does not end the upload.
 */
export type UploadEvents = TrackerEvents & {
  state: UploadState
  warning: UploadWarning
}

export type PauseOptions = {
  /** Lets the parts that are on their way arrive instead of cutting them. @default false */
  readonly finishParts?: boolean
}

/** What an upload is made of. */
export type UploadPlan = {
  readonly id: string
  readonly key: string
  /** What the next run reads; rejects where it cannot be had without the user. */
  readonly file: File | Promise<File>
  readonly handle: FileSystemFileHandle | undefined
  readonly identity: Identity
  readonly params: Params
  readonly signal: AbortSignal | undefined
  /** What has to be over before it begins: the clean-up of a cancelled upload of the same file. */
  readonly after: Promise<unknown>
  readonly tools: Tools
  readonly checkpoints: CheckpointStore
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
 * const off = upload.on('progress', ({ confirmed, total }) => console.log(confirmed / total))
 * const { key } = await upload
 * off()
 * ```
 */
export class Upload implements PromiseLike<UploadResult> {
  /** Tells the uploads of one page apart. */
  readonly id: string
  /** What file it is. */
  readonly identity: Identity

  readonly #tools: Tools
  readonly #events = new Events<UploadEvents>()
  readonly #tracker: Tracker
  readonly #signal: AbortSignal | undefined
  readonly #onEnd: (upload: Upload) => void
  readonly #after: Promise<unknown>
  readonly #key: string
  readonly #journal: Journal
  readonly #ownership: Ownership
  readonly #about: Pick<Job, 'identity' | 'params'>
  #file: File | Promise<File>
  #handle: FileSystemFileHandle | undefined
  /** The file whose content is known to be what is stored. */
  #known: File | undefined
  #isFresh = false
  /** A run has failed, so what the server holds may not be what the checkpoint says. */
  #isDoubtful = false
  #state: UploadState = initialState
  #run: RunControl | undefined
  /** What was asked for while a request is out that must not be cut. */
  #pending: Action | undefined
  #driving: Promise<void> | undefined
  #outcome = new Outcome()
  #ended = false

  /** @internal Made by `Uploader.uploadFile`. */
  constructor(plan: UploadPlan) {
    this.id = plan.id
    this.identity = plan.identity
    this.#tools = plan.tools
    this.#signal = plan.signal
    this.#onEnd = plan.onEnd
    this.#after = plan.after
    this.#key = plan.key
    this.#file = plan.file
    this.#handle = plan.handle
    this.#about = { identity: plan.identity, params: plan.params }
    const { clock } = plan.tools.retry
    this.#journal = new Journal({
      key: plan.key,
      store: plan.checkpoints,
      clock,
      onTrouble: (cause) => this.#warn('checkpoint', cause),
      onDamage: () => this.#warn('checkpoint-damaged', undefined),
    })
    this.#tracker = new Tracker(plan.identity.size, clock, this.#events)
    this.#ownership = this.#createOwnership()
    this.#start()
  }

  /** What it is doing. A new object after every change. */
  get state(): UploadState {
    return this.#state
  }

  /** The figures of now. */
  get progress(): Progress {
    return this.#tracker.progress
  }

  /** Whether what is stored is remembered beyond this page: `memory` once the browser's storage has failed. */
  get persistence(): 'storage' | 'memory' {
    return this.#journal.isInMemory ? 'memory' : 'storage'
  }

  /** Every part with its status, in ascending order; empty until the server has said how the file is cut. */
  parts(): readonly PartInfo[] {
    return this.#tracker.parts()
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
   * @throws FileChangedError where that is another file by name, path, size, date or type. Nothing is lost then.
   */
  resume(file?: File, handle?: FileSystemFileHandle): void {
    if (file !== undefined) this.#adopt(file, handle)
    else if (this.#handle !== undefined && this.#needsFile()) this.#file = reopen(this.#handle, this.identity)
    this.#pending = undefined
    // Who awaits the upload from now on awaits the new outcome.
    if (this.#state.status === 'failed') this.#outcome = new Outcome()
    this.#dispatch({ type: 'resume', by: 'user' })
    this.#drive()
  }

  /**
   * Sends the file from its beginning, after a failure with `file-changed`: what was stored before is thrown away, on
   * the server too where its contract allows that. Does nothing where the upload is under way or has ended.
   */
  restart(): void {
    if (this.#state.status !== 'failed' && this.#state.status !== 'paused') return
    this.#isFresh = true
    this.resume()
  }

  /**
   * Ends the upload for good: nothing is sent any more, the server is told to throw the parts away where its contract
   * allows that, and the checkpoint is removed. Awaiting the upload rejects with `reason`.
   *
   * @param reason @default a DOMException named AbortError
   * @returns Resolves when all that is over; where another tab works on the upload, when that one has let go of it. An
   * upload whose completing could not be stopped any more ends as `done`.
   */
  async cancel(reason: unknown = new DOMException('The upload was cancelled', 'AbortError')): Promise<void> {
    this.#stop({ type: 'cancel', reason }, false)
    await this.#drive()
  }

  /** Awaiting the upload: its result, or the error or the reason that it ended with. */
  // biome-ignore lint/suspicious/noThenProperty: an upload can be awaited
  then<Fulfilled = UploadResult, Rejected = never>(
    onFulfilled?: ((result: UploadResult) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#outcome.promise.then(onFulfilled, onRejected)
  }

  /** As a promise's. */
  catch<Rejected>(
    onRejected: (reason: unknown) => Rejected | PromiseLike<Rejected>,
  ): Promise<UploadResult | Rejected> {
    return this.#outcome.promise.catch(onRejected)
  }

  /** As a promise's. */
  finally(onFinally: () => void): Promise<UploadResult> {
    return this.#outcome.promise.finally(onFinally)
  }

  #adopt(file: File, handle: FileSystemFileHandle | undefined): void {
    const picked = identify(file)
    if (!sameIdentity(this.identity, picked)) throw new FileChangedError(differs(this.identity, picked))
    this.#file = file
    this.#handle = handle ?? this.#handle
  }

  #needsFile(): boolean {
    return (
      this.#state.status === 'paused' && this.#state.by === 'system' && this.#state.reason === 'needs-file'
    )
  }

  #createOwnership(): Ownership {
    const { tabs } = this.#tools
    this.#events.on('progress', ({ confirmed, inFlight }) =>
      this.#tell({ type: 'progress', confirmed, inFlight }),
    )
    this.#events.on('part', ({ number, status }) => this.#tell({ type: 'part', number, status }))
    return new Ownership({
      key: this.#key,
      tabs,
      onNews: (news) => this.#tracker.heard(news),
      onOwned: () => {
        this.#dispatch({ type: 'resume', by: 'system' })
        this.#drive()
      },
      onCancel: () => void this.cancel(),
    })
  }

  #tell(news: TabNews): void {
    if (this.#ownership.isOurs) this.#ownership.tell(news)
  }

  #start(): void {
    if (this.#signal?.aborted) {
      // Nothing was begun, so there is nothing to throw away: what an earlier visit left stays.
      this.#dispatch({ type: 'cancel', reason: this.#signal.reason })
      this.#outcome.reject(this.#signal.reason)
      this.#end()
      return
    }
    this.#signal?.addEventListener('abort', this.#onSignal)
    this.#drive()
  }

  readonly #onSignal = (): void => {
    void this.cancel(this.#signal?.reason)
  }

  #stop(action: Action, gently: boolean): void {
    if (this.#state.status === 'completing') {
      this.#pending = action
      this.#run?.drain()
    } else if (this.#dispatch(action)) {
      if (gently) this.#run?.drain()
      else this.#run?.cut()
    }
  }

  /** The one loop that works on the upload: there is never more than one run, and none when it has ended. */
  #drive(): Promise<void> {
    this.#driving ??= this.#work().finally(() => {
      this.#driving = undefined
      // Something may have been asked for after the loop's last look.
      return this.#hasWork() ? this.#drive() : undefined
    })
    return this.#driving
  }

  async #work(): Promise<void> {
    // Also where it is over: the constructor returns first, so that listeners hear of everything.
    await this.#after
    while (this.#hasWork()) {
      if (this.#state.status === 'cancelled') await this.#discard(this.#state.reason)
      else if (!(await this.#ownership.take())) await this.#watch()
      else if (this.#ownership.takeWaited()) await this.#takeOver()
      // Not where it was paused or cancelled while it waited for its turn.
      else if (isRunning(this.#state)) await this.#runOnce()
    }
  }

  /** Another tab has it: shows what that one has stored so far, and from then on what it tells. */
  async #watch(): Promise<void> {
    this.#dispatch({ type: 'pause', by: 'system', reason: 'other-tab' })
    const stored = await this.#journal.load()
    if (stored?.checkpoint.stage !== 'opened' || this.#ownership.isOurs) return
    // What the owner has told meanwhile may be newer than what it has stored.
    const confirmed = stored.receipts.reduce((sum, { size }) => sum + size, 0)
    if (confirmed >= this.progress.confirmed) this.#tracker.opened(stored.checkpoint.layout, stored.receipts)
  }

  /** The tab that had it may have brought it to its end; if not, what it has stored has to be looked at first. */
  async #takeOver(): Promise<void> {
    this.#known = undefined
    const stored = await this.#journal.load()
    if (stored?.checkpoint.stage !== 'ended') return
    await this.#journal.remove()
    // A cancel that came meanwhile stands.
    if (this.#state.status === 'cancelled') return
    this.#tracker.flush()
    const { result } = stored.checkpoint
    if (result === 'cancelled') {
      const reason = new DOMException('The upload was cancelled in another tab', 'AbortError')
      this.#outcome.reject(reason)
      this.#dispatch({ type: 'cancel', reason })
    } else {
      this.#outcome.resolve(result)
      this.#dispatch({ type: 'finished-elsewhere', result })
    }
    this.#end()
  }

  #hasWork(): boolean {
    return isRunning(this.#state) || (this.#state.status === 'cancelled' && !this.#ended)
  }

  async #runOnce(): Promise<void> {
    const control = new RunControl()
    this.#run = control
    try {
      const result = await run(await this.#nextJob(), this.#tools, control, this.#listener())
      this.#outcome.resolve(result)
      this.#afterRun({ type: 'finish', result })
      this.#end()
    } catch (thrown) {
      if (control.stop.aborted) return this.#afterRun(this.#pending)
      // Picking the file again is all that it takes, so the upload is not over for who awaits it.
      if (thrown instanceof FileUnreadableError) return this.#afterRun(needsFile)
      const error = toUploadError(thrown)
      this.#outcome.reject(error)
      this.#isDoubtful = true
      this.#afterRun({ type: 'fail', error })
    }
  }

  async #nextJob(): Promise<Job> {
    const file = await this.#file
    const doubts = { isKnown: file === this.#known, isFresh: this.#isFresh, isDoubtful: this.#isDoubtful }
    return { ...this.#about, ...doubts, file, handle: this.#handle, journal: this.#journal }
  }

  /** The last figures first, then the state that follows. */
  #afterRun(action: Action | undefined): void {
    this.#run = undefined
    this.#pending = undefined
    this.#tracker.flush()
    if (action !== undefined) this.#dispatch(action)
  }

  async #discard(reason: unknown): Promise<void> {
    try {
      await this.#ownership.insist().finally(() => this.#tracker.flush())
      await discard(this.#journal, this.#tools)
    } catch (cause) {
      this.#warn('abort', cause)
    }
    this.#outcome.reject(reason)
    this.#end()
  }

  #end(): void {
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#onSignal)
    this.#ownership.release()
    this.#onEnd(this)
  }

  #listener(): RunListener {
    const tracker = this.#tracker
    return {
      enter: (phase) => void this.#dispatch({ type: 'enter', phase }),
      hashed: (bytes) => tracker.hashed(bytes),
      opened: (layout, receipts) => tracker.opened(layout, receipts),
      verified: (file) => {
        this.#known = file
        this.#isFresh = false
      },
      sending: (part, sent) => tracker.sending(part, sent),
      dropped: (part) => tracker.dropped(part),
      stored: (receipt) => tracker.stored(receipt),
      lost: (error) => this.#warn('session-lost', error),
    }
  }

  #dispatch(action: Action): boolean {
    const state = transition(this.#state, action)
    if (state === this.#state) return false
    this.#state = state
    this.#events.emit('state', state)
    return true
  }

  #warn(code: UploadWarning['code'], cause: unknown): void {
    this.#events.emit('warning', { code, message: warnings[code], cause })
  }
}

const needsFile: Action = { type: 'pause', by: 'system', reason: 'needs-file' }

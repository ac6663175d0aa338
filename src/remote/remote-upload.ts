import { CancelledError, FileUnreadableError, toUploadError, type UploadError } from '../errors.ts'
import { Events } from '../events.ts'
import { reopen } from '../handles.ts'
import { requireSame } from '../identity.ts'
import { Awaitable, Outcome } from '../outcome.ts'
import type { Identity, Params } from '../ports.ts'
import type { Progress } from '../progress.ts'
import { initialState, isEnded, isRunning, type UploadState } from '../state.ts'
import type { PartInfo } from '../tracker.ts'
import type { PauseOptions, UploadEvents, UploadLike } from '../upload.ts'
import type { Hearing, Link } from './link.ts'
import { causeFromWire, fromWire, type UploadOrder, type WireState } from './wire.ts'

export type RemotePlan = {
  readonly id: number
  readonly identity: Identity
  readonly params: Params
  /** As of an `Upload`. */
  readonly confirmed?: number | undefined
  /** Rejects where the file cannot be had without the user. */
  readonly file: File | Promise<File>
  readonly handle: FileSystemFileHandle | undefined
  readonly signal: AbortSignal | undefined
  /** The line to the worker of now. */
  readonly link: () => Link
  /** Called once, when nothing can happen any more. */
  readonly onEnd: (upload: RemoteUpload) => void
}

/**
 * An upload that a worker is at. It can be awaited, paused, resumed and cancelled as an `Upload`; what it is told reaches the
 * worker a moment later, and `state`, `progress` and `parts()` are what the worker has told last.
 */
export class RemoteUpload extends Awaitable implements UploadLike {
  /** Tells the uploads of one RemoteUploader apart. */
  readonly id: string
  /** What file it is. */
  readonly identity: Identity
  readonly #plan: RemotePlan
  readonly #events = new Events<UploadEvents>()
  #state: UploadState = initialState
  #progress: Progress
  /** Of ten thousand one is changed, and none is copied, until somebody asks for them. */
  #parts = new Map<number, PartInfo>()
  #file: File | Promise<File>
  #handle: FileSystemFileHandle | undefined
  /** It could not be read when it was tried last. */
  #isUnreadable = false
  /** Paused since it was to go on: a file that comes by then does not make it. */
  #isHeld = false
  #isInMemory = false
  /** To the worker that knows of it; as long as there is none, it is all here. */
  #link: Link | undefined
  /** Who awaits it awaits an outcome that is still to come, although it has failed. */
  #isRenewed = false
  #isLeaving = false
  #reason: { readonly reason: unknown } | undefined
  /** As long as a signal may cancel it. */
  readonly #life = new AbortController()

  /** @internal Made by `RemoteUploader`. */
  constructor(plan: RemotePlan) {
    super()
    this.#plan = plan
    this.id = String(plan.id)
    this.identity = plan.identity
    this.#file = plan.file
    this.#handle = plan.handle
    this.#progress = {
      confirmed: plan.confirmed ?? 0,
      inFlight: 0,
      total: plan.identity.size,
      rate: 0,
      eta: undefined,
    }
    const { signal } = plan
    if (signal?.aborted) this.#endHere(signal.reason)
    else {
      this.follow(signal)
      this.#send()
    }
  }

  /** What it is doing. A new object after every change. */
  get state(): UploadState {
    return this.#state
  }

  /** The figures that came last. */
  get progress(): Progress {
    return this.#progress
  }

  /** As `Upload.persistence`. */
  get persistence(): 'storage' | 'memory' {
    return this.#isInMemory ? 'memory' : 'storage'
  }

  /**
   * It has ended, or is about to.
   *
   * @internal Asked by `RemoteUploader.uploadFile`.
   */
  get isLeaving(): boolean {
    return this.#isLeaving || isEnded(this.#state)
  }

  /**
   * As it was given last.
   *
   * @internal Compared by `RemoteUploader.uploadFile`.
   */
  get file(): File | Promise<File> {
    return this.#file
  }

  /** As `Upload.parts`. */
  parts(): readonly PartInfo[] {
    return [...this.#parts.values()]
  }

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof UploadEvents>(type: Type, listener: (event: UploadEvents[Type]) => void): () => void {
    return this.#events.on(type, listener)
  }

  /** As `Upload.pause`. */
  pause({ finishParts = false }: PauseOptions = {}): void {
    this.#isHeld = true
    if (this.#link !== undefined) this.#order({ type: 'pause', finishParts })
    else if (isRunning(this.#state)) this.#become({ status: 'paused', by: 'user' })
  }

  /**
   * As `Upload.resume`. Where the file has to be opened again by its handle, the browser asks the user, which it does only in a
   * click's own turn.
   *
   * @throws FileChangedError where that is another file by name, path, size or date; and whatever the function throws that
   * makes the worker. Nothing is lost then.
   */
  resume(file?: File, handle?: FileSystemFileHandle): void {
    this.goOnWith(file && requireSame(this.identity, file), handle)
  }

  /**
   * As `resume`, with a file that is known to be the same.
   *
   * @internal Called by `RemoteUploader.uploadFile`, which has found the upload by it.
   */
  goOnWith(file: File | Promise<File> | undefined, handle: FileSystemFileHandle | undefined): void {
    if (isEnded(this.#state)) return
    // What makes the worker may throw: then nothing has changed.
    if (this.#link === undefined) this.#plan.link()
    this.#handle = handle ?? this.#handle
    const again =
      file ?? (this.#isUnreadable && this.#handle ? reopen(this.#handle, this.identity) : undefined)
    this.#file = again ?? this.#file
    this.#isUnreadable = false
    this.#isHeld = false
    if (this.#link === undefined) {
      this.#become(initialState)
      this.#send()
    } else {
      this.#renew()
      if (again === undefined) this.#order({ type: 'resume' })
      else
        this.#whenThere(again, (file) => {
          if (this.#isHeld) return
          this.#file = file
          this.#order({ type: 'resume', file, handle: this.#handle })
        })
    }
  }

  /**
   * From now on this signal cancels it too.
   *
   * @internal Called by `RemoteUploader.uploadFile`.
   */
  follow(signal: AbortSignal | undefined): void {
    signal?.addEventListener('abort', () => void this.cancel(signal.reason), this.#life)
  }

  /** As `Upload.restart`. */
  restart(): void {
    // What the worker knows nothing of begins anew anyway.
    if (this.#link === undefined) return this.resume()
    this.#renew()
    this.#order({ type: 'restart' })
  }

  /** As `Upload.cancel`. */
  async cancel(reason: unknown = new CancelledError()): Promise<void> {
    this.#isLeaving = true
    this.#reason ??= { reason }
    this.#renew()
    if (this.#link === undefined && !isEnded(this.#state)) {
      this.#become({ status: 'cancelled', ...this.#reason })
      const { file, identity, params, link } = this.#plan
      try {
        // What an earlier visit has left, where the user was still asked for the file.
        if (!(file instanceof File)) await link().ask({ type: 'cancel-interrupted', identity, params })
      } catch {
        // It is left then.
      }
      this.#end()
    }
    // Where the worker comes to its end meanwhile, it is over too.
    await this.#link?.ask({ type: 'cancel', id: this.#plan.id }).catch(() => {})
    if (!isEnded(this.#state)) this.#endHere(this.#reason.reason)
  }

  /**
   * The worker is about to end all that it knows of.
   *
   * @internal Called by `RemoteUploader.stop`.
   */
  abandon(): void {
    this.#isLeaving = true
    this.#renew()
    if (this.#link === undefined && !isEnded(this.#state)) this.#endHere(new CancelledError())
  }

  #order(order: UploadOrder): void {
    if (!isEnded(this.#state)) this.#link?.order({ ...order, id: this.#plan.id })
  }

  #send(): void {
    this.#whenThere(this.#file, (file) => {
      // Paused or cancelled while the user was asked, or sent by another call.
      if (this.#link !== undefined || !isRunning(this.#state)) return
      // At hand from now on, and told from others.
      this.#file = file
      const { id, params, identity, confirmed, link } = this.#plan
      // Where it was found, and what it is called here, does not come along with a file.
      const { name, relativePath } = identity
      const options = { params, name, relativePath, confirmed }
      this.#link = link()
      this.#link.join(id, this.#hearing)
      this.#link.order({ type: 'upload', id, file, handle: this.#handle, options })
    })
  }

  #whenThere(file: File | Promise<File>, use: (file: File) => void): void {
    if (file instanceof File) use(file)
    else file.then(use).catch((error) => this.#hasNoFile(error))
  }

  /** Picking the file again is all that it takes. */
  #hasNoFile(error: unknown): void {
    // What is over, or paused meanwhile, or goes on in the worker, does not need it; of two questions one is told.
    if (this.#isHeld || isEnded(this.#state) || isRunning(this.#state) !== (this.#link === undefined)) return
    if (error instanceof FileUnreadableError)
      this.#become({ status: 'paused', by: 'system', reason: 'needs-file' })
    else this.#fail(error)
  }

  #fail(error: unknown): void {
    this.#become({ status: 'failed', error: toUploadError(error) })
  }

  readonly #hearing: Hearing = {
    hear: (news) => {
      if (news.type === 'state') this.#become(this.#stateOf(news.state))
      else if (news.type === 'end') this.#end()
      else if (news.event === 'warning') {
        this.#isInMemory ||= news.value.code === 'checkpoint'
        this.#events.emit('warning', { cause: undefined, ...news.value, ...causeFromWire(news.value) })
      } else {
        if (news.event === 'progress') this.#progress = news.value
        if (news.event === 'parts') this.#parts = new Map(news.value.map((part) => [part.number, part]))
        if (news.event === 'part') this.#moved(news.value)
        this.#events.emit(news.event, news.value)
      }
    },
    lose: (error) => {
      this.#link = undefined
      if (isEnded(this.#state)) this.#end()
      else if (this.#reason === undefined) this.#fail(error)
      else this.#endHere(this.#reason.reason)
    },
  }

  #moved({ number, status }: UploadEvents['part']): void {
    const part = this.#parts.get(number)
    if (part !== undefined) this.#parts.set(number, { ...part, status })
  }

  #stateOf(state: WireState): UploadState {
    if (state.status === 'failed') return { ...state, error: fromWire(state.error) as UploadError }
    // The page's own reason need not be such that it could be sent.
    return state.status === 'cancelled'
      ? { ...state, ...(this.#reason ?? { reason: fromWire(state.reason) }) }
      : state
  }

  #become(state: UploadState): void {
    // It begins in the same state here and there.
    if (isRunning(state) && state.status === this.#state.status) return
    if (state.status !== 'failed') this.#renew()
    this.#isRenewed = false
    this.#isUnreadable ||= 'reason' in state && state.reason === 'needs-file'
    this.#state = state
    // First, for a listener may resume it, and then awaits another end.
    if (state.status === 'failed') this.outcome.reject(state.error)
    this.#events.emitInTurn('state', state)
    if (state.status === 'done') this.#end()
  }

  /** Who awaits the upload from now on awaits the new outcome. */
  #renew(): void {
    if (this.#state.status !== 'failed' || this.#isRenewed) return
    this.outcome = new Outcome()
    this.#isRenewed = true
  }

  #endHere(reason: unknown): void {
    this.#become({ status: 'cancelled', reason })
    this.#end()
  }

  #end(): void {
    const state = this.#state
    if (state.status === 'done') this.outcome.resolve(state.result)
    if (state.status === 'cancelled') this.outcome.reject(state.reason)
    this.#life.abort()
    this.#link?.leave(this.#plan.id)
    this.#plan.onEnd(this)
  }
}

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
  /** Bytes that an earlier visit is known to have stored. @default 0 */
  readonly confirmed?: number | undefined
  /** Rejects if the file cannot be opened without the user. */
  readonly file: File | Promise<File>
  readonly handle: FileSystemFileHandle | undefined
  readonly signal: AbortSignal | undefined
  /** The line to the current worker. */
  readonly link: () => Link
  /** Called once, when nothing can happen any more. */
  readonly onEnd: (upload: RemoteUpload) => void
}

/**
 * An upload that runs in a worker. It can be awaited, paused, resumed and cancelled as an `Upload`. Its calls reach the worker
 * a moment later. `state`, `progress` and `parts()` are what the worker told last.
 *
 * @example
 * ```ts
 * const remote = new RemoteUploader(makeWorker)
 * const { key } = await remote.uploadFile(file)
 * ```
 */
export class RemoteUpload extends Awaitable implements UploadLike {
  /** Names the upload within its RemoteUploader. */
  readonly id: string
  /** The file's name, path, size, date and type. */
  readonly identity: Identity
  readonly #plan: RemotePlan
  readonly #events = new Events<UploadEvents>()
  #state: UploadState = initialState
  #progress: Progress
  /** A map, so that a change of one part among ten thousand copies nothing. */
  #parts = new Map<number, PartInfo>()
  #file: File | Promise<File>
  #handle: FileSystemFileHandle | undefined
  /** The file could not be read at the last attempt. */
  #isUnreadable = false
  /** Paused since the last resume: a file that arrives later does not resume the upload. */
  #isHeld = false
  #isInMemory = false
  /** The line to the worker that knows the upload. While there is none, only the page knows it. */
  #link: Link | undefined
  /** The upload has failed, but awaiting it already means its next outcome. */
  #isRenewed = false
  #isLeaving = false
  #reason: { readonly reason: unknown } | undefined
  /** Aborts when signals can no longer cancel the upload. */
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

  /** What the upload is doing, as the worker told last. A new object after every change. */
  get state(): UploadState {
    return this.#state
  }

  /** How far the upload is, in bytes and milliseconds, as the worker told last. */
  get progress(): Progress {
    return this.#progress
  }

  /** As `Upload.persistence`. */
  get persistence(): 'storage' | 'memory' {
    return this.#isInMemory ? 'memory' : 'storage'
  }

  /**
   * Whether the upload has ended or is about to.
   *
   * @internal Asked by `RemoteUploader.uploadFile`.
   */
  get isLeaving(): boolean {
    return this.#isLeaving || isEnded(this.#state)
  }

  /**
   * The file that was given last.
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

  /** As `Upload.on`. */
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
   * As `Upload.resume`. If the file has to be opened again by its handle, call it directly in a click handler, because the
   * browser asks the user for permission.
   *
   * @throws FileChangedError if `file` differs by name, path, size or date. It also throws what the function throws that makes
   * the worker. Nothing is lost then.
   */
  resume(file?: File, handle?: FileSystemFileHandle): void {
    this.goOnWith(file && requireSame(this.identity, file), handle)
  }

  /**
   * As `resume`, with a file whose traits are known to be the same.
   *
   * @internal Called by `RemoteUploader.uploadFile`, which found the upload by them.
   */
  goOnWith(file: File | Promise<File> | undefined, handle: FileSystemFileHandle | undefined): void {
    if (isEnded(this.#state)) return
    // First, because the function that makes the worker may throw. Nothing has changed then.
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
   * Lets this signal, too, cancel the upload from now on.
   *
   * @internal Called by `RemoteUploader.uploadFile`.
   */
  follow(signal: AbortSignal | undefined): void {
    signal?.addEventListener('abort', () => void this.cancel(signal.reason), this.#life)
  }

  /** As `Upload.restart`. */
  restart(): void {
    // An upload that the worker does not know starts over anyway.
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
        // An earlier visit left this upload, and the user is still being asked for the file.
        if (!(file instanceof File)) await link().ask({ type: 'cancel-interrupted', identity, params })
      } catch {
        // Then it stays interrupted.
      }
      this.#end()
    }
    // If the worker ends meanwhile, the upload is over too.
    await this.#link?.ask({ type: 'cancel', id: this.#plan.id }).catch(() => {})
    if (!isEnded(this.#state)) this.#endHere(this.#reason.reason)
  }

  /**
   * The worker is about to end all uploads that it knows.
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
      // From now on the file is at hand, and can be told from others.
      this.#file = file
      const { id, params, identity, confirmed, link } = this.#plan
      // A File that is sent does not carry its path, nor its name here.
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

  /** The file need only be picked again. */
  #hasNoFile(error: unknown): void {
    // Not if the upload is over, was paused meanwhile, or goes on in the worker. Of two failed attempts, one is told.
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
    // The page's own reason is used, which may not be sendable.
    return state.status === 'cancelled'
      ? { ...state, ...(this.#reason ?? { reason: fromWire(state.reason) }) }
      : state
  }

  #become(state: UploadState): void {
    // The upload begins in the same state in the page and in the worker.
    if (isRunning(state) && state.status === this.#state.status) return
    if (state.status !== 'failed') this.#renew()
    this.#isRenewed = false
    this.#isUnreadable ||= 'reason' in state && state.reason === 'needs-file'
    this.#state = state
    // Before the event, because a listener may resume the upload, and then awaits another outcome.
    if (state.status === 'failed') this.outcome.reject(state.error)
    this.#events.emitInTurn('state', state)
    if (state.status === 'done') this.#end()
  }

  /** From now on, awaiting the upload means its new outcome. */
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

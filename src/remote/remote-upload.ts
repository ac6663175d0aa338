import { CancelledError, FileUnreadableError, toUploadError, type UploadError } from '../errors.ts'
import { Events } from '../events.ts'
import { reopen } from '../handles.ts'
import { requireSame } from '../identity.ts'
import { Awaitable, Outcome } from '../outcome.ts'
import type { Identity } from '../ports.ts'
import type { Progress } from '../progress.ts'
import { initialState, isEnded, isRunning, type UploadState } from '../state.ts'
import type { PartInfo } from '../tracker.ts'
import type { PauseOptions, UploadEvents } from '../upload.ts'
import type { Link } from './link.ts'
import { causeFromWire, fromWire, type News, type Order, type WireState } from './wire.ts'

type Start = (id: number, file: File) => Order

export type RemotePlan = {
  readonly link: Link
  readonly identity: Identity
  /** Rejects where the file cannot be had without the user. */
  readonly file: File | Promise<File>
  readonly handle: FileSystemFileHandle | undefined
  readonly signal: AbortSignal | undefined
  readonly start: Start
}

/**
 * An upload that a worker is at. It can be awaited, paused, resumed and cancelled as an `Upload`; what it is told reaches the
 * worker a moment later, and `state` and `progress` are what the worker has told last.
 */
export class RemoteUpload extends Awaitable {
  /** What file it is. */
  readonly identity: Identity
  readonly #plan: RemotePlan
  readonly #id: number
  readonly #events = new Events<UploadEvents>()
  #state: UploadState = initialState
  #progress: Progress
  #handle: FileSystemFileHandle | undefined
  /** It could not be read when it was tried last. */
  #isUnreadable = false
  /** The worker knows of it. */
  #isSent = false
  #reason: { readonly reason: unknown } | undefined

  /** @internal Made by `RemoteUploader`. */
  constructor(plan: RemotePlan) {
    super()
    this.#plan = plan
    this.identity = plan.identity
    this.#handle = plan.handle
    this.#progress = { confirmed: 0, inFlight: 0, total: plan.identity.size, rate: 0, eta: undefined }
    this.#id = plan.link.join((news) => this.#hear(news))
    const { signal, file } = plan
    if (signal?.aborted) this.#endHere(signal.reason)
    else {
      signal?.addEventListener('abort', this.#onSignal)
      this.#send(file)
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

  /** Every part with its status, in ascending order; empty until the server has said how the file is cut, and after the end. */
  async parts(): Promise<readonly PartInfo[]> {
    return (await this.#plan.link.ask({ type: 'parts', id: this.#id })) as readonly PartInfo[]
  }

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof UploadEvents>(type: Type, listener: (event: UploadEvents[Type]) => void): () => void {
    return this.#events.on(type, listener)
  }

  /** As `Upload.pause`. */
  pause({ finishParts = false }: PauseOptions = {}): void {
    this.#order({ type: 'pause', id: this.#id, finishParts })
  }

  /**
   * As `Upload.resume`. Where the file has to be opened again by its handle, the browser asks the user, which it does only in a
   * click's own turn.
   *
   * @throws FileChangedError where that is another file by name, path, size, date or type. Nothing is lost then.
   */
  resume(file?: File, handle?: FileSystemFileHandle): void {
    if (file !== undefined) requireSame(this.identity, file)
    this.#handle = handle ?? this.#handle
    const again =
      file ?? (this.#isUnreadable && this.#handle ? reopen(this.#handle, this.identity) : undefined)
    this.#isUnreadable = false
    if (!this.#isSent) this.#send(again ?? this.#plan.file)
    else if (again === undefined) this.#order({ type: 'resume', id: this.#id })
    else this.#whenThere(again, (found) => this.#resumeWith(found))
  }

  /** As `Upload.restart`. */
  restart(): void {
    this.#order({ type: 'restart', id: this.#id })
  }

  /** As `Upload.cancel`. */
  async cancel(reason: unknown = new CancelledError()): Promise<void> {
    if (isEnded(this.#state)) return
    this.#reason ??= { reason }
    if (this.#isSent) await this.#plan.link.ask({ type: 'cancel', id: this.#id })
    // Also where the worker has not let it in, and so knows nothing of it.
    if (!isEnded(this.#state)) this.#endHere(reason)
  }

  readonly #onSignal = (): void => {
    this.cancel(this.#plan.signal?.reason).catch(() => {})
  }

  #order(order: Order): void {
    if (this.#isSent && !isEnded(this.#state)) this.#plan.link.order(order)
  }

  #resumeWith(file: File): void {
    this.#order({ type: 'resume', id: this.#id, file, handle: this.#handle })
  }

  #send(file: File | Promise<File>): void {
    this.#whenThere(file, (found) => {
      // Cancelled while the user was asked, or sent by another call.
      if (this.#isSent || isEnded(this.#state)) return
      this.#isSent = true
      this.#plan.link.order(this.#plan.start(this.#id, found))
    })
  }

  #whenThere(file: File | Promise<File>, use: (file: File) => void): void {
    if (file instanceof File) use(file)
    else file.then(use, (error) => this.#hasNoFile(error))
  }

  /** Picking the file again is all that it takes. */
  #hasNoFile(error: unknown): void {
    if (isEnded(this.#state)) return
    if (error instanceof FileUnreadableError)
      return this.#become({ status: 'paused', by: 'system', reason: 'needs-file' })
    this.#become({ status: 'failed', error: toUploadError(error) })
    this.outcome.reject(error)
  }

  #hear(news: Parameters<Parameters<Link['join']>[0]>[0]): void {
    if (news.type === 'state') this.#become(this.#stateOf(news.state))
    else if (news.type === 'end') this.#end(news)
    else if (news.event === 'warning')
      this.#events.emit('warning', { cause: undefined, ...news.value, ...causeFromWire(news.value) })
    else {
      if (news.event === 'progress') this.#progress = news.value
      this.#events.emit(news.event, news.value)
    }
  }

  #stateOf(state: WireState): UploadState {
    if (state.status === 'failed') return { ...state, error: fromWire(state.error) as UploadError }
    return state.status === 'cancelled' ? { ...state, reason: this.#reasonOf(state.reason) } : state
  }

  /** The page's own, where it was cancelled here: it need not be such that it could be sent. */
  #reasonOf(error: Parameters<typeof fromWire>[0]): unknown {
    return this.#reason === undefined ? fromWire(error) : this.#reason.reason
  }

  #become(state: UploadState): void {
    // It begins in the same state here and there.
    if (isRunning(state) && state.status === this.#state.status) return
    // Who awaits the upload from now on awaits the new outcome.
    if (this.#state.status === 'failed' && state.status !== 'failed') this.outcome = new Outcome()
    this.#isUnreadable ||= state.status === 'paused' && state.by === 'system' && state.reason === 'needs-file'
    this.#state = state
    this.#events.emit('state', state)
  }

  #end({ end }: Extract<News, { type: 'end' }>): void {
    if ('result' in end) this.outcome.resolve(end.result)
    else if (this.#state.status === 'cancelled') this.outcome.reject(this.#state.reason)
    else this.outcome.reject(fromWire(end.error))
    if (isEnded(this.#state)) this.#leave()
  }

  /** Nothing was begun. */
  #endHere(reason: unknown): void {
    this.#become({ status: 'cancelled', reason })
    this.outcome.reject(reason)
    this.#leave()
  }

  #leave(): void {
    this.#plan.signal?.removeEventListener('abort', this.#onSignal)
    this.#plan.link.leave(this.#id)
  }
}

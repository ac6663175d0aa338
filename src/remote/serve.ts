/** The worker's side: its Uploader does what the page asks for, and the page is told what happens. */
import { requireMethods } from '../options.ts'
import type { Progress } from '../progress.ts'
import { isEnded, type UploadState } from '../state.ts'
import type { Upload, UploadEvents } from '../upload.ts'
import type { InterruptedUpload, Uploader } from '../uploader.ts'
import {
  causeToWire,
  type News,
  type Order,
  type Question,
  type ToWorker,
  toWire,
  type WireInterrupted,
  type WireName,
  type WireState,
} from './wire.ts'

/** The worker's end of the messages: its own global scope, or a `MessagePort`. */
export type MessageTarget = Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & {
  /** As `Worker.postMessage`. */
  postMessage(message: unknown): void
  /** As `MessagePort.start`. */
  start?(): void
}

/**
 * Lets a page use this worker's Uploader through a `RemoteUploader` (docs/in-a-worker.md). Call it while the worker's script
 * first runs, not after an `await`. Otherwise the page's earlier messages are lost.
 *
 * @param through The scope or port that gets the page's messages. A SharedWorker has one port per page.
 * @default the worker itself
 * @returns A function that stops listening to the page. Uploads that are under way go on.
 * @throws TypeError if `through` has no `postMessage`.
 *
 * @example
 * ```ts
 * // upload-worker.ts
 * import { presigned, Uploader } from 'longhaul'
 * import { serveUploader } from 'longhaul/remote'
 *
 * serveUploader(new Uploader({ backend: presigned({ baseUrl: '/api' }) }))
 * ```
 */
export function serveUploader(
  uploader: Uploader,
  through: MessageTarget = globalThis as unknown as MessageTarget,
): () => void {
  requireMethods('through', through, ['postMessage'])
  const service = new Service(uploader, (news) => through.postMessage({ longhaul: news }))
  const listen = (event: Event): void => {
    const { data } = event as MessageEvent<Partial<ToWorker> | undefined>
    if (data?.longhaul !== undefined) service.hear(data.longhaul)
  }
  const end = (): void => {
    through.removeEventListener('message', listen)
    through.removeEventListener('close', end)
    service.end()
  }
  through.addEventListener('message', listen)
  // Some browsers tell when a port closes. A SharedWorker outlives many pages.
  through.addEventListener('close', end)
  // A worker's global scope need not be started, and its script may have a function of that name.
  if (through !== globalThis) through.start?.()
  return end
}

/** Milliseconds. */
const patience = 1_000

/** Passes figures on, also while nothing moves: the rate falls then, and no event says so. */
class Fading<Figures extends Progress> {
  readonly #read: () => Figures
  readonly #pass: (figures: Figures) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(read: () => Figures, pass: (figures: Figures) => void) {
    this.#read = read
    this.#pass = pass
  }

  tell(figures: Figures): void {
    this.end()
    this.#pass(figures)
    const { rate, confirmed, total } = figures
    if (rate > 0 && confirmed < total) this.#timer = setTimeout(() => this.tell(this.#read()), patience)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

const passed = ['hashing', 'parts', 'part'] as const

/** Events that are sent as they are. */
type Passed = (typeof passed)[number]

class Service {
  readonly #uploader: Uploader
  readonly #tell: (news: News) => void
  readonly #uploads = new Map<number, Upload>()
  /** Uploads of which it is not known yet whether their file is that of another page's upload. */
  readonly #joining = new Map<number, Promise<void>>()
  /** The latest of each, however often the page asks for the list. */
  readonly #interrupted = new Map<string, InterruptedUpload>()
  /** Stops telling the figures of all uploads. */
  readonly end: () => void

  constructor(uploader: Uploader, tell: (news: News) => void) {
    this.#uploader = uploader
    this.#tell = tell
    const figures = new Fading(
      () => uploader.progress,
      (totals) => tell({ type: 'totals', totals }),
    )
    const off = uploader.on('progress', (totals) => figures.tell(totals))
    this.end = () => {
      off()
      figures.end()
    }
  }

  hear(message: ToWorker['longhaul']): void {
    const joining = 'id' in message && this.#joining.get(message.id)
    if (joining) void joining.then(() => this.hear(message))
    else if ('ask' in message) void this.#answer(message)
    else this.#obey(message)
  }

  #obey(order: Order): void {
    if (order.type === 'hello') this.#welcome()
    else if (order.type === 'wake') globalThis.dispatchEvent(new Event('pageshow'))
    else if (order.type === 'upload') this.#begin(order)
    else if (order.type === 'pause') this.#uploads.get(order.id)?.pause(order)
    else if (order.type === 'restart') this.#uploads.get(order.id)?.restart()
    else this.#uploads.get(order.id)?.resume(order.file, order.handle)
  }

  #welcome(): void {
    this.#tell({ type: 'ready' })
    const totals = this.#uploader.progress
    // Other pages, or the worker's own code, may have uploads, and their next event may be far off.
    if (totals.files.total > 0) this.#tell({ type: 'totals', totals })
  }

  #begin({ id, file, handle, options }: Extract<Order, { type: 'upload' }>): void {
    const refuse = (thrown: unknown): void => this.#tell({ type: 'gone', id, error: toWire(thrown) })
    try {
      this.#attend(id, this.#uploader.uploadFile(file, { ...options, handle }))
    } catch (thrown) {
      // The upload is another page's or the worker's own. Its file is always another object, so the content decides.
      const { upload } = Object(thrown) as { readonly upload?: Upload }
      if (upload === undefined) return refuse(thrown)
      const joining = Promise.all([upload.print(), upload.print(file)])
        .then(([own, print]) => (own === print ? this.#attend(id, upload) : refuse(thrown)), refuse)
        .finally(() => this.#joining.delete(id))
      this.#joining.set(id, joining)
    }
  }

  #attend(id: number, upload: Upload): void {
    const tell = <Type extends Passed | 'progress'>(event: Type, value: UploadEvents[Type]): void =>
      this.#tell({ type: 'event', id, event, value } as News)
    const figures = new Fading(
      () => upload.progress,
      (value) => tell('progress', value),
    )
    const end = (): void => {
      for (const off of offs) off()
      this.#uploads.delete(id)
      this.#tell({ type: 'end', id })
    }
    const changed = (state: UploadState): void => {
      this.#tell({ type: 'state', id, state: stateToWire(state) })
      // A clean-up may be under way. cancel() waits for it.
      if (isEnded(state)) queueMicrotask(() => void upload.cancel().then(end))
    }
    const offs = [
      ...passed.map((event) => upload.on(event, (value) => tell(event, value))),
      upload.on('progress', (value) => figures.tell(value)),
      () => figures.end(),
      upload.on('warning', ({ cause, ...warning }) =>
        this.#tell({ type: 'event', id, event: 'warning', value: { ...warning, ...causeToWire(cause) } }),
      ),
      upload.on('state', changed),
    ]
    this.#uploads.set(id, upload)
    // The upload may already be under way, started by the worker's own code.
    const parts = upload.parts()
    if (parts.length > 0) {
      tell('parts', parts)
      figures.tell(upload.progress)
    }
    changed(upload.state)
  }

  async #answer({ ask, ...question }: Question & { readonly ask: number }): Promise<void> {
    try {
      this.#tell({ type: 'answer', ask, value: await this.#ask(question) })
    } catch (error) {
      this.#tell({ type: 'refused', ask, error: toWire(error) })
    }
  }

  async #ask(question: Question): Promise<unknown> {
    switch (question.type) {
      case 'cancel':
        return this.#uploads.get(question.id)?.cancel()
      case 'forget':
        return (this.#known(question) ?? (await this.#find(question)))?.forget()
      case 'cancel-interrupted':
        return (this.#known(question) ?? (await this.#find(question)))?.cancel()
      case 'interrupted':
        return this.#left()
      case 'stop':
        return this.#uploader.stop()
      case 'diagnose':
        return this.#uploader.diagnose()
    }
  }

  async #left(): Promise<readonly WireInterrupted[]> {
    const left = await this.#uploader.interrupted()
    return left.map((one) => {
      const { identity, params, confirmed, startedAt, handle } = one
      this.#interrupted.set(nameOf(one), one)
      return { identity, params, confirmed, startedAt, handle }
    })
  }

  /** Without waiting, because the page's next request may be another upload of the same file. */
  #known(name: WireName): InterruptedUpload | undefined {
    return this.#interrupted.get(nameOf(name))
  }

  /** The page may have heard of the upload from an earlier worker. */
  async #find(name: WireName): Promise<InterruptedUpload | undefined> {
    await this.#left()
    return this.#known(name)
  }
}

function nameOf({ identity, params }: WireName): string {
  return JSON.stringify([identity, params])
}

function stateToWire(state: UploadState): WireState {
  if (state.status === 'failed') return { ...state, error: toWire(state.error) }
  return state.status === 'cancelled' ? { ...state, reason: toWire(state.reason) } : state
}

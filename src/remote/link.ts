import { UploadError } from '../errors.ts'
import { type FromWorker, fromWire, type News, type Question, type ToWorker } from './wire.ts'

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }

/** How an upload hears from the worker. */
export type Hearing = {
  /** Gets the worker's news of the upload. */
  readonly hear: (news: Exclude<Extract<News, { readonly id: number }>, { type: 'gone' }>) => void
  /** The worker does not know the upload, or has ended. Nothing is heard after that. */
  readonly lose: (error: Error) => void
}

/** A worker that calls `serveUploader`, or a port to such code. */
export type RemoteTarget = Worker | SharedWorker | MessagePort

/** The page's end of the line to its worker. */
export class Link {
  /** Not only its port: a SharedWorker without references is garbage-collected, and then reports no error. */
  readonly #target: RemoteTarget
  readonly #onTotals: (news: Extract<News, { type: 'totals' }>) => void
  readonly #hearings = new Map<number, Hearing>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #life = new AbortController()
  #asked = 0
  #isReady = false

  constructor(target: RemoteTarget, onTotals: (news: Extract<News, { type: 'totals' }>) => void) {
    this.#target = target
    const port = portOf(target)
    this.#onTotals = onTotals
    const { signal } = this.#life
    port.addEventListener('message', this.#hear as EventListener, { signal })
    target.addEventListener('error', this.#failed as EventListener, { signal })
    port.start?.()
    // A worker does not get these events itself.
    const wake = (): void => {
      if (globalThis.document?.visibilityState !== 'hidden') this.order({ type: 'wake' })
    }
    for (const type of ['pageshow', 'visibilitychange']) globalThis.addEventListener?.(type, wake, { signal })
    this.order({ type: 'hello' })
  }

  /** Whether the worker was ended, or could not be started. */
  get isDead(): boolean {
    return this.#life.signal.aborted
  }

  join(id: number, hearing: Hearing): void {
    this.#hearings.set(id, hearing)
    // Later, because a caller that tries again at once would loop forever.
    if (this.isDead) setTimeout(() => this.#lose(id, this.#life.signal.reason))
  }

  leave(id: number): void {
    this.#hearings.delete(id)
  }

  order(order: ToWorker['longhaul']): void {
    const port = portOf(this.#target)
    try {
      port.postMessage({ longhaul: order })
    } catch {
      // The application may give its own object as a handle. It cannot be sent, and is of use in the page only.
      port.postMessage({ longhaul: { ...order, handle: undefined } })
    }
  }

  ask(question: Question): Promise<unknown> {
    if (this.isDead) return Promise.reject(this.#life.signal.reason)
    this.#asked += 1
    const ask = this.#asked
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject })
      this.order({ ...question, ask })
    })
  }

  /** Ends the worker, or closes the port. Everything under way there ends for this page. */
  close(why: string): void {
    if (this.isDead) return
    const dead = new UploadError('unexpected', why, { retryable: true })
    this.#life.abort(dead)
    const port = portOf(this.#target)
    port.close?.()
    port.terminate?.()
    for (const { reject } of this.#waiting.values()) reject(dead)
    this.#waiting.clear()
    // A copy, because a listener may join again.
    for (const id of [...this.#hearings.keys()]) this.#lose(id, dead)
  }

  #lose(id: number, error: Error): void {
    const hearing = this.#hearings.get(id)
    this.#hearings.delete(id)
    hearing?.lose(error)
  }

  /** Once the worker serves, an error is one of some code in it, and does not end it. */
  readonly #failed = (event: ErrorEvent): void => {
    if (!this.#isReady)
      this.close(`the worker could not be started${event.message ? `: ${event.message}` : ''}`)
  }

  readonly #hear = ({ data }: MessageEvent<Partial<FromWorker> | undefined>): void => {
    const news = data?.longhaul
    if (news === undefined) return
    if (news.type === 'ready') this.#isReady = true
    else if (news.type === 'totals') this.#onTotals(news)
    else if ('ask' in news) this.#answered(news)
    else if (news.type === 'gone') this.#lose(news.id, fromWire(news.error))
    else this.#hearings.get(news.id)?.hear(news)
  }

  #answered(news: Extract<News, { readonly ask: number }>): void {
    const waiting = this.#waiting.get(news.ask)
    this.#waiting.delete(news.ask)
    if (news.type === 'answer') waiting?.resolve(news.value)
    else waiting?.reject(fromWire(news.error))
  }
}

/** A worker can be terminated. A port can be started and closed. */
type Port = EventTarget & Partial<Pick<Worker, 'terminate'> & MessagePort> & Pick<Worker, 'postMessage'>

function portOf(target: RemoteTarget): Port {
  return (target as Partial<SharedWorker>).port ?? (target as Port)
}

import { UploadError } from '../errors.ts'
import { type FromWorker, fromWire, type News, type Order, type Question } from './wire.ts'

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }

/** What is told to an upload. */
export type Hearing = {
  /** What the worker tells of it. */
  readonly hear: (news: Exclude<Extract<News, { readonly id: number }>, { type: 'gone' }>) => void
  /** The worker knows nothing of it, or is no more. Nothing is heard after that. */
  readonly lose: (error: Error) => void
}

/** The page's end of the line to its worker. */
export class Link {
  readonly #worker: Worker
  readonly #onTotals: (news: Extract<News, { type: 'totals' }>) => void
  readonly #hearings = new Map<number, Hearing>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #life = new AbortController()
  #asked = 0
  #isReady = false

  constructor(worker: Worker, onTotals: (news: Extract<News, { type: 'totals' }>) => void) {
    this.#worker = worker
    this.#onTotals = onTotals
    const { signal } = this.#life
    worker.addEventListener('message', this.#hear, { signal })
    worker.addEventListener('error', this.#failed, { signal })
    // A worker does not hear of it.
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
    // Not in one go with who asks, and who asks again for ever.
    if (this.isDead) setTimeout(() => this.#lose(id, this.#life.signal.reason))
  }

  leave(id: number): void {
    this.#hearings.delete(id)
  }

  order(order: Order): void {
    this.#worker.postMessage({ longhaul: order })
  }

  ask(question: Question): Promise<unknown> {
    if (this.isDead) return Promise.reject(this.#life.signal.reason)
    this.#asked += 1
    const ask = this.#asked
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject })
      this.#worker.postMessage({ longhaul: { ...question, ask } })
    })
  }

  /** Ends the worker; what is under way in it ends for this page with that. */
  close(why: string): void {
    if (this.isDead) return
    const dead = new UploadError('unexpected', why, { retryable: true })
    this.#life.abort(dead)
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(dead)
    this.#waiting.clear()
    // A copy: who hears of it may join again.
    for (const id of [...this.#hearings.keys()]) this.#lose(id, dead)
  }

  #lose(id: number, error: Error): void {
    const hearing = this.#hearings.get(id)
    this.#hearings.delete(id)
    hearing?.lose(error)
  }

  /** Once it serves, it is an error of some code in the worker, and not the end of it. */
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

import { UploadError } from '../errors.ts'
import { type FromWorker, fromWire, type News, type Order, type Question } from './wire.ts'

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }

/** What an upload hears of itself. */
export type Hearing = (news: Extract<News, { readonly id: number }>) => void

/** The page's end of the line to its worker. */
export class Link {
  readonly #worker: Worker
  readonly #onTotals: (news: Extract<News, { type: 'totals' }>) => void
  readonly #hearings = new Map<number, Hearing>()
  readonly #waiting = new Map<number, Waiting>()
  #count = 0
  #isReady = false
  #dead: UploadError | undefined

  constructor(worker: Worker, onTotals: (news: Extract<News, { type: 'totals' }>) => void) {
    this.#worker = worker
    this.#onTotals = onTotals
    worker.addEventListener('message', this.#hear)
    // Once it serves, it is an error of some code in the worker, and not the end of it.
    worker.addEventListener('error', this.#failed)
    this.order({ type: 'hello' })
  }

  /** @returns Its number. */
  join(hearing: Hearing): number {
    this.#count += 1
    const id = this.#count
    this.#hearings.set(id, hearing)
    if (this.#dead !== undefined) queueMicrotask(() => this.#tellOf(id))
    return id
  }

  leave(id: number): void {
    this.#hearings.delete(id)
  }

  order(order: Order): void {
    this.#worker.postMessage({ longhaul: order })
  }

  ask(question: Question): Promise<unknown> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead)
    this.#count += 1
    const ask = this.#count
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject })
      this.#worker.postMessage({ longhaul: { ...question, ask } })
    })
  }

  /** Ends the worker; what is under way in it ends for this page with that. */
  close(why: string): void {
    if (this.#dead !== undefined) return
    this.#worker.removeEventListener('message', this.#hear)
    this.#worker.removeEventListener('error', this.#failed)
    this.#worker.terminate()
    this.#dead = new UploadError('unexpected', why, { retryable: true })
    for (const { reject } of this.#waiting.values()) reject(this.#dead)
    this.#waiting.clear()
    for (const id of this.#hearings.keys()) this.#tellOf(id)
  }

  #tellOf(id: number): void {
    const error = { name: 'UploadError', code: 'unexpected', retryable: true, details: {} } as const
    const wire = { ...error, message: this.#dead?.message ?? '' }
    this.#hearings.get(id)?.({ type: 'state', id, state: { status: 'failed', error: wire } })
    this.#hearings.get(id)?.({ type: 'end', id, end: { error: wire } })
  }

  readonly #failed = (event: ErrorEvent): void => {
    if (!this.#isReady)
      this.close(`the worker could not be started${event.message ? `: ${event.message}` : ''}`)
  }

  readonly #hear = ({ data }: MessageEvent<Partial<FromWorker> | undefined>): void => {
    const news = data?.longhaul
    if (news === undefined) return
    if (news.type === 'ready') this.#isReady = true
    else if (news.type === 'totals') this.#onTotals(news)
    else if (news.type === 'answer') this.#settle(news.ask, ({ resolve }) => resolve(news.value))
    else if (news.type === 'refused') this.#settle(news.ask, ({ reject }) => reject(fromWire(news.error)))
    else this.#hearings.get(news.id)?.(news)
  }

  #settle(ask: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(ask)
    this.#waiting.delete(ask)
    if (waiting !== undefined) settle(waiting)
  }
}

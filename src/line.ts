/** The Uploader's one line to the storage: how many parts are on it, in which order, and whether they move. */
import PQueue from 'p-queue'
import { defaultWidth, WidthControl } from './concurrency.ts'
import { CorsError, type UploadError } from './errors.ts'
import type { Call, Clock, PartCall, PartResponse, PartTarget, PartTransport } from './ports.ts'
import { inTurn } from './turn.ts'
import { type StallOptions, Watchdog } from './watchdog.ts'

export type LineOptions = {
  /** A fixed width, or `auto`: found by trying. */
  readonly concurrency: number | 'auto'
  readonly stall: StallOptions
  readonly clock: Clock
  readonly transport: PartTransport
}

export class Line {
  readonly #queue: PQueue
  readonly #control: WidthControl | undefined
  readonly #watchdog: Watchdog
  readonly #transport: PartTransport
  /** The storage has answered at least once, so CORS is in order. */
  #wasAnswered = false

  constructor({ concurrency, stall, clock, transport }: LineOptions) {
    const queue = new PQueue({ concurrency: concurrency === 'auto' ? defaultWidth.start : concurrency })
    this.#queue = queue
    this.#watchdog = new Watchdog(stall, clock)
    this.#transport = transport
    if (concurrency !== 'auto') return
    this.#control = new WidthControl({
      ...defaultWidth,
      clock,
      isFull: () => queue.pending >= queue.concurrency,
      onChange: (width) => {
        queue.concurrency = width
      },
    })
  }

  /** How many parts may be on their way at once, now. */
  get width(): number {
    return this.#queue.concurrency
  }

  /** The most that it can become. */
  get widest(): number {
    return this.#control === undefined ? this.width : defaultWidth.max
  }

  /**
   * Runs an operation when there is room.
   *
   * @param rank How many parts of the same file are before it: files take turns, whatever their size.
   */
  inTurn<T>(stop: AbortSignal, rank: number, operation: () => Promise<T>): Promise<T> {
    return inTurn(this.#queue, stop, operation, -rank)
  }

  /** As the transport's `send`; rejects with `StalledError` where nothing moves any more. */
  async send(target: PartTarget, body: Blob, { signal, onProgress }: PartCall): Promise<PartResponse> {
    if (isOwn(target)) this.#control?.limit(defaultWidth.shared)
    const watch = this.#watchdog.watch(target.number, body.size, signal)
    let before = 0
    const moved = (sent: number): void => {
      watch.moved(sent)
      this.#control?.moved(Math.max(0, sent - before))
      before = sent
      onProgress?.(sent)
    }
    try {
      const response = await this.#transport.send(target, body, { signal: watch.signal, onProgress: moved })
      this.#wasAnswered = true
      return response
    } finally {
      watch.end()
    }
  }

  /** The last error of a part that has never been answered: CORS, if the storage can be reached all the same. */
  async explain(error: UploadError, url: string, call: Call): Promise<UploadError> {
    if (this.#wasAnswered || url === '' || error.code !== 'network') return error
    const { origin } = new URL(url, globalThis.location?.href)
    const isReached = await this.#transport.reaches?.(origin, call)
    return isReached ? new CorsError(origin, { cause: error }) : error
  }

  /** A part was acknowledged, in its turn. */
  acknowledged(): void {
    this.#control?.acknowledged()
  }

  /** The storage asked for less, or a request has stalled. */
  trouble(): void {
    this.#control?.trouble()
  }
}

/** On the application's own server: that of the page, or one that gets its cookies. */
function isOwn({ url, credentials }: PartTarget): boolean {
  const { origin } = globalThis.location ?? {}
  return credentials === 'include' || (origin !== undefined && new URL(url, origin).origin === origin)
}

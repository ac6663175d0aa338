/** The Uploader's one line to the storage: how many parts are on it, in which order, and whether they move. */
import { defaultWidth, WidthControl } from './concurrency.ts'
import { CorsError, type UploadError } from './errors.ts'
import { unless } from './patience.ts'
import type { Call, Clock, PartCall, PartResponse, PartTarget, PartTransport } from './ports.ts'
import type { Pulse } from './pulse.ts'
import { Turns } from './turns.ts'
import { type StallOptions, Watchdog } from './watchdog.ts'

export type LineOptions = {
  /** A fixed width, or `auto` to find it by trying. */
  readonly concurrency: number | 'auto'
  readonly stall: StallOptions
  readonly clock: Clock
  readonly pulse: Pulse
  readonly transport: PartTransport
}

/** The largest part in bytes that is read into memory: as many are held at once as are on their way. */
const readable = 32 * 1024 * 1024
/** This many failures in a row are at least as many as there are places, and more than chance makes. */
const beyondChance = defaultWidth.max

export class Line {
  readonly #turns: Turns
  readonly #control: WidthControl | undefined
  readonly #watchdog: Watchdog
  readonly #transport: PartTransport
  readonly #pulse: Pulse
  /** Each tells what has moved on its request, and returns how many more bytes have left since its last look. */
  readonly #looks = new Set<() => number>()
  #ended: (() => void) | undefined
  /** Parts that have failed since the last one was acknowledged. */
  #inARow = 0
  /**
   * The storage has answered at least once, or its preflight has, because bytes of a part have left. So CORS is in
   * order.
   */
  #wasAnswered = false
  /**
   * Parts are sent out of memory. Users of other uploaders report that Safari 26 sends a slice of a file over plain
   * HTTP and never shows the answer, but does so with bytes (decision 88).
   */
  #isRead = false
  /** Of the last URL, as written: parsing a URL takes longer than all that is done with it. */
  #host: string | undefined
  #isOwnHost = false

  constructor({ concurrency, stall, clock, pulse, transport }: LineOptions) {
    this.#turns = new Turns(concurrency === 'auto' ? defaultWidth.start : concurrency)
    this.#watchdog = new Watchdog(stall, clock, () => this.#look(), transport)
    this.#transport = transport
    this.#pulse = pulse
    if (concurrency === 'auto')
      this.#control = new WidthControl({ clock, max: defaultWidth.max, turns: this.#turns })
  }

  /** How many parts may be on their way at once now. */
  get width(): number {
    return this.#turns.width
  }

  /** The largest width that is possible. */
  get widest(): number {
    return this.#control === undefined ? this.width : defaultWidth.max
  }

  /**
   * Runs an operation when there is room.
   *
   * @param rank How many parts of the same file come before it: files take turns, whatever their size.
   */
  inTurn<T>(stop: AbortSignal, rank: number, operation: () => Promise<T>): Promise<T> {
    return this.#turns.run(stop, operation, rank)
  }

  /**
   * Like the transport's `send`, but tells at the beat what has moved, and rejects with `StalledError` if nothing moves
   * any more.
   */
  async send(target: PartTarget, body: Blob, { signal, onProgress }: PartCall): Promise<PartResponse> {
    if (this.#isOwn(target)) this.#control?.limit(defaultWidth.shared)
    const watch = this.#watchdog.watch(target.number, body.size, signal)
    let sent = 0
    const look = (): number => {
      const moved = watch.moved(sent)
      if (moved > 0) onProgress?.(sent)
      return moved
    }
    this.#begin(look)
    const isRead = this.#isRead && body.size <= readable
    try {
      const bytes = isRead ? await unless(watch.signal, bytesOf(body)) : undefined
      const tell = (bytesSent: number): void => {
        sent = bytesSent
        this.#pulse.go()
      }
      const call = { signal: watch.signal, onProgress: tell, bytes }
      const response = await this.#transport.send(target, body, call)
      this.#wasAnswered = true
      watch.answered()
      return response
    } catch (error) {
      // Reading may take longer than sending from the disk.
      if (watch.isStalled && (isRead || watch.isSent)) this.#isRead = !isRead
      // If all bytes have left, CORS may hide the answer.
      this.#wasAnswered ||= sent > 0 && sent < body.size
      throw error
    } finally {
      const moved = look()
      this.#control?.moved(moved)
      watch.end()
      this.#end(look)
    }
  }

  /** Whether it is the application's own server: the page's, or one that gets its cookies. */
  #isOwn({ url, credentials }: PartTarget): boolean {
    if (credentials === 'include') return true
    const host = url.split('/', 3).join('/')
    if (host !== this.#host) {
      const { origin, href } = globalThis.location ?? {}
      this.#host = host
      // Against the address, because the origin of a page without one (`about:blank`, Firefox's files) is "null".
      this.#isOwnHost = origin !== undefined && new URL(url, href).origin === origin
    }
    return this.#isOwnHost
  }

  #begin(look: () => number): void {
    this.#looks.add(look)
    this.#ended ??= this.#pulse.ask(() => this.#look())
  }

  #end(look: () => number): void {
    this.#looks.delete(look)
    if (this.#looks.size > 0) return
    this.#ended?.()
    this.#ended = undefined
  }

  /** A browser reports on every request some twenty times a second: too often for all that follows from it. */
  #look(): void {
    let moved = 0
    for (const look of this.#looks) moved += look()
    if (moved > 0) this.#control?.moved(moved)
  }

  /**
   * Why a part fails, as far as can be known: CORS, if nothing was ever answered and the storage can still be reached.
   */
  async explain(error: UploadError, url: string, call: Call): Promise<UploadError> {
    if (this.#wasAnswered || url === '' || error.code !== 'network') return error
    const { origin } = new URL(url, globalThis.location?.href)
    const isReached = await this.#transport.reaches?.(origin, call)
    return isReached ? new CorsError(origin, { cause: error }) : error
  }

  /** A part was acknowledged, in its turn. */
  acknowledged(): void {
    this.#inARow = 0
    this.#look()
    this.#control?.acknowledged()
  }

  /** A part's request has failed. @returns Whether nothing gets through any more. */
  failed(): boolean {
    this.#inARow += 1
    return this.#inARow >= beyondChance
  }

  /** The storage asked for less, or a request has stalled or was cut; `isTotal` if nothing gets through. */
  trouble(isTotal: boolean): void {
    this.#control?.trouble(isTotal)
  }
}

/** `undefined` if it cannot be read to its end: then the request fails, and that is explained. */
async function bytesOf(body: Blob): Promise<ArrayBuffer | undefined> {
  const bytes = await body.arrayBuffer().catch(() => undefined)
  return bytes?.byteLength === body.size ? bytes : undefined
}

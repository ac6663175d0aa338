import type { FaultKind } from './faults/fault-rule.ts'
import type { RequestKind } from './protocol/operation.ts'

/** A request whose headers have arrived. */
export type Arrival = {
  /** Milliseconds since 1970, by the machine's clock. */
  readonly time: number
  readonly operation: RequestKind
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly uploadId: string | undefined
  readonly partNumber: number | undefined
  readonly contentLength: number | undefined
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly fault: FaultKind | undefined
}

/** A request that has ended. */
export type LogEntry = Arrival & {
  /** From 1, in order of ending. */
  readonly sequence: number
  readonly milliseconds: number
  /** Bytes of the body before the answer. */
  readonly bytesReceived: number
  /** 'cut' if the connection ended before the answer, whoever ended it. */
  readonly status: number | 'cut'
  /** S3's error code. */
  readonly code: string | undefined
}

/** What is known of a request when it ends. */
type Ending = Omit<LogEntry, keyof Arrival | 'sequence'>

type Listener<Event> = (event: Event) => void

/** Every request that physically reached the store. One that a browser repeats by itself appears twice. */
export class RequestLog {
  readonly #limit: number
  readonly #listeners = new Set<Listener<LogEntry>>()
  readonly #arrivalListeners = new Set<Listener<Arrival>>()
  #entries: LogEntry[] = []
  #sequence = 0
  #clearings = 0

  /** @param limit How many entries are kept. Beyond that, the oldest are dropped. */
  constructor(limit = 100_000) {
    this.#limit = limit
  }

  /** @param since Only entries after this sequence number. */
  entries(since = 0): readonly LogEntry[] {
    return this.#entries.filter(({ sequence }) => sequence > since)
  }

  /** Requests under way will not be logged either, and no listener hears of their end. Sequence numbers continue. */
  clear(): void {
    this.#entries = []
    this.#clearings += 1
  }

  /** Called when a request has had its effect, before its answer is sent. @returns The undo. */
  on(listener: Listener<LogEntry>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called when a request's headers have arrived, before anything is done. @returns The undo. */
  onArrival(listener: Listener<Arrival>): () => void {
    this.#arrivalListeners.add(listener)
    return () => this.#arrivalListeners.delete(listener)
  }

  /** The next entry that fits. */
  next(fits: (entry: LogEntry) => boolean): Promise<LogEntry> {
    return new Promise((resolve) => {
      const undo = this.on((entry) => {
        if (!fits(entry)) return
        undo()
        resolve(entry)
      })
    })
  }

  /** @returns To be called when the request ends. */
  arrived(arrival: Arrival): (ending: Ending) => void {
    const clearings = this.#clearings
    tell(this.#arrivalListeners, arrival)
    return (ending) => {
      if (clearings === this.#clearings) this.#ended({ ...arrival, ...ending, sequence: ++this.#sequence })
    }
  }

  #ended(entry: LogEntry): void {
    this.#entries.push(entry)
    // In blocks, because removing a single entry costs as much as copying the whole log.
    if (this.#entries.length >= this.#limit * 1.1) this.#entries = this.#entries.slice(-this.#limit)
    tell(this.#listeners, entry)
  }
}

/** A listener's own mistake is an uncaught error, and does not affect the request. */
function tell<Event>(listeners: ReadonlySet<Listener<Event>>, event: Event): void {
  for (const listener of [...listeners]) {
    try {
      listener(event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

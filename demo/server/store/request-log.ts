import type { FaultKind } from './faults/fault-rule.ts'
import type { RequestKind } from './protocol/operation.ts'

/** A request whose headers have come. */
export type Arrival = {
  /** When, in milliseconds since 1970, by the machine's clock. */
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

/** A request that has come to its end. */
export type LogEntry = Arrival & {
  /** From 1, in the order of their ends. */
  readonly sequence: number
  readonly milliseconds: number
  /** Of the body, before the answer. */
  readonly bytesReceived: number
  /** 'cut': the connection ended before the answer, whoever ended it. */
  readonly status: number | 'cut'
  /** S3's error code. */
  readonly code: string | undefined
}

/** What of a request is known at its end. */
type Ending = Omit<LogEntry, keyof Arrival | 'sequence'>

type Listener<Event> = (event: Event) => void

/** Every request that physically reached the store: a browser that sends one again by itself has two. */
export class RequestLog {
  readonly #limit: number
  readonly #listeners = new Set<Listener<LogEntry>>()
  readonly #arrivalListeners = new Set<Listener<Arrival>>()
  #entries: LogEntry[] = []
  #sequence = 0
  #clearings = 0

  /** @param limit Entries that are kept; beyond it the oldest go. */
  constructor(limit = 100_000) {
    this.#limit = limit
  }

  /** @param since Only those behind this sequence number. */
  entries(since = 0): readonly LogEntry[] {
    return this.#entries.filter(({ sequence }) => sequence > since)
  }

  /** Requests that are under way will not be in it either, and nobody hears of their ends. Sequence numbers go on. */
  clear(): void {
    this.#entries = []
    this.#clearings += 1
  }

  /** Called when a request has had its effect, and before its answer is sent. @returns The undo. */
  on(listener: Listener<LogEntry>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called when a request's headers have come, and before anything is done. @returns The undo. */
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

  /** @returns To be called at the request's end. */
  arrived(arrival: Arrival): (ending: Ending) => void {
    const clearings = this.#clearings
    tell(this.#arrivalListeners, arrival)
    return (ending) => {
      if (clearings === this.#clearings) this.#ended({ ...arrival, ...ending, sequence: ++this.#sequence })
    }
  }

  #ended(entry: LogEntry): void {
    this.#entries.push(entry)
    // In blocks: taking one off the front each time would cost as much as the whole log.
    if (this.#entries.length >= this.#limit * 1.1) this.#entries = this.#entries.slice(-this.#limit)
    tell(this.#listeners, entry)
  }
}

/** A listener's own mistake is an uncaught error, and not the request's. */
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

/** Knows an upload's parts and bytes, and decides when its listeners hear of them. */
import type { Events } from './events.ts'
import { bytesOf, parts } from './layout.ts'
import type { Clock, Layout, Part, PartReceipt, TabNews } from './ports.ts'
import { Ledger, type Progress } from './progress.ts'
import type { Pulse } from './pulse.ts'
import type { Share } from './totals.ts'

/** The state of a part: `sending` is on its way, `stored` is acknowledged by the storage. */
export type PartStatus = 'waiting' | 'sending' | 'stored'

/** A part, and how far it is. */
export type PartInfo = Part & { readonly status: PartStatus }

/** How much of the file has been read for its digest. */
export type Hashing = { readonly hashed: number; readonly total: number }

/**
 * An upload's events that carry figures. They come at most ten times a second, except `part`, which comes with every
 * change, and `parts`, which comes whenever it becomes known, or known anew, how the file is cut and what of it is
 * stored.
 */
export type TrackerEvents = {
  /** Bytes stored and on their way, rate and time left. */
  progress: Progress
  /** How much of the file has been read for its digest. */
  hashing: Hashing
  /** All parts. */
  parts: readonly PartInfo[]
  /** The status of one part has changed. */
  part: { readonly number: number; readonly status: PartStatus }
}

type TrackerOptions = {
  /** Bytes of the file. */
  readonly total: number
  /** How much of it is stored, as far as that is known. @default 0 */
  readonly confirmed?: number | undefined
  readonly clock: Clock
  readonly pulse: Pulse
  readonly events: Pick<Events<TrackerEvents>, 'emit'>
  /** The upload's contribution to the Uploader's figures. */
  readonly share: Share
}

export class Tracker {
  readonly #events: Pick<Events<TrackerEvents>, 'emit'>
  readonly #clock: Clock
  readonly #total: number
  readonly #ledger: Ledger
  /** Only of parts that something has happened to. */
  readonly #statuses = new Map<number, PartStatus>()
  #layout: Layout | undefined
  /** Bytes read for the digest, from the first until it is known what is stored. */
  #hashed: number | undefined
  readonly #pulse: Pulse
  readonly #share: Share

  constructor({ total, confirmed = 0, clock, pulse, events, share }: TrackerOptions) {
    this.#total = total
    this.#clock = clock
    this.#events = events
    this.#ledger = new Ledger(total)
    this.#ledger.restart(confirmed)
    this.#pulse = pulse
    this.#share = share
  }

  get progress(): Progress {
    this.#pulse.look()
    return this.#snapshot()
  }

  /** Whether it is known what is stored. */
  get hasLayout(): boolean {
    return this.#layout !== undefined
  }

  parts(): readonly PartInfo[] {
    if (this.#layout === undefined) return []
    return [...parts(this.#layout)].map((part) => ({ ...part, status: this.#statusOf(part) }))
  }

  hashed(bytes: number): void {
    this.#hashed = bytes
    this.#pulse.touch(this.#tell)
  }

  /** @param isOthers Whether another tab told it. What was heard of that tab before the layout was known stands. */
  opened(layout: Layout, receipts: readonly PartReceipt[], isOthers = false): void {
    if (!isOthers || this.#layout !== undefined) this.#statuses.clear()
    this.#layout = layout
    for (const { number } of receipts) this.#statuses.set(number, 'stored')
    this.#restart(bytesOf(receipts))
    this.#events.emit('parts', this.parts())
    if (this.#hashed !== undefined) this.flush()
    this.#hashed = undefined
    this.flush()
  }

  sending(part: Part, sent: number): void {
    this.#ledger.sending(part.number, sent)
    if (this.#statusOf(part) !== 'sending') this.#set(part.number, 'sending')
    this.#changed()
  }

  dropped(part: Part): void {
    this.#ledger.dropped(part.number)
    this.#set(part.number, 'waiting')
    this.#changed()
  }

  stored(receipt: PartReceipt): void {
    this.#ledger.stored(receipt)
    this.#set(receipt.number, 'stored')
    this.#changed()
  }

  /** News from the tab that works on the upload. */
  heard(news: TabNews): void {
    // A value that is no number would spoil the Uploader's sums for good.
    if (news.type === 'progress' && Number.isFinite(news.confirmed + news.inFlight))
      this.#ledger.mirror(news.confirmed, news.inFlight)
    else if (news.type === 'part') this.#set(news.number, news.status)
    this.#changed()
  }

  /** Another tab has brought it to its end. Its last news need not have been heard. */
  finished(): void {
    this.#restart(this.#total)
  }

  /** A run has ended: what it has not stored does not move any more. */
  rest(): void {
    if (this.#ledger.confirmed < this.#total) this.#restart(this.#ledger.confirmed)
    this.flush()
  }

  /** Tells the current figures, and leaves no timer behind. */
  flush(): void {
    this.#pulse.drop(this.#tell)
    this.#tell()
  }

  readonly #tell = (): void => {
    if (this.#hashed === undefined) this.#events.emit('progress', this.#snapshot())
    else this.#events.emit('hashing', { hashed: this.#hashed, total: this.#total })
  }

  #snapshot(): Progress {
    return this.#ledger.snapshot(this.#clock.now())
  }

  #restart(confirmed: number): void {
    this.#ledger.restart(confirmed)
    this.#share.set(confirmed, 0, 0)
  }

  #changed(): void {
    this.#share.set(this.#ledger.confirmed, this.#ledger.inFlight)
    this.#pulse.touch(this.#tell)
  }

  #set(number: number, status: PartStatus): void {
    this.#statuses.set(number, status)
    this.#events.emit('part', { number, status })
  }

  #statusOf({ number }: Part): PartStatus {
    return this.#statuses.get(number) ?? 'waiting'
  }
}

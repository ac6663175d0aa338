import type { Progress, Upload, UploadState } from 'longhaul'
import { announce } from './announcements.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { Listeners } from './listeners.ts'
import { type PartCounts, PartsBoard } from './parts-board.ts'
import { compare, notCompared, type ReadFile, type Verdict } from './verdict.ts'
import { announcementOf, errorInWords, nameInWords, verdictAnnouncement } from './words.ts'

/** What a row shows. A new object after every change, as `useSyncExternalStore` wants it. */
export type UploadView = {
  readonly state: UploadState
  readonly progress: Progress
  /** Bytes that were read for the digest. */
  readonly hashed: number
  readonly parts: PartCounts
  /** What went wrong without ending the upload. */
  readonly warning: string | undefined
  /** Whether the storage holds the file. */
  readonly verdict: Verdict
}

/** One upload in the page's list: its events gathered into one view, and the comparison after its end. */
export class UploadEntry {
  readonly upload: Upload
  readonly backend: DemoBackend
  readonly board = new PartsBoard()
  readonly changes = new Listeners()
  /** Reads the file that was picked last: it is what is compared with the stored object. */
  source: ReadFile
  /** Bytes that have left this page; those that are sent again count again. */
  moved = 0
  /** Bytes of them of which the storage has said so. */
  stored = 0
  /** What of `confirmed` and `inFlight` is in it, or was there before. */
  #counted = 0
  /** What of `confirmed` is in `stored`, or was there before. */
  #countedStored = 0
  #view: UploadView
  readonly #comparing = new AbortController()

  constructor(upload: Upload, source: ReadFile, backend: DemoBackend) {
    this.upload = upload
    this.backend = backend
    this.source = source
    const { state, progress } = upload
    const parts = this.board.counts
    this.#view = { state, progress, hashed: 0, parts, warning: undefined, verdict: notCompared }
    upload.on('state', (state) => this.#onState(state))
    // The library tells these at most ten times a second, so nothing has to be held back here.
    upload.on('progress', (progress) => {
      this.#count(progress)
      this.#update({ progress, parts: this.board.counts })
    })
    upload.on('hashing', ({ hashed }) => this.#update({ hashed }))
    upload.on('part', ({ number, status }) => this.board.set(number, status))
    upload.on('warning', ({ message }) => this.#update({ warning: message }))
  }

  readonly view = (): UploadView => this.#view

  /** The figures of now: a connection on which nothing moves tells nothing, and its rate has to fall all the same. */
  refresh(): void {
    if (this.#view.state.status === 'uploading') this.#update({ progress: this.upload.progress })
  }

  /** Goes on with a file that was picked again; says so where it is another one. */
  pickAgain(file: File, handle?: FileSystemFileHandle): void {
    try {
      this.upload.resume(file, handle)
      this.source = async () => file
      this.#update({ warning: undefined })
    } catch (error) {
      this.#update({ warning: errorInWords(error) })
    }
  }

  /** It leaves the list. */
  drop(): void {
    this.#comparing.abort()
  }

  #onState(state: UploadState): void {
    if (state.status === 'uploading') this.#begin()
    this.#update({ state, progress: this.upload.progress, parts: this.board.counts })
    announce(announcementOf(nameInWords(this.upload.identity), state))
    if (state.status === 'done')
      void compare(this, state.result, (verdict) => this.#onVerdict(verdict), this.#comparing.signal)
  }

  /** A run begins: what an earlier one has stored has not moved now. */
  #begin(): void {
    const { confirmed, inFlight } = this.upload.progress
    this.#counted = confirmed + inFlight
    this.#countedStored = confirmed
    this.board.reset(this.upload.parts())
  }

  #count({ confirmed, inFlight }: Progress): void {
    const now = confirmed + inFlight
    // What was on its way may be told of when there is nothing left to send.
    if (['uploading', 'completing'].includes(this.#view.state.status)) {
      this.moved += Math.max(0, now - this.#counted)
      this.stored += Math.max(0, confirmed - this.#countedStored)
    }
    this.#counted = now
    this.#countedStored = confirmed
  }

  #onVerdict(verdict: Verdict): void {
    this.#update({ verdict })
    announce(verdictAnnouncement(nameInWords(this.upload.identity), verdict), verdict.status === 'identical')
  }

  #update(change: Partial<UploadView>): void {
    this.#view = { ...this.#view, ...change }
    this.changes.notify()
  }
}

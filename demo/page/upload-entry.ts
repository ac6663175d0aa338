import type { Progress, Upload, UploadState } from 'longhaul'
import { announce } from './announcements.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { Listeners } from './listeners.ts'
import { type PartCounts, PartsBoard } from './parts-board.ts'
import { compare, notCompared, type ReadFile, type Verdict } from './verdict.ts'
import { announcementOf, errorInWords, nameInWords, verdictAnnouncement } from './words.ts'

/** What a row shows. A new object after every change, as `useSyncExternalStore` needs it. */
export type UploadView = {
  readonly state: UploadState
  readonly progress: Progress
  /** Bytes read for the digest. */
  readonly hashed: number
  readonly parts: PartCounts
  /** The last problem that did not end the upload. */
  readonly warning: string | undefined
  /** Whether the storage holds exactly the file. */
  readonly verdict: Verdict
}

/**
 * One upload in the page's list. It gathers the upload's events into one view, and compares the bytes after its end.
 */
export class UploadEntry {
  readonly upload: Upload
  readonly backend: DemoBackend
  readonly board = new PartsBoard()
  readonly changes = new Listeners()
  /** Reads the file that was picked last, which is compared with the stored object. */
  source: ReadFile
  /** Bytes that have left this page. Bytes that are sent again count again. */
  moved = 0
  /** Bytes of these that the storage has acknowledged. */
  stored = 0
  /** How much of `confirmed` and `inFlight` is counted in `moved`, or was there before. */
  #counted = 0
  /** How much of `confirmed` is counted in `stored`, or was there before. */
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

  /** Refreshes the figures: a connection on which nothing moves sends no event, but its rate has to fall. */
  refresh(): void {
    if (this.#view.state.status === 'uploading') this.#update({ progress: this.upload.progress })
  }

  /** Resumes with a file that was picked again. If it is another file, a warning says so. */
  pickAgain(file: File, handle?: FileSystemFileHandle): void {
    try {
      this.upload.resume(file, handle)
      this.source = async () => file
      this.#update({ warning: undefined })
    } catch (error) {
      this.#update({ warning: errorInWords(error) })
    }
  }

  /** The upload leaves the list. */
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

  /** A run begins. Bytes that an earlier run has stored have not moved now. */
  #begin(): void {
    const { confirmed, inFlight } = this.upload.progress
    this.#counted = confirmed + inFlight
    this.#countedStored = confirmed
    this.board.reset(this.upload.parts())
  }

  #count({ confirmed, inFlight }: Progress): void {
    const now = confirmed + inFlight
    // The last bytes may be reported when there is nothing left to send.
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

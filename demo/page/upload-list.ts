/** The list of this visit's uploads. */
import type { PickedFile, Upload } from 'longhaul'
import { currentBackend } from './backend.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { Listeners } from './listeners.ts'
import { UploadEntry } from './upload-entry.ts'
import type { ReadFile } from './verdict.ts'

/** Milliseconds between two looks at figures for which no event came. */
const heartbeat = 1_000
/** Milliseconds of work before the page may draw again. */
const slice = 8

/** The uploads of this visit, in the order in which they were picked. */
class UploadList {
  /** Entries were added or removed. */
  readonly changes = new Listeners()
  /** Something in any entry has changed. Fires many times a second. */
  readonly activity = new Listeners()
  #entries: readonly UploadEntry[] = []
  #movedBefore = 0
  #storedBefore = 0

  constructor() {
    setInterval(() => {
      for (const entry of this.#entries) entry.refresh()
    }, heartbeat)
  }

  readonly entries = (): readonly UploadEntry[] => this.#entries

  /**
   * Works for a few milliseconds at a time, because a folder with ten thousand files must not freeze the page. Rejects
   * with the first refusal once all other uploads have begun.
   */
  async add(files: AsyncIterable<PickedFile> | Iterable<PickedFile>): Promise<void> {
    const backend = currentBackend()
    let began = performance.now()
    let refusal: unknown
    for await (const picked of files) {
      try {
        this.adopt(backend.uploader.uploadFile(picked), async () => picked.file, backend)
      } catch (error) {
        refusal ??= error
      }
      if (performance.now() - began < slice) continue
      await new Promise((resolve) => setTimeout(resolve))
      began = performance.now()
    }
    if (refusal !== undefined) throw refusal
  }

  /** For a file whose upload is under way, the library returns the same upload again. */
  adopt(upload: Upload, source: ReadFile, backend: DemoBackend): void {
    const known = this.#entries.find((entry) => entry.upload === upload)
    if (known !== undefined) known.source = source
    else this.#append(new UploadEntry(upload, source, backend))
  }

  /** Bytes that have left this page, including those of removed entries. */
  get moved(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.moved, this.#movedBefore)
  }

  /** Bytes of these that the storage has acknowledged. */
  get stored(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.stored, this.#storedBefore)
  }

  remove(...entries: readonly UploadEntry[]): void {
    for (const entry of entries) {
      entry.drop()
      this.#movedBefore += entry.moved
      this.#storedBefore += entry.stored
    }
    this.#entries = this.#entries.filter((one) => !entries.includes(one))
    this.#changed()
  }

  pauseAll(): void {
    for (const { upload } of this.#entries) upload.pause()
  }

  resumeAll(): void {
    for (const { upload } of this.#entries) upload.resume()
  }

  /** Cancels all uploads that have not ended. They stay in the list as cancelled. */
  cancelAll(): void {
    for (const { upload } of this.#entries) upload.cancel().catch(() => {})
  }

  /** Removes the entries that have ended. */
  removeEnded(): void {
    this.remove(...this.#entries.filter(isEnded))
  }

  #append(entry: UploadEntry): void {
    entry.changes.subscribe(() => this.activity.notify())
    this.#entries = [...this.#entries, entry]
    this.#changed()
  }

  #changed(): void {
    this.changes.notify()
    this.activity.notify()
  }
}

export function isEnded(entry: UploadEntry): boolean {
  const { status } = entry.view().state
  return status === 'done' || status === 'cancelled'
}

export const uploadList = new UploadList()

import type { PickedFile, Upload } from 'longhaul'
import { currentBackend } from './backend.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { Listeners } from './listeners.ts'
import { UploadEntry } from './upload-entry.ts'

/** Milliseconds between two looks at figures that nothing has told of. */
const heartbeat = 1_000

/** The uploads of this visit, in the order in which they were picked. */
class UploadList {
  /** Entries have come or gone. */
  readonly changes = new Listeners()
  /** Something of any entry has changed, many times a second. */
  readonly activity = new Listeners()
  #entries: readonly UploadEntry[] = []

  constructor() {
    setInterval(() => {
      for (const entry of this.#entries) entry.refresh()
    }, heartbeat)
  }

  readonly entries = (): readonly UploadEntry[] => this.#entries

  async add(files: AsyncIterable<PickedFile>): Promise<void> {
    const backend = currentBackend()
    for await (const picked of files) this.adopt(backend.uploader.uploadFile(picked), picked.file, backend)
  }

  /** The library gives the same upload again for a file whose upload is under way. */
  adopt(upload: Upload, file: File, backend: DemoBackend): void {
    const known = this.#entries.find((entry) => entry.upload === upload)
    if (known !== undefined) known.file = file
    else this.#append(new UploadEntry(upload, file, backend))
  }

  remove(entry: UploadEntry): void {
    entry.drop()
    this.#entries = this.#entries.filter((one) => one !== entry)
    this.#changed()
  }

  pauseAll(): void {
    for (const { upload } of this.#entries) upload.pause()
  }

  resumeAll(): void {
    for (const { upload } of this.#entries) upload.resume()
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

export const uploadList = new UploadList()

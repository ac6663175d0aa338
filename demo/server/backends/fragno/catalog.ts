import { FragnoError } from './errors.ts'
import type { FileDetails } from './file-details.ts'
import { isActive, type Upload } from './upload.ts'

/** A file whose upload is complete. */
export type StoredFile = {
  readonly details: FileDetails
  readonly objectKey: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly completedAt: Date
  /** `null` while the file exists. */
  readonly deletedAt: Date | null
}

type FileName = { readonly provider: string; readonly fileKey: string }

/** The server's uploads and files, for as long as it runs. */
export class Catalog {
  readonly #uploads = new Map<string, Upload>()
  readonly #files = new Map<string, StoredFile>()

  add(upload: Upload): void {
    this.#uploads.set(upload.id, upload)
  }

  find(id: string): Upload | undefined {
    return this.#uploads.get(id)
  }

  require(id: string): Upload {
    const upload = this.find(id)
    if (upload === undefined) throw new FragnoError('UPLOAD_NOT_FOUND', `There is no upload ${id}`)
    return upload
  }

  /** The active upload that keeps others from uploading to its key. */
  activeFor(name: FileName): Upload | undefined {
    const ofKey = (upload: Upload): boolean => idOf(upload.details) === idOf(name)
    return [...this.#uploads.values()].find((upload) => ofKey(upload) && isActive(upload))
  }

  expireAll(): void {
    for (const upload of this.#uploads.values()) if (isActive(upload)) upload.expiresAt = new Date()
  }

  /** Throws if another file has the key. */
  refuseTaken(name: FileName): void {
    const file = this.#files.get(idOf(name))
    if (file === undefined || file.deletedAt !== null) return
    throw new FragnoError('FILE_ALREADY_EXISTS', `There is a file ${name.fileKey} already`)
  }

  put(file: StoredFile): StoredFile {
    this.#files.set(idOf(file.details), file)
    return file
  }

  requireFile(name: FileName): StoredFile {
    const file = this.#files.get(idOf(name))
    if (file === undefined) throw new FragnoError('FILE_NOT_FOUND', `There is no file ${name.fileKey}`)
    return file
  }

  /** The files after a cursor, ordered by provider and key. */
  filesAfter(cursor: string): readonly (readonly [cursor: string, file: StoredFile])[] {
    const sorted = [...this.#files].sort(([one], [other]) => (one < other ? -1 : 1))
    return sorted.filter(([id]) => id > cursor)
  }
}

/** A provider's name contains no slash. */
function idOf({ provider, fileKey }: FileName): string {
  return `${provider}/${fileKey}`
}

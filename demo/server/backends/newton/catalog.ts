import { NewtonError } from './errors.ts'
import type { NewtonFile, NewtonUpload } from './upload.ts'

export type StoredFile = NewtonFile & {
  readonly uid: string
  readonly status: 'Registered' | 'Uploading' | 'Corrupt'
}

/** The server's uploads and files, for as long as it runs. All belong to one organization. */
export class Catalog {
  readonly #uploads = new Map<string, NewtonUpload>()
  readonly #files = new Map<string, StoredFile>()

  add(upload: NewtonUpload): void {
    this.#uploads.set(upload.id, upload)
  }

  remove({ id }: NewtonUpload): void {
    this.#uploads.delete(id)
  }

  removeAll(): void {
    this.#uploads.clear()
  }

  require(id: string): NewtonUpload {
    const upload = this.#uploads.get(id)
    if (upload === undefined)
      throw new NewtonError('upload_not_found', `There is no upload ${id}`, 'Initiate a new one')
    return upload
  }

  /** The newest active upload of a file of this name. */
  underway(name: string): NewtonUpload | undefined {
    const ofName = ({ file, state }: NewtonUpload): boolean => file.name === name && state === 'uploading'
    return [...this.#uploads.values()].findLast(ofName)
  }

  /** Replaces a file of the same name. */
  put(file: StoredFile): void {
    this.#files.set(file.name, file)
  }

  /** @param name The name identifies a file. */
  requireFile(name: string): StoredFile {
    const file = this.#files.get(name)
    if (file === undefined) throw new NewtonError('NOT_FOUND', `There is no file ${name}`)
    return file
  }
}

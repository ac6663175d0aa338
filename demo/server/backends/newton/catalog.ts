import { NewtonError } from './errors.ts'
import type { NewtonFile, NewtonUpload } from './upload.ts'

export type StoredFile = NewtonFile & {
  readonly uid: string
  readonly status: 'Registered' | 'Uploading' | 'Corrupt'
}

/** What the server knows of uploads and files, for as long as it runs. All belong to one organization. */
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

  /** The newest of this name that is under way. */
  underway(name: string): NewtonUpload | undefined {
    const ofName = ({ file, state }: NewtonUpload): boolean => file.name === name && state === 'uploading'
    return [...this.#uploads.values()].findLast(ofName)
  }

  /** A file of the same name is no more. */
  put(file: StoredFile): void {
    this.#files.set(file.name, file)
  }

  /** @param name Which is what files are known by. */
  requireFile(name: string): StoredFile {
    const file = this.#files.get(name)
    if (file === undefined) throw new NewtonError('NOT_FOUND', `There is no file ${name}`)
    return file
  }
}

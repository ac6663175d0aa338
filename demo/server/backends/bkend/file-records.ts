import { randomUUID } from 'node:crypto'
import { BkendFailure } from './failures.ts'
import type { Visibility } from './file-fields.ts'
import type { Metadata } from './file-metadata.ts'

export type FileRecord = {
  readonly id: string
  readonly s3Key: string
  readonly originalName: string
  readonly mimeType: string
  readonly size: number
  readonly width?: number
  readonly height?: number
  readonly visibility: Visibility
  readonly bucket?: string
  readonly ownerId: string
  readonly ownerType: 'user'
  readonly metadata: Metadata
  readonly createdAt: string
}

export type NewFile = Omit<FileRecord, 'id' | 'ownerType' | 'createdAt'>
export type FileChange = Partial<Pick<FileRecord, 'originalName' | 'visibility' | 'metadata'>>

/** The registered files. They are lost with the process; their bytes stay in the storage. */
export class FileRecords {
  readonly #files = new Map<string, FileRecord>()

  register(file: NewFile): FileRecord {
    this.requireUnused(file.s3Key)
    const record: FileRecord = {
      id: randomUUID(),
      ...file,
      ownerType: 'user',
      createdAt: new Date().toISOString(),
    }
    this.#files.set(record.id, record)
    return record
  }

  requireUnused(key: string): void {
    if (![...this.#files.values()].some(({ s3Key }) => s3Key === key)) return
    throw new BkendFailure('file/s3-key-already-exists', `There is a file with the key ${key} already`)
  }

  /** To anyone who may not see it, another user's private file does not exist. */
  visible(id: string, owner: string): FileRecord {
    const record = this.#files.get(id)
    if (record !== undefined && isVisible(record, owner)) return record
    throw new BkendFailure('file/not-found', `There is no file ${id}`)
  }

  /** A visible file may still be another user's. */
  own(id: string, owner: string): FileRecord {
    const record = this.visible(id, owner)
    if (record.ownerId === owner) return record
    throw new BkendFailure('file/access-denied', `The file ${id} belongs to ${record.ownerId}`)
  }

  /** In order of registration. */
  all(owner: string): readonly FileRecord[] {
    return [...this.#files.values()].filter((record) => isVisible(record, owner))
  }

  change(record: FileRecord, { metadata, ...change }: FileChange): FileRecord {
    const changed = { ...record, ...change, metadata: { ...record.metadata, ...metadata } }
    this.#files.set(record.id, changed)
    return changed
  }

  remove({ id }: FileRecord): void {
    this.#files.delete(id)
  }
}

function isVisible({ visibility, ownerId }: FileRecord, owner: string): boolean {
  return visibility !== 'private' || ownerId === owner
}

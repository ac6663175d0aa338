import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import type { ReceivedBody } from '../intake/intake.ts'
import { s3Error } from '../protocol/s3-error.ts'
import { Journal } from './journal.ts'
import type { Objects } from './objects.ts'
import {
  type CompletedRecord,
  completedRecord,
  type ObjectRecord,
  type PartRecord,
  type UploadRecord,
} from './records.ts'
import type { StoreDirectory } from './store-directory.ts'

/** An upload that is neither completed nor aborted. */
export type Upload = {
  readonly record: UploadRecord
  /** By number, in no order. */
  readonly parts: Map<number, PartRecord>
}

type Address = { readonly bucket: string; readonly key: string; readonly id: string }

/** How many completed uploads are remembered. */
const mostCompleted = 10_000

export class Uploads {
  readonly #directory: StoreDirectory
  readonly #objects: Objects
  readonly #uploads = new Map<string, Upload>()
  readonly #completed = new Map<string, CompletedRecord>()
  readonly #completedJournal: Journal<CompletedRecord>

  constructor(directory: StoreDirectory, objects: Objects) {
    this.#directory = directory
    this.#objects = objects
    this.#completedJournal = new Journal(directory, directory.completed)
  }

  /** Reads everything from the disk at the start, after the objects. */
  recover(): void {
    const completed = this.#completedJournal.recover()
    for (const record of completed.slice(-mostCompleted)) this.#completed.set(record.id, record)
    if (completed.length > mostCompleted) this.#completedJournal.replace([...this.#completed.values()])
    for (const id of readdirSync(this.#directory.uploads)) this.#recoverUpload(id)
    for (const object of this.#objects.all()) {
      const upload = this.#uploads.get(object.contentId)
      // The process was killed when the object existed and the upload was not yet gone.
      if (upload) this.#finish(upload, object)
    }
  }

  create(record: UploadRecord): Upload {
    const upload: Upload = { record, parts: new Map() }
    mkdirSync(this.#directory.content(record.id))
    // Whole or not at all: only a directory with a record is an upload.
    mkdirSync(this.#directory.upload(record.id))
    this.#directory.writeFile(this.#directory.uploadRecord(record.id), JSON.stringify(record))
    this.#uploads.set(record.id, upload)
    return upload
  }

  require({ bucket, key, id }: Address): Upload {
    this.#objects.requireBucket(bucket)
    const upload = this.#uploads.get(id)
    if (upload?.record.bucket !== bucket || upload.record.key !== key) {
      throw s3Error('NoSuchUpload', undefined, { UploadId: id })
    }
    return upload
  }

  all(): IterableIterator<Upload> {
    return this.#uploads.values()
  }

  /** Replaces a part of the same number. */
  addPart(upload: Upload, part: Omit<PartRecord, 'file'>, body: ReceivedBody): PartRecord {
    const { bucket, key, id } = upload.record
    // It may have been completed or aborted while the body arrived.
    this.require({ bucket, key, id })
    const file = body.file && this.#adopt(id, part.number, body.file)
    const record: PartRecord = { ...part, ...(file && { file }) }
    this.#partsJournal(id).append(record)
    const replaced = upload.parts.get(part.number)
    upload.parts.set(part.number, record)
    if (replaced?.file) this.#directory.remove(this.#directory.contentFile(id, replaced.file))
    return record
  }

  abort({ record: { id } }: Upload): void {
    this.#uploads.delete(id)
    this.#directory.remove(this.#directory.upload(id))
    this.#directory.remove(this.#directory.content(id))
  }

  /** The object consists of the upload's parts, which stay where they are. */
  complete(upload: Upload, object: ObjectRecord): void {
    this.#objects.put(object)
    this.#finish(upload, object)
  }

  completed({ bucket, key, id }: Address): CompletedRecord | undefined {
    const record = this.#completed.get(id)
    return record?.bucket === bucket && record.key === key ? record : undefined
  }

  #finish({ record: { id }, parts }: Upload, object: ObjectRecord): void {
    const completed = completedRecord(object)
    this.#completed.set(id, completed)
    this.#completedJournal.append(completed)
    this.#uploads.delete(id)
    this.#directory.remove(this.#directory.upload(id))
    const kept = new Set(object.pieces.map(({ file }) => file))
    for (const { file } of parts.values()) {
      if (file && !kept.has(file)) this.#directory.remove(this.#directory.contentFile(id, file))
    }
  }

  /** A new name each time, so that the replaced part stays readable until then. */
  #adopt(id: string, number: number, temporaryFile: string): string {
    const name = `${number}-${randomUUID().slice(0, 8)}`
    renameSync(temporaryFile, this.#directory.contentFile(id, name))
    return name
  }

  #recoverUpload(id: string): void {
    const record = this.#readRecord(id)
    if (record === undefined) {
      this.#directory.remove(this.#directory.upload(id))
    } else {
      const parts = this.#partsJournal(id).recover()
      this.#uploads.set(id, { record, parts: new Map(parts.map((part) => [part.number, part])) })
    }
  }

  #readRecord(id: string): UploadRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.#directory.uploadRecord(id), 'utf8'))
    } catch {
      return undefined
    }
  }

  #partsJournal(id: string): Journal<PartRecord> {
    return new Journal(this.#directory, this.#directory.uploadParts(id))
  }
}

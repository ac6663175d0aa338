import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { s3Error } from '../protocol/s3-error.ts'
import type { ObjectRecord } from './records.ts'
import type { StoreDirectory } from './store-directory.ts'

export type ObjectQuery = {
  readonly prefix: string
  /** Only keys after this one. */
  readonly after: string
  readonly limit: number
}

export type ObjectPage = { readonly objects: readonly ObjectRecord[]; readonly truncated: boolean }

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; names with dots are left out. */
const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/

/** The buckets and their contents. */
export class Objects {
  readonly #directory: StoreDirectory
  readonly #buckets = new Map<string, Map<string, ObjectRecord>>()

  constructor(directory: StoreDirectory) {
    this.#directory = directory
  }

  /** Reads everything from the disk, at the start. */
  recover(): void {
    for (const bucket of readdirSync(this.#directory.buckets)) {
      const directory = this.#directory.bucket(bucket)
      const records = readdirSync(directory).map(
        (file): ObjectRecord => JSON.parse(readFileSync(join(directory, file), 'utf8')),
      )
      this.#buckets.set(bucket, new Map(records.map((record) => [record.key, record])))
    }
  }

  hasBucket(bucket: string): boolean {
    return this.#buckets.has(bucket)
  }

  createBucket(bucket: string): void {
    if (!bucketName.test(bucket)) throw s3Error('InvalidBucketName', undefined, { BucketName: bucket })
    mkdirSync(this.#directory.bucket(bucket), { recursive: true })
    this.#buckets.set(bucket, new Map())
  }

  requireBucket(bucket: string): void {
    this.#keysOf(bucket)
  }

  *all(): Generator<ObjectRecord> {
    for (const keys of this.#buckets.values()) yield* keys.values()
  }

  find(bucket: string, key: string): ObjectRecord | undefined {
    return this.#keysOf(bucket).get(key)
  }

  require(bucket: string, key: string): ObjectRecord {
    const record = this.find(bucket, key)
    if (record === undefined) throw s3Error('NoSuchKey', undefined, { Key: key })
    return record
  }

  /** The object's content is already in its place. */
  put(record: ObjectRecord): void {
    const keys = this.#keysOf(record.bucket)
    const replaced = keys.get(record.key)
    this.#directory.writeFile(this.#directory.object(record.bucket, record.key), JSON.stringify(record))
    keys.set(record.key, record)
    if (replaced) this.#directory.remove(this.#directory.content(replaced.contentId))
  }

  delete(bucket: string, key: string): void {
    const record = this.find(bucket, key)
    if (record === undefined) return
    this.#directory.remove(this.#directory.object(bucket, key))
    this.#keysOf(bucket).delete(key)
    this.#directory.remove(this.#directory.content(record.contentId))
  }

  list(bucket: string, { prefix, after, limit }: ObjectQuery): ObjectPage {
    const fitting = [...this.#keysOf(bucket).values()]
      .filter(({ key }) => key.startsWith(prefix) && compareKeys(key, after) > 0)
      .sort((one, other) => compareKeys(one.key, other.key))
    return { objects: fitting.slice(0, limit), truncated: fitting.length > limit }
  }

  #keysOf(bucket: string): Map<string, ObjectRecord> {
    const keys = this.#buckets.get(bucket)
    if (keys === undefined) throw s3Error('NoSuchBucket', undefined, { BucketName: bucket })
    return keys
  }
}

/** S3 lists keys in the order of their UTF-8 bytes, which differs from that of strings. */
export function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

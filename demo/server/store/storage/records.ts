/** The stored JSON records of objects and uploads. Times are milliseconds since 1970; ETags are without quotes. */
import type { Checksum, ChecksumAlgorithm, ChecksumType } from '../protocol/checksum.ts'

/** Headers of an object's answers: Content-Type and similar ones, and x-amz-meta-*. */
export type ObjectHeaders = Readonly<Record<string, string>>

/** A run of an object's bytes in one file. In a store that discards, it has no file. */
export type Piece = { readonly file?: string; readonly size: number }

export type ObjectRecord = {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: number
  readonly headers: ObjectHeaders
  readonly checksum?: Checksum
  /** The directory of its pieces. A multipart object uses the id of its upload. */
  readonly contentId: string
  readonly pieces: readonly Piece[]
  /** For a multipart object: see `CompletedRecord`. */
  readonly listDigest?: string
}

export type UploadRecord = {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly initiated: number
  readonly headers: ObjectHeaders
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType }
}

export type PartRecord = {
  readonly number: number
  readonly size: number
  readonly etag: string
  readonly lastModified: number
  readonly file?: string
  /** Base64, of the upload's algorithm. */
  readonly checksum?: string
}

/** Kept so that a repeated Complete can be answered, even if the object has been deleted since. */
export type CompletedRecord = {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly etag: string
  readonly checksum?: Checksum
  /** Of the list of parts with which it was completed. */
  readonly listDigest: string
}

export function completedRecord(object: ObjectRecord): CompletedRecord {
  const { contentId: id, bucket, key, etag, checksum, listDigest = '' } = object
  return { id, bucket, key, etag, listDigest, ...(checksum && { checksum }) }
}

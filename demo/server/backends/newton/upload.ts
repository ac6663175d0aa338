import { NewtonError } from './errors.ts'
import type { NewtonSettings } from './settings.ts'

/** What a client says about a file. */
export type NewtonFile = { readonly name: string; readonly type: string; readonly size: number }

export type NewtonUpload = {
  readonly id: string
  readonly fileUid: string
  readonly file: NewtonFile
  /** Bytes. */
  readonly partSize: number
  readonly firstPart: 0 | 1
  /** As answered when the upload was initiated. */
  readonly integrity: NewtonSettings['integrity']
  readonly objectKey: string
  /** The multipart upload's id in the storage. */
  readonly storageUploadId: string
  /** Tokens by part number. */
  readonly checkpoints: Map<number, string>
  state: 'uploading' | 'completing' | 'ended'
}

export type NewtonPart = { readonly number: number; readonly offset: number; readonly length: number }

const maxParts = 10_000

export function partSizeFor(size: number, { partSize }: NewtonSettings): number {
  return Math.max(partSize, Math.ceil(size / maxParts))
}

/** An empty file has none: the document says nothing, and the arithmetic gives no part. */
export function countParts({ file, partSize }: NewtonUpload): number {
  return Math.ceil(file.size / partSize)
}

export function allParts(upload: NewtonUpload): readonly NewtonPart[] {
  const { firstPart } = upload
  return Array.from({ length: countParts(upload) }, (_, index) => partAt(upload, index + firstPart))
}

export function partAt({ file, partSize, firstPart }: NewtonUpload, number: number): NewtonPart {
  const offset = (number - firstPart) * partSize
  return { number, offset, length: Math.min(partSize, file.size - offset) }
}

/** The storage counts from 1, whatever the contract does. */
export function storageNumber({ firstPart }: NewtonUpload, number: number): number {
  return number - firstPart + 1
}

export function requireUploading({ state, id }: NewtonUpload): void {
  if (state === 'uploading') return
  const what = state === 'ended' ? 'is completed already' : 'is being completed'
  throw new NewtonError('upload_conflict', `Upload ${id} ${what}`, 'Look at the metadata of the file')
}

import { FragnoError } from './errors.ts'
import type { FileDetails } from './file-details.ts'
import type { Strategy } from './settings.ts'

export type RecordedPart = {
  readonly partNumber: number
  readonly etag: string
  readonly sizeBytes: number
  readonly createdAt: Date
}

export type UploadStatus = 'created' | 'in_progress' | 'completed' | 'aborted' | 'failed' | 'expired'

/** Where its bytes go. */
export type UploadStorage = {
  readonly strategy: Strategy
  readonly objectKey: string
  /** Of the multipart upload in the storage; empty where it is none. */
  readonly storageUploadId: string
  /** Of the one PUT, where it is that. */
  readonly target: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | undefined
  /** Bytes; `undefined` where there are no parts. */
  readonly partSize: number | undefined
}

export type Upload = UploadStorage & {
  readonly id: string
  readonly details: FileDetails
  readonly recorded: Map<number, RecordedPart>
  readonly createdAt: Date
  expiresAt: Date
  updatedAt: Date
  completedAt: Date | null
  status: UploadStatus
  bytesUploaded: number
  partsUploaded: number
  failure: { readonly code: string; readonly message: string } | null
}

export const maxParts = 10_000

/** The document names the code only; that neither is extended by what happens is how the fragment does it. */
export function isActive({ status, expiresAt }: Upload): boolean {
  return (status === 'created' || status === 'in_progress') && expiresAt > new Date()
}

/** Throws what an upload that has ended answers to whoever goes on with it. */
export function requireActive(upload: Upload): void {
  if (isActive(upload)) return
  const { status, id } = upload
  if (status === 'completed')
    throw new FragnoError('FILE_ALREADY_EXISTS', `Upload ${id} is completed already`)
  if (status === 'aborted' || status === 'failed')
    throw new FragnoError('UPLOAD_INVALID_STATE', `Expected upload ${id} to be active, got ${status}`)
  upload.status = 'expired'
  throw new FragnoError('UPLOAD_EXPIRED', `Upload ${id} has expired at ${upload.expiresAt.toISOString()}`)
}

export function requireStrategy(upload: Upload, ...allowed: readonly Strategy[]): void {
  if (allowed.includes(upload.strategy)) return
  const { id, strategy } = upload
  throw new FragnoError(
    'UPLOAD_INVALID_STATE',
    `Expected upload ${id} to be ${allowed.join(' or ')}, got ${strategy}`,
  )
}

/** Of a multipart upload; an empty file is one empty part. */
export function countParts({ partSize, details: { sizeBytes } }: Upload): number {
  return partSize === undefined ? 0 : Math.max(1, Math.ceil(sizeBytes / partSize))
}

export function sizeOfPart(upload: Upload, number: number): number {
  const { partSize = 0, details } = upload
  return number < countParts(upload) ? partSize : details.sizeBytes - (number - 1) * partSize
}

/** Never less than before. */
export function noteProgress(upload: Upload, bytes: number, parts: number): void {
  upload.bytesUploaded = Math.max(upload.bytesUploaded, bytes)
  upload.partsUploaded = Math.max(upload.partsUploaded, parts)
  upload.status = 'in_progress'
  upload.updatedAt = new Date()
}

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

/** Where an upload's bytes go. */
export type UploadStorage = {
  readonly strategy: Strategy
  readonly objectKey: string
  /** The multipart upload's id in the storage; empty if it is none. */
  readonly storageUploadId: string
  /** For an upload in a single PUT. */
  readonly target: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | undefined
  /** Bytes; `undefined` if there are no parts. */
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

/** The document has only the code. As in the fragment, nothing extends the expiry. */
export function isActive({ status, expiresAt }: Upload): boolean {
  return (status === 'created' || status === 'in_progress') && expiresAt > new Date()
}

/** For an upload that has ended, throws the answer to any further request. */
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

/** Of a multipart upload. An empty file is one empty part. */
export function countParts({ partSize, details: { sizeBytes } }: Upload): number {
  return partSize === undefined ? 0 : Math.max(1, Math.ceil(sizeBytes / partSize))
}

export function sizeOfPart(upload: Upload, number: number): number {
  const { partSize = 0, details } = upload
  return number < countParts(upload) ? partSize : details.sizeBytes - (number - 1) * partSize
}

/** Progress never falls. */
export function noteProgress(upload: Upload, bytes: number, parts: number): void {
  upload.bytesUploaded = Math.max(upload.bytesUploaded, bytes)
  upload.partsUploaded = Math.max(upload.partsUploaded, parts)
  upload.status = 'in_progress'
  upload.updatedAt = new Date()
}

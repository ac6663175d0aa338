import { type ChecksumAlgorithm, checksumElement } from '../protocol/checksum.ts'
import type { ListedPart } from '../protocol/complete-request.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { PartRecord, UploadRecord } from '../storage/records.ts'
import type { Upload } from '../storage/uploads.ts'

/** The stored parts that a Complete lists. Throws if the list is wrong. */
export function chooseParts(
  upload: Upload,
  listed: readonly ListedPart[],
  minimumSize: number,
): readonly PartRecord[] {
  checkOrder(listed)
  const parts = listed.map((part) => storedPart(upload, part))
  for (const part of parts.slice(0, -1)) checkSize(part, minimumSize)
  return parts
}

function checkOrder(listed: readonly ListedPart[]): void {
  let previous = 0
  for (const { number } of listed) {
    if (number <= previous) throw s3Error('InvalidPartOrder')
    previous = number
  }
}

function storedPart({ record, parts }: Upload, listed: ListedPart): PartRecord {
  const part = parts.get(listed.number)
  if (part?.etag !== listed.etag) throw invalidPart(listed)
  checkChecksums(record, part, listed)
  return part
}

/** A composite checksum is one of the parts' checksums, so S3 wants all of them in the list. */
function checkChecksums({ checksum }: UploadRecord, part: PartRecord, listed: ListedPart): void {
  const given = Object.entries(listed.checksums)
  if (checksum?.type === 'COMPOSITE' && given.length === 0) throw missingChecksum(checksum.algorithm, part)
  for (const [algorithm, value] of given) {
    if (algorithm !== checksum?.algorithm || value !== part.checksum) throw invalidPart(listed)
  }
}

function checkSize({ number, size, etag }: PartRecord, minimumSize: number): void {
  if (size >= minimumSize) return
  throw s3Error('EntityTooSmall', undefined, {
    ProposedSize: String(size),
    MinSizeAllowed: String(minimumSize),
    PartNumber: String(number),
    ETag: etag,
  })
}

function invalidPart({ number, etag }: ListedPart): Error {
  return s3Error('InvalidPart', undefined, { PartNumber: String(number), ETag: etag })
}

function missingChecksum(algorithm: ChecksumAlgorithm, { number }: PartRecord): Error {
  return s3Error(
    'InvalidRequest',
    `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    { Missing: checksumElement(algorithm) },
  )
}

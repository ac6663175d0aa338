import { createDigester } from '../intake/digest-algorithm.ts'
import {
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumBytes,
  checksumMismatch,
  checksumTypeMismatch,
  declaredChecksum,
} from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { readContent } from '../storage/read-content.ts'
import type { PartRecord } from '../storage/records.ts'
import type { Upload } from '../storage/uploads.ts'
import type { StoreContext } from '../store-context.ts'

/** The checksum of the object made of the parts, checked against the request's. */
export async function wholeChecksum(
  store: StoreContext,
  request: S3Request,
  upload: Upload,
  parts: readonly PartRecord[],
): Promise<Checksum | undefined> {
  checkSize(request, parts)
  const declared = declaredChecksum(request)
  const wanted = wantedChecksum(request, upload, declared?.algorithm)
  if (wanted === undefined) return undefined
  const { algorithm, type } = wanted
  const value =
    type === 'COMPOSITE'
      ? await composite(algorithm, parts)
      : await fullObject(store, algorithm, upload, parts)
  if (declared && !sameChecksum(algorithm, declared.value, value)) throw checksumMismatch(algorithm)
  return { algorithm, type, value }
}

function checkSize({ headers }: S3Request, parts: readonly PartRecord[]): void {
  const declared = headers['x-amz-mp-object-size']
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  if (declared === undefined || Number(declared) === size) return
  const message = `The provided 'x-amz-mp-object-size' header value ${declared} does not match what was computed: ${size}`
  throw s3Error('InvalidRequest', message)
}

/**
 * As specified when the upload was created. An upload created without one may still be checked against a checksum of
 * the full object.
 */
function wantedChecksum(
  { headers }: S3Request,
  { record: { checksum } }: Upload,
  declared: ChecksumAlgorithm | undefined,
): { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined {
  const type = headers['x-amz-checksum-type']?.toUpperCase()
  if (checksum === undefined) {
    if (declared === undefined) return undefined
    if (type !== 'FULL_OBJECT') throw checksumTypeMismatch(undefined, declared)
    return { algorithm: declared, type }
  }
  if (type !== undefined && type !== checksum.type) throw checksumTypeMismatch(checksum.type, type)
  if (declared !== undefined && declared !== checksum.algorithm) {
    throw checksumTypeMismatch(checksum.algorithm, declared)
  }
  return checksum
}

/** The checksum of the parts' checksums, and the number of parts. */
async function composite(algorithm: ChecksumAlgorithm, parts: readonly PartRecord[]): Promise<string> {
  const digester = await createDigester(algorithm)
  for (const { checksum = '' } of parts) digester.update(Buffer.from(checksum, 'base64'))
  return `${Buffer.from(digester.digest()).toString('base64')}-${parts.length}`
}

/** Reads the whole object. S3 combines the parts' checksums, which is quicker and gives the same result. */
async function fullObject(
  { directory, intake }: StoreContext,
  algorithm: ChecksumAlgorithm,
  { record: { id } }: Upload,
  parts: readonly PartRecord[],
): Promise<string> {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const content = readContent(directory, { contentId: id, pieces: parts }, { start: 0, end: size })
  return (await intake.digest(content, size, algorithm)).toString('base64')
}

/** S3 accepts a composite checksum with and without the number of parts behind it. */
function sameChecksum(algorithm: ChecksumAlgorithm, declared: string, computed: string): boolean {
  const [value = '', count] = declared.split('-')
  const [expected = '', expectedCount] = computed.split('-')
  const sameBytes = checksumBytes(algorithm, value).equals(checksumBytes(algorithm, expected))
  return sameBytes && (count === undefined || count === expectedCount)
}

import { s3Error } from './s3-error.ts'
import type { S3Request } from './s3-request.ts'

/** S3's additional checksums. */
export const checksumAlgorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const

export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

/** A multipart object's checksum is either that of its bytes or that of its parts' checksums. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT'

export type Checksum = {
  readonly algorithm: ChecksumAlgorithm
  /** As S3 writes it: base64, and for a composite one the number of parts after a dash. */
  readonly value: string
  readonly type: ChecksumType
}

const bytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm}`
}

/** Such as ChecksumCRC32C. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm.toUpperCase()}`
}

export function checksumAlgorithmNamed(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((one) => one === name.toLowerCase())
  if (algorithm === undefined) {
    throw s3Error('InvalidRequest', `Checksum algorithm provided is unsupported: ${name}`)
  }
  return algorithm
}

/** The checksum that the request's headers declare for its body, or for the object that it completes. */
export function declaredChecksum({
  headers,
}: S3Request): { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined {
  const declared = checksumAlgorithms.flatMap((algorithm) => {
    const value = headers[checksumHeader(algorithm)]
    return value === undefined ? [] : [{ algorithm, value }]
  })
  if (declared.length > 1) {
    throw s3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  return declared[0]
}

/** The algorithm of the checksum that follows the body. */
export function trailingAlgorithm({ headers }: S3Request): ChecksumAlgorithm | undefined {
  const trailer = headers['x-amz-trailer']
  return trailer === undefined
    ? undefined
    : checksumAlgorithmNamed(trailer.trim().replace(/^x-amz-checksum-/i, ''))
}

/** Base64 is compared as bytes, because several texts can stand for the same bytes. */
export function checksumBytes(algorithm: ChecksumAlgorithm, value: string): Buffer {
  const decoded = Buffer.from(value, 'base64')
  if (decoded.length !== bytes[algorithm]) {
    throw s3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`)
  }
  return decoded
}

export function checksumMismatch(algorithm: ChecksumAlgorithm): Error {
  const name = algorithm.toUpperCase()
  return s3Error('BadDigest', `The ${name} you specified did not match the calculated checksum.`)
}

export function checksumTypeMismatch(expected: string | undefined, actual: string | undefined): Error {
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected ?? 'null'}, actual checksum Type: ${actual ?? 'null'}`
  return s3Error('InvalidRequest', message)
}

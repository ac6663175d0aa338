import {
  type ChecksumAlgorithm,
  checksumBytes,
  checksumMismatch,
  declaredChecksum,
} from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { DigestAlgorithm } from './digest-algorithm.ts'

/** A digest that the body should have according to the request. */
export type Expectation = {
  readonly algorithm: DigestAlgorithm
  readonly value: Uint8Array
  /** The error if the body has another one. */
  readonly mismatch: () => Error
}

export function checkExpectations(
  expectations: readonly Expectation[],
  digests: ReadonlyMap<DigestAlgorithm, Uint8Array>,
): void {
  for (const { algorithm, value, mismatch } of expectations) {
    const digest = digests.get(algorithm)
    if (digest === undefined || Buffer.compare(digest, value) !== 0) throw mismatch()
  }
}

/** Of any request's body. Throws if a header cannot be true of any body. */
export function payloadExpectations(request: S3Request): readonly Expectation[] {
  return [contentMd5(request), payloadHash(request)].filter((one) => one !== undefined)
}

/** Of a body that contains an object's bytes. */
export function checksumExpectations(request: S3Request): readonly Expectation[] {
  const declared = declaredChecksum(request)
  return declared ? [checksumExpectation(declared.algorithm, declared.value)] : []
}

export function checksumExpectation(algorithm: ChecksumAlgorithm, value: string): Expectation {
  return { algorithm, value: checksumBytes(algorithm, value), mismatch: () => checksumMismatch(algorithm) }
}

function contentMd5({ headers }: S3Request): Expectation | undefined {
  const header = headers['content-md5']
  if (header === undefined) return undefined
  const value = Buffer.from(header, 'base64')
  if (value.length !== 16) throw s3Error('InvalidDigest')
  return { algorithm: 'md5', value, mismatch: () => s3Error('BadDigest') }
}

function payloadHash({ headers }: S3Request): Expectation | undefined {
  const header = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  if (header === 'UNSIGNED-PAYLOAD' || header.startsWith('STREAMING-')) return undefined
  if (!/^[0-9a-f]{64}$/.test(header)) {
    throw s3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
    )
  }
  const value = Buffer.from(header, 'hex')
  return { algorithm: 'sha256', value, mismatch: () => s3Error('XAmzContentSHA256Mismatch') }
}

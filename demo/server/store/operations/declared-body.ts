import type { ReceivedBody } from '../intake/intake.ts'
import {
  type Checksum,
  type ChecksumAlgorithm,
  declaredChecksum,
  trailingAlgorithm,
} from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'

/** The checksum algorithm of a body, whether its value comes before or after the bytes. */
export function declaredAlgorithm(request: S3Request): ChecksumAlgorithm | undefined {
  const algorithm = declaredChecksum(request)?.algorithm ?? trailingAlgorithm(request)
  if (request.headers['x-amz-sdk-checksum-algorithm'] !== undefined && algorithm === undefined) {
    throw s3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  return algorithm
}

export function checksumOf(
  { digests }: ReceivedBody,
  algorithm: ChecksumAlgorithm | undefined,
): Checksum | undefined {
  const digest = algorithm && digests.get(algorithm)
  return algorithm && digest && { algorithm, value: digest.toString('base64'), type: 'FULL_OBJECT' }
}

import { AwsChunkedDecoder } from '../protocol/aws-chunked.ts'
import { type ChecksumAlgorithm, checksumHeader, trailingAlgorithm } from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { checksumExpectation, type Expectation } from './body-expectations.ts'

/** How a request's body contains an object's bytes. */
export type BodyFraming = {
  /** Bytes that the request announces, without the framing. */
  readonly announced: number
  /** The algorithm whose value follows the bytes. */
  readonly trailing: ChecksumAlgorithm | undefined
  decode(body: AsyncIterable<Buffer>): AsyncIterable<Buffer>
  /** Known once everything has been decoded. */
  expectations(): readonly Expectation[]
}

/** S3's limit for one part and for one PUT. */
const largest = 5 * 1024 ** 3

export function bodyFraming(request: S3Request): BodyFraming {
  const payload = request.headers['x-amz-content-sha256'] ?? ''
  if (payload === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return awsChunked(request)
  if (payload.startsWith('STREAMING-')) {
    throw s3Error('NotImplemented', `x-amz-content-sha256: ${payload} is not implemented.`)
  }
  return {
    announced: announcedLength(request.headers['content-length']),
    trailing: undefined,
    decode: (body) => body,
    expectations: () => [],
  }
}

function awsChunked(request: S3Request): BodyFraming {
  const decoder = new AwsChunkedDecoder()
  const trailing = trailingAlgorithm(request)
  return {
    announced: announcedLength(request.headers['x-amz-decoded-content-length']),
    trailing,
    decode: (body) => decoder.decode(body),
    expectations: () => {
      if (trailing === undefined) return []
      const value = decoder.trailers.get(checksumHeader(trailing))
      if (value === undefined) throw s3Error('InvalidRequest', 'The announced trailer did not come.')
      return [checksumExpectation(trailing, value)]
    },
  }
}

function announcedLength(header: string | undefined): number {
  if (header === undefined) throw s3Error('MissingContentLength')
  if (Number(header) > largest) {
    throw s3Error('EntityTooLarge', undefined, { ProposedSize: header, MaxSizeAllowed: String(largest) })
  }
  return Number(header)
}

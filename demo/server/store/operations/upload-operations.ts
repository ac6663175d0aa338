/** S3's CreateMultipartUpload, UploadPart and AbortMultipartUpload. */
import { randomBytes } from 'node:crypto'
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumAlgorithmNamed,
  checksumHeader,
  checksumTypeMismatch,
} from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { text, xmlDocument } from '../protocol/xml.ts'
import type { UploadRecord } from '../storage/records.ts'
import type { Handler } from '../store-context.ts'
import { quoted, xmlAnswer } from './answers.ts'
import { checksumOf, declaredAlgorithm } from './declared-body.ts'
import { headersToStore } from './stored-headers.ts'

type UploadChecksum = NonNullable<UploadRecord['checksum']>

const mostParts = 10_000

export const createMultipartUpload: Handler = ({ objects, uploads, settings }, { request }) => {
  const { bucket, key } = request
  objects.requireBucket(bucket)
  const checksum = requestedChecksum(request)
  const initiated = settings.now()
  const record = { id: newUploadId(initiated), bucket, key, initiated, headers: headersToStore(request) }
  uploads.create({ ...record, ...(checksum && { checksum }) })
  const document = xmlDocument(
    'InitiateMultipartUploadResult',
    text('Bucket', bucket),
    text('Key', key),
    text('UploadId', record.id),
  )
  return xmlAnswer(document, {
    ...(checksum && {
      'x-amz-checksum-algorithm': checksum.algorithm.toUpperCase(),
      'x-amz-checksum-type': checksum.type,
    }),
  })
}

export const uploadPart: Handler = async (store, exchange) => {
  const { request } = exchange
  const number = partNumberOf(request)
  const upload = store.uploads.require(addressOf(request))
  const algorithm = partAlgorithm(upload.record, declaredAlgorithm(request))
  const body = await store.intake.receive(exchange, algorithm)
  const checksum = checksumOf(body, algorithm)
  const { size, etag } = body
  const part = { number, size, etag, lastModified: store.settings.now() }
  const record = { ...part, ...(checksum && { checksum: checksum.value }) }
  store.intake.handOver(body, () => store.uploads.addPart(upload, record, body))
  return {
    status: 200,
    headers: {
      ETag: quoted(etag),
      ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
    },
  }
}

export const abortMultipartUpload: Handler = ({ uploads }, { request }) => {
  uploads.abort(uploads.require(addressOf(request)))
  return { status: 204 }
}

export function addressOf({ bucket, key, query }: S3Request): { bucket: string; key: string; id: string } {
  return { bucket, key, id: query.get('uploadId') ?? '' }
}

function partNumberOf({ query }: S3Request): number {
  const text = query.get('partNumber') ?? ''
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > mostParts) {
    const message = `Part number must be an integer between 1 and ${mostParts}, inclusive`
    throw s3Error('InvalidArgument', message, { ArgumentName: 'partNumber', ArgumentValue: text })
  }
  return number
}

/** Later uploads have greater ids. */
function newUploadId(initiated: number): string {
  return initiated.toString(36).padStart(9, '0') + randomBytes(20).toString('hex')
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html: the allowed pairs. */
function requestedChecksum({ headers }: S3Request): UploadChecksum | undefined {
  const name = headers['x-amz-checksum-algorithm']
  const type = headers['x-amz-checksum-type']?.toUpperCase()
  if (name === undefined) {
    if (type === undefined) return undefined
    throw s3Error(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    )
  }
  const algorithm = checksumAlgorithmNamed(name)
  const allowed = allowedTypes(algorithm)
  const chosen = type === undefined ? allowed[0] : allowed.find((one) => one === type)
  if (chosen === undefined) {
    const message = `The ${type} checksum type cannot be used with the ${name} checksum algorithm.`
    throw s3Error('InvalidRequest', message)
  }
  return { algorithm, type: chosen }
}

/** S3 uses the first one by default. */
function allowedTypes(algorithm: ChecksumAlgorithm): readonly ChecksumType[] {
  if (algorithm === 'crc64nvme') return ['FULL_OBJECT']
  return algorithm.startsWith('crc') ? ['COMPOSITE', 'FULL_OBJECT'] : ['COMPOSITE']
}

/**
 * A part's checksum uses the upload's algorithm. For a checksum of the full object, S3 computes it if it is missing.
 */
function partAlgorithm(
  { checksum }: UploadRecord,
  declared: ChecksumAlgorithm | undefined,
): ChecksumAlgorithm | undefined {
  if (declared === undefined && checksum?.type !== 'COMPOSITE') return checksum?.algorithm
  if (declared !== checksum?.algorithm) throw checksumTypeMismatch(checksum?.algorithm, declared)
  return declared
}

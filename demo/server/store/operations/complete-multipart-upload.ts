/** S3's CompleteMultipartUpload. */
import { createHash } from 'node:crypto'
import type { Answer, Exchange } from '../exchange.ts'
import { receiveText } from '../intake/receive-text.ts'
import type { Checksum } from '../protocol/checksum.ts'
import { type ListedPart, parseCompleteRequest } from '../protocol/complete-request.ts'
import { text, xmlDocument } from '../protocol/xml.ts'
import type { CompletedRecord, ObjectRecord, PartRecord } from '../storage/records.ts'
import type { Upload } from '../storage/uploads.ts'
import type { Handler, StoreContext } from '../store-context.ts'
import { checksumElementsOf, quoted, xmlAnswer } from './answers.ts'
import { chooseParts } from './choose-parts.ts'
import { refuseOverwrite } from './object-operations.ts'
import { addressOf } from './upload-operations.ts'
import { wholeChecksum } from './whole-checksum.ts'

export const completeMultipartUpload: Handler = async (store, exchange) => {
  const { request } = exchange
  store.objects.requireBucket(request.bucket)
  const listed = parseCompleteRequest(await receiveText(exchange))
  const repeated = repeatedAnswer(store, exchange, listed)
  if (repeated) return repeated
  const upload = store.uploads.require(addressOf(request))
  refuseOverwrite(store.objects.find(request.bucket, request.key), request)
  const parts = swapped(chooseParts(upload, listed, store.settings.minimumPartSize), exchange)
  const checksum = await wholeChecksum(store, request, upload, parts)
  // Another request may have completed or aborted it while the checksum was computed.
  return (
    repeatedAnswer(store, exchange, listed) ?? complete(store, exchange, { upload, listed, parts, checksum })
  )
}

/** Swaps the content of two parts if a fault says so. */
function swapped(parts: readonly PartRecord[], { effect }: Exchange): readonly PartRecord[] {
  if (effect?.kind !== 'swap-parts') return parts
  const [one, other] = effect.numbers.map((number) => parts.find((part) => part.number === number))
  if (one === undefined || other === undefined) return parts
  const contentOf = (part: PartRecord): PartRecord => (part === one ? other : part === other ? one : part)
  return parts.map((part) => ({ ...contentOf(part), number: part.number, etag: part.etag }))
}

type Completion = {
  readonly upload: Upload
  readonly listed: readonly ListedPart[]
  readonly parts: readonly PartRecord[]
  readonly checksum: Checksum | undefined
}

function complete(store: StoreContext, exchange: Exchange, completion: Completion): Answer {
  const { upload, listed, parts, checksum } = completion
  const { id, bucket, key, headers } = store.uploads.require(addressOf(exchange.request)) && upload.record
  const object: ObjectRecord = {
    bucket,
    key,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: multipartEtag(parts),
    lastModified: store.settings.now(),
    headers,
    ...(checksum && { checksum }),
    contentId: id,
    pieces: parts.map(({ file, size }) => ({ size, ...(file && { file }) })),
    listDigest: listDigest(listed),
  }
  store.uploads.complete(upload, object)
  return completedAnswer(exchange, object)
}

/**
 * For a while S3 answers a repeated Complete like the first, because the first answer may have been lost. "The
 * CompleteMultipartUpload operation is idempotent" does not hold for another list of parts.
 */
function repeatedAnswer(
  { uploads }: StoreContext,
  exchange: Exchange,
  listed: readonly ListedPart[],
): Answer | undefined {
  const completed = uploads.completed(addressOf(exchange.request))
  return completed?.listDigest === listDigest(listed) ? completedAnswer(exchange, completed) : undefined
}

function completedAnswer(
  { request }: Exchange,
  { bucket, key, etag, checksum }: Pick<CompletedRecord, 'bucket' | 'key' | 'etag' | 'checksum'>,
): Answer {
  const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/')
  return xmlAnswer(
    xmlDocument(
      'CompleteMultipartUploadResult',
      text('Location', `http://${request.headers['host'] ?? ''}/${path}`),
      text('Bucket', bucket),
      text('Key', key),
      text('ETag', quoted(etag)),
      ...checksumElementsOf(checksum),
    ),
  )
}

/** The MD5 of the parts' MD5s, and the number of parts. */
function multipartEtag(parts: readonly PartRecord[]): string {
  const digests = parts.map(({ etag }) => Buffer.from(etag, 'hex'))
  return `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`
}

function listDigest(listed: readonly ListedPart[]): string {
  const lines = listed.map(({ number, etag }) => `${number} ${etag}`)
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync } from 'node:fs'
import type { Answer } from '../exchange.ts'
import type { ReceivedBody } from '../intake/intake.ts'
import type { Checksum } from '../protocol/checksum.ts'
import { requestedRange } from '../protocol/content-range.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { readContent } from '../storage/read-content.ts'
import type { ObjectRecord } from '../storage/records.ts'
import type { StoreDirectory } from '../storage/store-directory.ts'
import type { Handler, StoreContext } from '../store-context.ts'
import { checksumHeadersOf, quoted } from './answers.ts'
import { checksumOf, declaredAlgorithm } from './declared-body.ts'
import { headersToStore, overriddenHeaders } from './stored-headers.ts'

export const putObject: Handler = async (store, exchange) => {
  const { request } = exchange
  const { bucket, key } = request
  refuseOverwrite(store.objects.find(bucket, key), request)
  const algorithm = declaredAlgorithm(request)
  const body = await store.intake.receive(exchange, algorithm)
  const checksum = checksumOf(body, algorithm)
  store.intake.handOver(body, () => {
    // Another object may have been written while this one arrived.
    refuseOverwrite(store.objects.find(bucket, key), request)
    store.objects.put(objectRecord(store, request, body, checksum))
  })
  return { status: 200, headers: { ETag: quoted(body.etag), ...checksumHeadersOf(checksum) } }
}

export const getObject: Handler = ({ objects, directory }, { request }) => {
  const object = objects.require(request.bucket, request.key)
  const answer = headAnswer(object, request)
  if (answer.status === 304) return answer
  const range = requestedRange(request.headers['range'], object.size) ?? { start: 0, end: object.size }
  return { ...answer, content: readContent(directory, object, range) }
}

export const headObject: Handler = ({ objects }, { request }) =>
  headAnswer(objects.require(request.bucket, request.key), request)

export const deleteObject: Handler = ({ objects }, { request: { bucket, key } }) => {
  objects.delete(bucket, key)
  return { status: 204 }
}

/** `If-None-Match: *` keeps a write from overwriting in S3. */
export function refuseOverwrite(existing: ObjectRecord | undefined, { headers }: S3Request): void {
  if (headers['if-match'] !== undefined) throw s3Error('NotImplemented')
  const condition = headers['if-none-match']
  if (condition === undefined) return
  if (condition !== '*') throw s3Error('NotImplemented')
  if (existing) throw s3Error('PreconditionFailed', undefined, { Condition: 'If-None-Match' })
}

function objectRecord(
  { directory, settings }: StoreContext,
  request: S3Request,
  body: ReceivedBody,
  checksum: Checksum | undefined,
): ObjectRecord {
  const contentId = randomUUID()
  const file = body.file && adopt(directory, contentId, body.file)
  return {
    bucket: request.bucket,
    key: request.key,
    size: body.size,
    etag: body.etag,
    lastModified: settings.now(),
    headers: headersToStore(request),
    ...(checksum && { checksum }),
    contentId,
    pieces: [{ size: body.size, ...(file && { file }) }],
  }
}

function adopt(directory: StoreDirectory, contentId: string, temporaryFile: string): string {
  const name = '1'
  mkdirSync(directory.content(contentId))
  renameSync(temporaryFile, directory.contentFile(contentId, name))
  return name
}

function headAnswer(object: ObjectRecord, request: S3Request): Answer {
  const etag = quoted(object.etag)
  const identity = { ETag: etag, 'Last-Modified': new Date(object.lastModified).toUTCString() }
  if (unchanged(request, etag)) return { status: 304, headers: identity }
  const range = requestedRange(request.headers['range'], object.size)
  const { start, end } = range ?? { start: 0, end: object.size }
  return {
    status: range ? 206 : 200,
    headers: {
      ...object.headers,
      ...overriddenHeaders(request.query),
      ...identity,
      'Accept-Ranges': 'bytes',
      'Content-Length': String(end - start),
      ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${object.size}` }),
      ...(wantsChecksum(request) && !range && checksumHeadersOf(object.checksum)),
    },
  }
}

/** Throws if If-Match fails. */
function unchanged({ headers }: S3Request, etag: string): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match !== undefined && !names(match, etag)) {
    throw s3Error('PreconditionFailed', undefined, { Condition: 'If-Match' })
  }
  return noneMatch !== undefined && names(noneMatch, etag)
}

function names(condition: string, etag: string): boolean {
  const listed = condition.split(',').map((one) => one.trim())
  return listed.some((one) => one === '*' || one === etag || quoted(one) === etag)
}

function wantsChecksum({ headers }: S3Request): boolean {
  return headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED'
}

/**
 * A server for the presigned contract: start, URLs for parts, complete. It also lists the stored parts, aborts,
 * downloads, and computes the SHA-256 of the stored object. It knows S3, but not which S3 it is.
 */
import { type CompletedPart, CreateMultipartUploadCommand, type S3Client } from '@aws-sdk/client-s3'
import { Hono } from 'hono'
import { parseBody, readFilled, readList, readObject, readText, readWhole } from './contract.ts'
import { answerFailure } from './failure.ts'
import { newKey, requireOwnKey } from './object-key.ts'
import { segmentsBehind } from './route-segments.ts'
import {
  abort,
  complete,
  listParts,
  type MultipartUpload,
  type Place,
  sha256,
  signDownload,
  signPart,
  stateOf,
} from './s3.ts'

export type PresignedBackendOptions = Place & {
  readonly s3: S3Client
  readonly bucket: string
  /** Bytes; more if a file would need more than 10,000 parts. @default 8 MiB */
  readonly partSize?: number
  /** Seconds for which a signed URL is valid. @default 900 */
  readonly urlLifetime?: number
}

const mebibyte = 1024 * 1024
const maxParts = 10_000
const maxPartSize = 5 * 1024 * mebibyte
/** The most URLs in one request. */
const maxUrls = 1_000
const number = { from: 1, to: maxParts }

export function presignedBackend(options: PresignedBackendOptions): Hono {
  const { s3, bucket, partSize = 8 * mebibyte, urlLifetime = 900 } = options
  const place = { s3, bucket }
  const app = new Hono()

  // The document prints these two with a slash at the end.
  app.on('POST', ['/start-upload', '/start-upload/'], async (c) => {
    const file = readFile(parseBody(await c.req.text()))
    const key = newKey(file.name)
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
    return c.json({ key, uploadId: UploadId, partSize: partSizeFor(file.size, partSize) })
  })

  app.on('POST', ['/get-upload-urls', '/get-upload-urls/'], async (c) => {
    const { parts, ...upload } = readUrlRequest(parseBody(await c.req.text()))
    const urls = await Promise.all(
      parts.map(async (part) => [part, await signPart(place, upload, part, urlLifetime)] as const),
    )
    return c.json({ urls: Object.fromEntries(urls) })
  })

  app.post('/complete/*', async (c) => {
    const upload = uploadOf(segmentsBehind(c))
    await complete(place, upload, readCompletion(parseBody(await c.req.text())))
    return c.json({ key: upload.key })
  })

  app.post('/list-parts/*', async (c) => {
    const { after } = readObject(parseBody(await c.req.text()), 'the body', ['after'])
    const from = readWhole(after, 'after', { from: 0, to: maxParts })
    return c.json(await listParts(place, uploadOf(segmentsBehind(c)), from))
  })

  app.post('/status/*', async (c) => {
    return c.json({ state: await stateOf(place, uploadOf(segmentsBehind(c))) })
  })

  app.post('/abort/*', async (c) => {
    await abort(place, uploadOf(segmentsBehind(c)))
    return c.body(null, 204)
  })

  app.get('/download/*', async (c) => {
    const key = requireOwnKey(segmentsBehind(c).join('/'))
    return c.redirect(await signDownload(place, key, urlLifetime))
  })

  app.get('/sha256/*', async (c) => {
    const key = requireOwnKey(segmentsBehind(c).join('/'))
    return c.json(await sha256(place, key, c.req.raw.signal))
  })

  app.onError(answerFailure)
  return app
}

/** Only here are the application's own fields allowed. */
function readFile(body: unknown): { readonly name: string; readonly size: number } {
  const { fileName, fileHash, fileSize } = readObject(body, 'the body')
  const name = readText(fileName, 'fileName')
  readFilled(fileHash, 'fileHash')
  return { name, size: readWhole(fileSize, 'fileSize', { from: 0, to: maxParts * maxPartSize }) }
}

/** Whole mebibytes, so that people can read the size. */
function partSizeFor(fileSize: number, least: number): number {
  if (fileSize <= least * maxParts) return least
  return Math.ceil(fileSize / maxParts / mebibyte) * mebibyte
}

function readUrlRequest(body: unknown): MultipartUpload & { readonly parts: readonly number[] } {
  const fields = readObject(body, 'the body', ['key', 'uploadId', 'parts'])
  const key = requireOwnKey(readFilled(fields['key'], 'key'))
  const uploadId = readFilled(fields['uploadId'], 'uploadId')
  const parts = readList(fields['parts'], 'parts', (item, name) => readWhole(item, name, number))
  readWhole(parts.length, 'parts.length', { from: 1, to: maxUrls })
  return { key, uploadId, parts }
}

function uploadOf([uploadId, ...rest]: readonly string[]): MultipartUpload {
  return { uploadId: readFilled(uploadId, 'uploadId'), key: requireOwnKey(rest.join('/')) }
}

function readCompletion(body: unknown): readonly CompletedPart[] {
  const { parts } = readObject(body, 'the body', ['parts'])
  let last = 0
  return readList(parts, 'parts', (item, name) => {
    const part = readObject(item, name, ['PartNumber', 'ETag'])
    const PartNumber = readWhole(part['PartNumber'], `${name}.PartNumber`, { from: last + 1, to: maxParts })
    last = PartNumber
    return { PartNumber, ETag: readFilled(part['ETag'], `${name}.ETag`) }
  })
}

/** Ends an upload: completed by the client, completed by the server's own PUT, or aborted. */
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { abort, complete, type Place } from '../s3.ts'
import type { Catalog, StoredFile } from './catalog.ts'
import { verifyChecksum } from './checksum.ts'
import { FragnoError, isStorageFailure } from './errors.ts'
import { deleteObject, putObject, readObject, sizeOf } from './storage.ts'
import { countParts, type RecordedPart, requireActive, type Upload } from './upload.ts'

type Parts = readonly Pick<RecordedPart, 'partNumber' | 'etag'>[]

/** @param parts All of them: the recorded ones are not looked at. The stored object is not compared. */
export async function completeMultipart(place: Place, upload: Upload, parts: Parts): Promise<void> {
  const count = countParts(upload)
  if (parts.length !== count)
    throw new FragnoError('UPLOAD_INVALID_STATE', `Expected all ${count} parts, got ${parts.length}`)
  const listed = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }))
  await complete(place, { key: upload.objectKey, uploadId: upload.storageUploadId }, listed)
}

/** Throws if the object does not fit the upload. */
export async function checkSingle(place: Place, { objectKey, details }: Upload): Promise<void> {
  const size = await sizeOf(place, objectKey)
  if (size !== details.sizeBytes)
    throw new FragnoError('INVALID_CHECKSUM', `Expected ${details.sizeBytes} bytes, got ${size}`)
  if (details.checksum !== null) await verifyChecksum(details.checksum, await readObject(place, objectKey))
}

/** Checks again what may have changed while the storage was asked. */
export function publish(catalog: Catalog, upload: Upload): StoredFile {
  requireActive(upload)
  catalog.refuseTaken(upload.details)
  const now = new Date()
  upload.status = 'completed'
  upload.completedAt = now
  upload.updatedAt = now
  upload.bytesUploaded = upload.details.sizeBytes
  upload.partsUploaded = countParts(upload)
  return catalog.put({
    details: upload.details,
    objectKey: upload.objectKey,
    createdAt: now,
    updatedAt: now,
    completedAt: now,
    deletedAt: null,
  })
}

export async function abortUpload(place: Place, upload: Upload): Promise<void> {
  const { strategy, objectKey: key, storageUploadId: uploadId } = upload
  if (strategy === 'direct-multipart') await abort(place, { key, uploadId })
  else await deleteObject(place, key)
  upload.status = 'aborted'
  upload.updatedAt = new Date()
}

/**
 * Passes the bytes on to the storage. If the storage refuses them, the upload ends. If the client hangs up, the upload
 * stays as it was and can begin again.
 */
export async function storeContent(
  place: Place,
  upload: Upload,
  content: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await passOn(place, upload, content, signal)
  } catch (error) {
    if (signal.aborted) throw error
    throw failed(upload, error)
  }
}

/** The SDK would wait for ever for a body that breaks off. The signal ends that. */
async function passOn(
  place: Place,
  { objectKey: key, details }: Upload,
  content: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const size = details.sizeBytes
  const body = exactly(size)
  const broken = new AbortController()
  const read = pipeline(Readable.fromWeb(content as WebStream), body).catch((error) => broken.abort(error))
  try {
    await putObject(place, { ...details, key }, { body, size }, AbortSignal.any([signal, broken.signal]))
    await read
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error
  } finally {
    body.destroy()
  }
}

function failed(upload: Upload, error: unknown): unknown {
  const told = isStorageFailure(error) ? new FragnoError('STORAGE_ERROR', error.message) : error
  if (!(told instanceof FragnoError)) return told
  upload.status = 'failed'
  upload.failure = { code: told.code, message: told.message }
  return told
}

/** Fails if there are more or fewer bytes. */
function exactly(size: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      seen += chunk.length
      done(seen > size ? wrongSize(size, seen) : null, chunk)
    },
    flush: (done) => done(seen < size ? wrongSize(size, seen) : null),
  })
}

function wrongSize(expected: number, received: number): FragnoError {
  return new FragnoError('STORAGE_ERROR', `Expected ${expected} bytes, got ${received}`)
}

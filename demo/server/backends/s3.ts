/** What all backends ask of S3, in their own terms. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { contentDisposition } from './object-key.ts'

export type Place = { readonly s3: S3Client; readonly bucket: string }

export type MultipartUpload = { readonly key: string; readonly uploadId: string }

/** @param lifetime Seconds. */
export function signPart(
  { s3, bucket }: Place,
  { key, uploadId }: MultipartUpload,
  part: number,
  lifetime: number,
): Promise<string> {
  const put = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: part })
  return getSignedUrl(s3, put, { expiresIn: lifetime })
}

export async function complete(
  { s3, bucket }: Place,
  { key, uploadId }: MultipartUpload,
  parts: readonly CompletedPart[],
): Promise<void> {
  const MultipartUpload = { Parts: [...parts] }
  await s3.send(
    new CompleteMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MultipartUpload }),
  )
}

export async function abort({ s3, bucket }: Place, { key, uploadId }: MultipartUpload): Promise<void> {
  await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }))
}

/** No two uploads here have the same key, so an object with that key is this upload's. */
export async function stateOf(place: Place, upload: MultipartUpload): Promise<'completed' | 'open' | 'gone'> {
  const { s3, bucket } = place
  const isThere = await unlessMissing(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: upload.key })))
  if (isThere) return 'completed'
  return (await unlessMissing(listParts(place, upload, 0))) ? 'open' : 'gone'
}

async function unlessMissing(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer
    return true
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false
    throw error
  }
}

export type PartsPage = {
  readonly parts: readonly { readonly PartNumber: number; readonly Size: number; readonly ETag: string }[]
  /** Where the next page begins; `null` on the last one. */
  readonly next: number | null
}

/** @param after The part number after which the page begins. */
export async function listParts(
  { s3, bucket }: Place,
  { key, uploadId }: MultipartUpload,
  after: number,
): Promise<PartsPage> {
  const { Parts, IsTruncated, NextPartNumberMarker } = await s3.send(
    new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: String(after) }),
  )
  const parts = (Parts ?? []).map(({ PartNumber = 0, Size = 0, ETag = '' }) => ({ PartNumber, Size, ETag }))
  return { parts, next: IsTruncated ? Number(NextPartNumberMarker) : null }
}

/** Asks for the object first, so that a missing one is reported here and not by the storage. */
export async function signDownload({ s3, bucket }: Place, key: string, lifetime: number): Promise<string> {
  await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  const get = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ResponseContentDisposition: contentDisposition(key),
  })
  return getSignedUrl(s3, get, { expiresIn: lifetime })
}

/** Reads the whole object without holding it in memory. */
export async function sha256(
  { s3, bucket }: Place,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly size: number }> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
  const hash = createHash('sha256')
  let size = 0
  // In Node the SDK's body is a Node stream.
  await pipeline(
    Body as Readable,
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk)
        size += chunk.length
      }
    },
    { signal },
  )
  return { sha256: hash.digest('hex'), size }
}

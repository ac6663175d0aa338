/** The bucket of a run. It is empty at the beginning and at the end, and pages of every origin may use it. */
import { randomBytes } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { s3Client } from '../../demo/server/storage.ts'
import { checksumHeaders } from '../../demo/server/store/settings.ts'
import type { S3Place } from './place.ts'

export type Bucket = {
  readonly name: string
  /** Empties the bucket, and removes it if it was made for the run. */
  close(): Promise<void>
}

/** @param name Of an empty bucket. If it is `undefined`, a new bucket is made. */
export async function openBucket(place: Omit<S3Place, 'bucket'>, name: string | undefined): Promise<Bucket> {
  const s3 = s3Client(place)
  const bucket = name ?? `longhaul-${randomBytes(6).toString('hex')}`
  if (name === undefined) await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  else await requireEmpty(s3, bucket)
  const close = async (): Promise<void> => {
    await empty(s3, bucket)
    if (name === undefined) await s3.send(new DeleteBucketCommand({ Bucket: bucket }))
    s3.destroy()
  }
  try {
    await allowPages(s3, bucket)
    return { name: bucket, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The suite also aborts uploads and deletes objects that it has not made, so there may be none of anybody else. */
async function requireEmpty(s3: S3Client, bucket: string): Promise<void> {
  const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }))
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 1 }))
  if (KeyCount + Uploads.length > 0)
    throw new Error(
      `the bucket ${bucket} is not empty: name an empty one, or leave S3_BUCKET out to have one made and removed`,
    )
}

async function allowPages(s3: S3Client, bucket: string): Promise<void> {
  const rule = {
    AllowedOrigins: ['*'],
    AllowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag', ...checksumHeaders],
    MaxAgeSeconds: 3000,
  }
  try {
    await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } }))
  } catch (error) {
    // MinIO has one setting for all its buckets, and allows all pages by default.
    if (!(error instanceof S3ServiceException) || error.name !== 'NotImplemented') throw error
    console.error(`s3: this store has no CORS rules for single buckets; its own setting has to suffice`)
  }
}

async function empty(s3: S3Client, bucket: string): Promise<void> {
  for (;;) {
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    for (const { Key, UploadId } of Uploads)
      await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }))
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
    if (Uploads.length + Contents.length === 0) return
  }
}

import type { CompletedPart } from '@aws-sdk/client-s3'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { MultipartUpload, Place } from '../s3.ts'
import { type Lifetime, signedFor } from '../whole-objects.ts'

export async function create({ s3, bucket }: Place, key: string, contentType: string): Promise<string> {
  const { UploadId = '' } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType }),
  )
  return UploadId
}

/** Looks for the upload first: with a URL of an upload that is gone, only sending the part would fail. */
export async function signPart(
  { s3, bucket }: Place,
  { key, uploadId }: MultipartUpload,
  part: number,
  life: Lifetime,
): Promise<string> {
  const upload = { Bucket: bucket, Key: key, UploadId: uploadId }
  await s3.send(new ListPartsCommand({ ...upload, MaxParts: 1 }))
  return getSignedUrl(s3, new UploadPartCommand({ ...upload, PartNumber: part }), signedFor(life))
}

/** @returns The object's location. */
export async function complete(
  { s3, bucket }: Place,
  { key, uploadId }: MultipartUpload,
  parts: readonly CompletedPart[],
): Promise<string> {
  const { Location = '' } = await s3.send(
    new CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts: [...parts] },
    }),
  )
  return Location
}

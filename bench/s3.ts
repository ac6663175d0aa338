/** The way to the store for our two processes. */
import { S3Client } from '@aws-sdk/client-s3'

export type StorePlace = {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** No checksums but those that S3 requires: a presigned URL would otherwise ask the page for one. */
export function s3Client({ endpoint, region, accessKeyId, secretAccessKey }: StorePlace): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

/** The AWS SDK's own multipart upload, with the credentials in the page and only the checksums that S3 requires. */
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { Contender } from '../contender.ts'
import { inParallel } from '../in-parallel.ts'

export const upload: Contender = async (files, { width, partSize, store }) => {
  const { endpoint, bucket: Bucket, region, accessKeyId, secretAccessKey } = store
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const prefix = `uploads/${crypto.randomUUID()}`
  const queueSize = width === undefined ? {} : { queueSize: width }
  const uploadOne = async (file: File): Promise<string> => {
    const Key = `${prefix}/${file.name}`
    await new Upload({ client, params: { Bucket, Key, Body: file }, partSize, ...queueSize }).done()
    return Key
  }
  return { keys: await inParallel(files, files.length > 1 ? (width ?? 1) : 1, uploadOne) }
}

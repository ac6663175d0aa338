import { s3Error } from '../protocol/s3-error.ts'
import type { Handler } from '../store-context.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; dots and ".." are left out. */
const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/

export const createBucket: Handler = ({ objects }, { request: { bucket } }) => {
  if (!bucketName.test(bucket)) throw s3Error('InvalidBucketName', undefined, { BucketName: bucket })
  if (objects.hasBucket(bucket)) throw s3Error('BucketAlreadyOwnedByYou', undefined, { BucketName: bucket })
  objects.createBucket(bucket)
  return { status: 200, headers: { Location: `/${bucket}` } }
}

export const headBucket: Handler = ({ objects, settings }, { request: { bucket } }) => {
  objects.requireBucket(bucket)
  return { status: 200, headers: { 'x-amz-bucket-region': settings.region } }
}

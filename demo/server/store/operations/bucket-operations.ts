/** S3's CreateBucket and HeadBucket. */
import { s3Error } from '../protocol/s3-error.ts'
import type { Handler } from '../store-context.ts'

export const createBucket: Handler = ({ objects }, { request: { bucket } }) => {
  if (objects.hasBucket(bucket)) throw s3Error('BucketAlreadyOwnedByYou', undefined, { BucketName: bucket })
  objects.createBucket(bucket)
  return { status: 200, headers: { Location: `/${bucket}` } }
}

export const headBucket: Handler = ({ objects, settings }, { request: { bucket } }) => {
  objects.requireBucket(bucket)
  return { status: 200, headers: { 'x-amz-bucket-region': settings.region } }
}

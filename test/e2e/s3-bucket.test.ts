import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test, vi } from 'vitest'
import { openBucket } from '../../e2e/s3/bucket.ts'
import type { S3User } from '../contracts/s3/s3-user.ts'
import { bucket, startStore, userOf } from '../store/started-store.ts'

async function prepared(): Promise<{ user: S3User; place: Parameters<typeof openBucket>[0] }> {
  const store = await startStore()
  // The embedded store has no CORS rules for single buckets, and MinIO has none either.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  return { user: userOf(store), place: { ...store, pathStyle: true } }
}

test('a named bucket must be empty, and is left empty', async () => {
  const { user, place } = await prepared()
  const opened = await openBucket(place, bucket)
  expect(opened.name).toBe(bucket)
  for (let number = 0; number < 3; number++) await user.put(`object ${number}`, 'x')
  await user.create('unfinished')
  await expect(openBucket(place, bucket)).rejects.toThrow('not empty')
  await opened.close()
  await (await openBucket(place, bucket)).close()
})

test("a named bucket is refused if somebody's upload is under way in it", async () => {
  const { user, place } = await prepared()
  await user.create('unfinished')
  await expect(openBucket(place, bucket)).rejects.toThrow('not empty')
})

test('a created bucket has a new name each time', async () => {
  const { user, place } = await prepared()
  const [one, other] = [await openBucket(place, undefined), await openBucket(place, undefined)]
  expect(one.name).not.toBe(other.name)
  await user.s3.send(new HeadBucketCommand({ Bucket: one.name }))
  await user.s3.send(new PutObjectCommand({ Bucket: one.name, Key: 'x', Body: 'x' }))
})

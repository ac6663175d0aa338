import { randomUUID } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { rawRequest } from './raw-request.ts'
import { md5, type S3Suite } from './s3-suite.ts'

const oddKeys = [
  'plain.txt',
  'with space.txt',
  'plus+and&amp;ersand.txt',
  'hash#question?percent%25.txt',
  'ファイル/日本語 の 名前.mp4',
  'emoji-🚀.bin',
  'a//double//slash',
  'trailing/slash/',
  'dots/../and/./more...',
  'quotes\'"and(parentheses)!*',
  'equals=semicolon;comma,colon:at@dollar$',
  'bracket[]{}|\\^`~<>',
]

export function describeObjects(suite: S3Suite): void {
  describe(`${suite.name}: the bucket`, () => {
    test('exists', async () => {
      const { $metadata } = await suite.user.s3.send(new HeadBucketCommand({ Bucket: suite.bucket }))
      expect($metadata.httpStatusCode).toBe(200)
    })
  })

  describe(`${suite.name}: an object`, () => {
    test('has the bytes, type and metadata that it was put with', async () => {
      const key = suite.newKey()
      await suite.user.s3.send(
        new PutObjectCommand({
          Bucket: suite.bucket,
          Key: key,
          Body: 'hello',
          ContentType: 'text/plain',
          Metadata: { album: '42' },
        }),
      )
      const head = await suite.user.s3.send(new HeadObjectCommand({ Bucket: suite.bucket, Key: key }))
      expect(head).toMatchObject({
        ContentLength: 5,
        ContentType: 'text/plain',
        ETag: `"${md5('hello')}"`,
        Metadata: { album: '42' },
      })
      expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 600_000)
      expect(await suite.user.readText(key)).toBe('hello')
    })

    test('may be empty', async () => {
      const key = suite.newKey()
      const response = await rawRequest(await suite.user.presignPut(key), { method: 'PUT', body: '' })
      expect(response.headers.etag).toBe(`"${md5('')}"`)
      expect(await suite.user.read(key)).toHaveLength(0)
    })

    test('is replaced by another with the same key', async () => {
      const key = suite.newKey()
      await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key: key, Body: 'first' }))
      await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key: key, Body: 'second' }))
      expect(await suite.user.readText(key)).toBe('second')
    })

    test('is gone after it is deleted, and can be deleted again', async () => {
      const key = suite.newKey()
      const command = new DeleteObjectCommand({ Bucket: suite.bucket, Key: key })
      await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key: key, Body: 'x' }))
      await suite.user.s3.send(command)
      await expect(suite.user.read(key)).rejects.toMatchObject({ name: 'NoSuchKey' })
      await suite.user.s3.send(command)
    })

    test.each([
      ['bytes=2-4', '234'],
      ['bytes=7-', '789'],
      ['bytes=-2', '89'],
      ['bytes=5-1000', '56789'],
    ])('answers the range %s with exactly those bytes', async (range, expected) => {
      const key = suite.newKey()
      await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key: key, Body: '0123456789' }))
      const got = await suite.user.s3.send(
        new GetObjectCommand({ Bucket: suite.bucket, Key: key, Range: range }),
      )
      expect(got.$metadata.httpStatusCode).toBe(206)
      expect(got.ContentRange).toMatch(/^bytes \d+-\d+\/10$/)
      expect(await got.Body?.transformToString()).toBe(expected)
    })

    test('has no range beyond its end', async () => {
      const key = suite.newKey()
      await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key: key, Body: '0123456789' }))
      await expect(suite.user.read(key, 'bytes=10-11')).rejects.toMatchObject({ name: 'InvalidRange' })
    })

    test('is returned only if the condition on its ETag holds', async () => {
      const Key = suite.newKey()
      const { ETag } = await suite.user.s3.send(
        new PutObjectCommand({ Bucket: suite.bucket, Key, Body: 'x' }),
      )
      const get = (condition: { IfMatch?: string; IfNoneMatch?: string }) =>
        suite.user.s3.send(new GetObjectCommand({ Bucket: suite.bucket, Key, ...condition })).then(
          ({ $metadata }) => $metadata.httpStatusCode,
          (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
        )
      expect(await get({ IfMatch: ETag ?? '' })).toBe(200)
      expect(await get({ IfMatch: '"other"' })).toBe(412)
      expect(await get({ IfNoneMatch: ETag ?? '' })).toBe(304)
      expect(await get({ IfNoneMatch: '"other"' })).toBe(200)
    })

    test('is returned with the Content-Disposition that the URL asks for', async () => {
      const key = suite.newKey()
      await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key: key, Body: 'x' }))
      const disposition = 'attachment; filename="with space.txt"'
      const input = { Bucket: suite.bucket, Key: key, ResponseContentDisposition: disposition }
      const response = await rawRequest(await suite.user.presign(new GetObjectCommand(input)))
      expect(response.status).toBe(200)
      expect(response.headers['content-disposition']).toBe(disposition)
    })

    test('is NoSuchKey if it does not exist, and 404 for HEAD', async () => {
      const input = { Bucket: suite.bucket, Key: suite.newKey() }
      await expect(suite.user.s3.send(new GetObjectCommand(input))).rejects.toMatchObject({
        name: 'NoSuchKey',
      })
      const head = suite.user.s3.send(new HeadObjectCommand(input))
      await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } })
    })

    test('is NoSuchBucket if its bucket does not exist', async () => {
      const input = { Bucket: `no-${randomUUID()}`, Key: 'x' }
      await expect(suite.user.s3.send(new GetObjectCommand(input))).rejects.toMatchObject({
        name: 'NoSuchBucket',
      })
      const head = suite.user.s3.send(new HeadBucketCommand(input))
      await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } })
    })

    test.each(oddKeys)('may be called %s', async (name) => {
      const key = suite.newKey() + name
      const put = await rawRequest(await suite.user.presignPut(key), { method: 'PUT', body: name })
      expect(put.status).toBe(200)
      expect(await suite.user.readText(key)).toBe(name)
      const got = await rawRequest(
        await suite.user.presign(new GetObjectCommand({ Bucket: suite.bucket, Key: key })),
      )
      expect(got.body.toString()).toBe(name)
      const listed = await suite.user.s3.send(new ListObjectsV2Command({ Bucket: suite.bucket, Prefix: key }))
      expect(listed.Contents?.map(({ Key }) => Key)).toEqual([key])
      const uploadId = await suite.user.create(key)
      const part = await rawRequest(await suite.user.presignPart(key, uploadId, 1), {
        method: 'PUT',
        body: 'part',
      })
      await suite.user.complete(key, uploadId, [{ PartNumber: 1, ETag: part.headers.etag }])
      expect(await suite.user.readText(key)).toBe('part')
    })

    test('is listed with others of the same prefix, page by page and in order', async () => {
      const folder = `${suite.newKey()}/`
      const keys = ['a', 'b', 'c', 'd', 'e'].map((letter) => folder + letter)
      for (const Key of keys.toReversed())
        await suite.user.s3.send(new PutObjectCommand({ Bucket: suite.bucket, Key, Body: Key }))
      const pages: (string | undefined)[][] = []
      let token: string | undefined
      do {
        const input = { Bucket: suite.bucket, Prefix: folder, MaxKeys: 2, ContinuationToken: token }
        const page = await suite.user.s3.send(new ListObjectsV2Command(input))
        pages.push((page.Contents ?? []).map(({ Key }) => Key))
        token = page.NextContinuationToken
      } while (token !== undefined)
      expect(pages).toEqual([keys.slice(0, 2), keys.slice(2, 4), keys.slice(4)])
    })
  })
}

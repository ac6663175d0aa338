import { createHash } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { rawRequest } from './raw-request.ts'
import { md5, minimumPart, type S3Suite } from './s3-suite.ts'

export function describeUploads(suite: S3Suite): void {
  describe(`${suite.name}: a multipart upload`, () => {
    const big = [
      Buffer.alloc(minimumPart, 'first '),
      Buffer.alloc(minimumPart + 7, 'second '),
      Buffer.from('last'),
    ]

    test('becomes an object of its parts, with the ETag that S3 computes from theirs', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const sent = [...big.entries()].toReversed()
      const parts = await Promise.all(
        sent.map(([index, body]) => suite.user.putPart(key, uploadId, index + 1, body)),
      )
      const completed = await suite.user.complete(key, uploadId, parts.toReversed())
      const head = await suite.user.s3.send(new HeadObjectCommand({ Bucket: suite.bucket, Key: key }))
      expect(head.ETag).toBe(multipartEtag(big))
      expect(completed.ETag).toBe(suite.differs('empty-etag-on-complete') ? '' : head.ETag)
      expect((await suite.user.read(key)).equals(Buffer.concat(big))).toBe(true)
      const across = await suite.user.read(key, `bytes=${minimumPart - 3}-${2 * minimumPart + 8}`)
      expect(across.equals(Buffer.concat(big).subarray(minimumPart - 3, 2 * minimumPart + 9))).toBe(true)
    })

    test('keeps the type and the metadata it was created with', async () => {
      const key = suite.newKey()
      const input = { Bucket: suite.bucket, Key: key, ContentType: 'video/mp4', Metadata: { album: '42' } }
      const { UploadId = '' } = await suite.user.s3.send(new CreateMultipartUploadCommand(input))
      await suite.user.complete(key, UploadId, [await suite.user.putPart(key, UploadId, 1, Buffer.from('x'))])
      const head = await suite.user.s3.send(new HeadObjectCommand({ Bucket: suite.bucket, Key: key }))
      expect(head).toMatchObject({ ContentType: 'video/mp4', Metadata: { album: '42' } })
    })

    test('may have a single part, even an empty one', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      await suite.user.complete(key, uploadId, [await suite.user.putPart(key, uploadId, 1, Buffer.alloc(0))])
      expect(await suite.user.read(key)).toHaveLength(0)
    })

    test('is completed once, and completing it again gets the same answer', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const parts = [await suite.user.putPart(key, uploadId, 1, Buffer.from('x'))]
      await suite.user.complete(key, uploadId, parts)
      const again = await suite.user.complete(key, uploadId, parts)
      const etag = multipartEtag([Buffer.from('x')])
      expect(again.ETag).toBe(suite.differs('bare-etag-on-repeat') ? etag.replaceAll('"', '') : etag)
      expect(await suite.user.readText(key)).toBe('x')
    })

    test('accepts ETags with and without their quotes', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      await suite.user.putPart(key, uploadId, 1, Buffer.from('x'))
      await suite.user.complete(key, uploadId, [{ PartNumber: 1, ETag: md5('x') }])
      expect(await suite.user.readText(key)).toBe('x')
    })

    test('keeps the newest of several parts with the same number', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      await suite.user.putPart(key, uploadId, 1, Buffer.from('first'))
      const last = await suite.user.putPart(key, uploadId, 1, Buffer.from('last'))
      await suite.user.complete(key, uploadId, [last])
      expect(await suite.user.readText(key)).toBe('last')
    })

    test('leaves out parts that are not in the list', async (context) => {
      suite.mayDiffer(context, 'refuses-part-subsets')
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      await suite.user.putPart(key, uploadId, 1, Buffer.from('left out'))
      await suite.user.complete(key, uploadId, [
        await suite.user.putPart(key, uploadId, 7, Buffer.from('kept')),
      ])
      expect(await suite.user.readText(key)).toBe('kept')
    })

    test('is not completed with a part that was not uploaded, or with a wrong ETag', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const part = await suite.user.putPart(key, uploadId, 1, Buffer.from('x'))
      const unknown = suite.user.complete(key, uploadId, [part, { PartNumber: 2, ETag: part.ETag }])
      await expect(unknown).rejects.toMatchObject({ name: 'InvalidPart' })
      const other = suite.user.complete(key, uploadId, [{ PartNumber: 1, ETag: `"${md5('y')}"` }])
      await expect(other).rejects.toMatchObject({ name: 'InvalidPart' })
      await suite.user.complete(key, uploadId, [part])
    })

    test('is not completed with its parts in the wrong order', async (context) => {
      suite.mayDiffer(context, 'ignores-part-order')
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const parts = [
        await suite.user.putPart(key, uploadId, 1, Buffer.alloc(minimumPart, 'x')),
        await suite.user.putPart(key, uploadId, 2, Buffer.alloc(minimumPart, 'y')),
      ]
      const backwards = suite.user.complete(key, uploadId, parts.toReversed())
      await expect(backwards).rejects.toMatchObject({ name: 'InvalidPartOrder' })
    })

    test('is not completed if a part other than the last is smaller than 5 MiB', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const parts = [
        await suite.user.putPart(key, uploadId, 1, Buffer.alloc(minimumPart - 1)),
        await suite.user.putPart(key, uploadId, 2, Buffer.from('y')),
      ]
      await expect(suite.user.complete(key, uploadId, parts)).rejects.toMatchObject({
        name: 'EntityTooSmall',
      })
    })

    test.each([
      ['no parts', '<CompleteMultipartUpload></CompleteMultipartUpload>'],
      ['no XML', 'parts: 1'],
    ])('is not completed with %s', async (_, body) => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const command = new CompleteMultipartUploadCommand({
        Bucket: suite.bucket,
        Key: key,
        UploadId: uploadId,
      })
      const response = await rawRequest(await suite.user.presign(command), { method: 'POST', body })
      expect([response.status, response.element('Code')]).toEqual([400, 'MalformedXML'])
    })

    test.for([0, 10_001])('does not accept the part number %i', async (number, context) => {
      suite.mayDiffer(context, number === 0 ? 'accepts-part-0' : 'accepts-part-10001')
      const key = suite.newKey()
      const sent = suite.user.putPart(key, await suite.user.create(key), number, 'x')
      await expect(sent).rejects.toMatchObject({ name: 'InvalidArgument' })
    })

    describe.each(['aborted', 'completed', 'unknown'] as const)('that is %s is NoSuchUpload', (fate) => {
      test.for(['ListParts', 'UploadPart', 'AbortMultipartUpload'] as const)(
        'to %s',
        async (operation, context) => {
          if (operation === 'ListParts') suite.mayDiffer(context, 'lost-is-no-such-key')
          const { key, uploadId } = await ended(fate)
          const input = { Bucket: suite.bucket, Key: key, UploadId: uploadId }
          const calls = {
            ListParts: () => suite.user.s3.send(new ListPartsCommand(input)),
            UploadPart: () => suite.user.putPart(key, uploadId, 2, 'x'),
            AbortMultipartUpload: () => suite.user.abort(key, uploadId),
          }
          const lost = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } }
          await expect(calls[operation]()).rejects.toMatchObject(lost)
        },
      )

      if (fate === 'completed') return
      test('to CompleteMultipartUpload', async (context) => {
        suite.mayDiffer(context, 'fails-on-completing-lost')
        const { key, uploadId, part } = await ended(fate)
        const lost = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } }
        await expect(suite.user.complete(key, uploadId, [part])).rejects.toMatchObject(lost)
      })
    })

    /** An upload that no longer exists, or never did. */
    async function ended(fate: 'aborted' | 'completed' | 'unknown') {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      const part = await suite.user.putPart(key, uploadId, 1, Buffer.from('x'))
      if (fate === 'completed') await suite.user.complete(key, uploadId, [part])
      else await suite.user.abort(key, uploadId)
      return { key, uploadId: fate === 'unknown' ? 'never-was' : uploadId, part }
    }

    test('is found only under its own key', async () => {
      const uploadId = await suite.user.create(suite.newKey())
      const response = await rawRequest(await suite.user.presignPart(suite.newKey(), uploadId, 1), {
        method: 'PUT',
        body: 'x',
      })
      expect([response.status, response.element('Code')]).toEqual([404, 'NoSuchUpload'])
    })

    test('is listed until it is completed', async () => {
      const folder = `${suite.newKey()}/`
      const listed = async () => {
        const list = await suite.user.s3.send(
          new ListMultipartUploadsCommand({ Bucket: suite.bucket, Prefix: folder }),
        )
        return (list.Uploads ?? []).map(({ Key, UploadId }) => [Key, UploadId])
      }
      const [one, other] = [`${folder}one`, `${folder}other`]
      const [oneId, otherId] = [await suite.user.create(one), await suite.user.create(other)]
      expect(await listed()).toEqual([
        [one, oneId],
        [other, otherId],
      ])
      await suite.user.complete(one, oneId, [await suite.user.putPart(one, oneId, 1, Buffer.from('x'))])
      expect(await listed()).toEqual([[other, otherId]])
    })

    test('lists its parts with their sizes and ETags', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      await suite.user.putPart(key, uploadId, 12, Buffer.from('twelve'))
      await suite.user.putPart(key, uploadId, 3, Buffer.from('x'))
      const list = await suite.user.s3.send(
        new ListPartsCommand({ Bucket: suite.bucket, Key: key, UploadId: uploadId }),
      )
      expect(list.IsTruncated).toBe(false)
      expect(list.Parts).toMatchObject([
        { PartNumber: 3, Size: 1, ETag: `"${md5('x')}"` },
        { PartNumber: 12, Size: 6, ETag: `"${md5('twelve')}"` },
      ])
    })

    test('lists its parts page by page', async () => {
      const key = suite.newKey()
      const uploadId = await suite.user.create(key)
      for (const number of [2, 3, 5, 7, 11]) await suite.user.putPart(key, uploadId, number, 'x')
      const input = { Bucket: suite.bucket, Key: key, UploadId: uploadId, MaxParts: 2 }
      const pages: (number | undefined)[][] = []
      let marker: string | undefined
      do {
        const page = await suite.user.s3.send(new ListPartsCommand({ ...input, PartNumberMarker: marker }))
        pages.push((page.Parts ?? []).map(({ PartNumber }) => PartNumber))
        marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
      } while (marker !== undefined)
      expect(pages).toEqual([[2, 3], [5, 7], [11]])
    })
  })
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, ETag */
function multipartEtag(parts: readonly Uint8Array[]): string {
  const digests = parts.map((part) => createHash('md5').update(part).digest())
  return `"${md5(Buffer.concat(digests))}-${parts.length}"`
}

import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { rawRequest } from './raw-request.ts'
import { checksums, checkText, type S3Suite } from './s3-suite.ts'

export function describeBodies(suite: S3Suite): void {
  describe(`${suite.name}: a body`, () => {
    test('is refused without a Content-Length', async (context) => {
      suite.mayDiffer(context, 'accepts-unknown-length')
      const headers = { 'transfer-encoding': 'chunked' }
      const response = await rawRequest(await suite.user.presignPut(suite.newKey()), {
        method: 'PUT',
        body: 'x',
        headers,
      })
      expect(response.status).toBe(411)
      expect(response.element('Code')).toBe('MissingContentLength')
    })

    test('is refused if its Content-MD5 is that of other bytes', async () => {
      const key = suite.newKey()
      const right = createHash('md5').update(checkText).digest('base64')
      const wrong = createHash('md5').update('other').digest('base64')
      const refused = await suite.user.putWithHeaders(key, checkText, { 'content-md5': wrong })
      expect([refused.status, refused.element('Code')]).toEqual([400, 'BadDigest'])
      await expect(suite.user.read(key)).rejects.toMatchObject({ name: 'NoSuchKey' })
      expect((await suite.user.putWithHeaders(key, checkText, { 'content-md5': right })).status).toBe(200)
    })

    test('is refused if its Content-MD5 is not an MD5', async () => {
      const response = await suite.user.putWithHeaders(suite.newKey(), checkText, {
        'content-md5': 'nonsense',
      })
      expect([response.status, response.element('Code')]).toEqual([400, 'InvalidDigest'])
    })

    test('is refused if its signature names another SHA-256', async () => {
      const client = suite.newUser()
      client.s3.middlewareStack.add(
        (next) => (args) => {
          const request = args.request as { body: unknown }
          request.body = 'OTHER'
          return next(args)
        },
        { step: 'finalizeRequest', priority: 'low' },
      )
      const command = new PutObjectCommand({ Bucket: suite.bucket, Key: suite.newKey(), Body: 'right' })
      await expect(client.s3.send(command)).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' })
    })

    describe.each(['by itself', 'beside its name'] as const)('with a checksum %s', (how) => {
      test.for(checksums)(
        'is refused if it does not match its $algorithm',
        async ({ algorithm, value }, context) => {
          suite.mayDiffer(
            context,
            'ignores-checksums',
            ...(how === 'by itself' ? (['ignores-bare-checksums'] as const) : []),
          )
          const name = `x-amz-checksum-${algorithm}`
          const said = how === 'by itself' ? {} : { 'x-amz-sdk-checksum-algorithm': algorithm.toUpperCase() }
          const key = suite.newKey()
          const wrong = { ...said, [name]: `AAAA${value.slice(4)}` }
          const refused = await suite.user.putWithHeaders(key, checkText, wrong)
          expect([refused.status, refused.element('Code')]).toEqual([400, 'BadDigest'])
          await expect(suite.user.read(key)).rejects.toMatchObject({ name: 'NoSuchKey' })
          const stored = await suite.user.putWithHeaders(key, checkText, { ...said, [name]: value })
          expect(stored.status).toBe(200)
        },
      )
    })

    test("may come in the SDK's own framing, with its checksum at the end", async (context) => {
      suite.mayDiffer(context, 'refuses-trailers')
      const withDefaults = suite.newUser({ requestChecksumCalculation: 'WHEN_SUPPORTED' })
      const key = suite.newKey()
      const body = Buffer.alloc(300_000, 'framed ')
      const chunks = [body.subarray(0, 100_000), body.subarray(100_000)]
      await withDefaults.s3.send(
        new PutObjectCommand({
          Bucket: suite.bucket,
          Key: key,
          Body: Readable.from(chunks),
          ContentLength: body.length,
        }),
      )
      const head = await suite.user.s3.send(
        new HeadObjectCommand({ Bucket: suite.bucket, Key: key, ChecksumMode: 'ENABLED' }),
      )
      expect(head.ChecksumCRC32).toBeDefined()
      const unasked = await suite.user.s3.send(new HeadObjectCommand({ Bucket: suite.bucket, Key: key }))
      expect(unasked.ChecksumCRC32).toBeUndefined()
      expect(head.ContentEncoding ?? '').not.toContain('aws-chunked')
      expect((await suite.user.read(key)).equals(body)).toBe(true)
    })
  })
}

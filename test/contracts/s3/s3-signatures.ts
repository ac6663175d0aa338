import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { rawRequest } from './raw-request.ts'
import { md5, type S3Suite } from './s3-suite.ts'

export function describeSignatures(suite: S3Suite): void {
  describe(`${suite.name}: a presigned URL`, () => {
    test('stores the bytes that are sent to it', async () => {
      const key = suite.newKey()
      const response = await rawRequest(await suite.user.presignPut(key), { method: 'PUT', body: 'sent' })
      expect(response.status).toBe(200)
      expect(response.headers.etag).toBe(`"${md5('sent')}"`)
      expect(await suite.user.readText(key)).toBe('sent')
    })

    test('is refused when it has expired', async () => {
      const signingDate = new Date(Date.now() - 120_000)
      const url = await suite.user.presignPut(suite.newKey(), { signingDate, expiresIn: 60 })
      const response = await rawRequest(url, { method: 'PUT', body: 'late' })
      expect(response.status).toBe(403)
      expect(response.element('Code')).toBe('AccessDenied')
    })

    test.each([
      ['for another key', (url: string) => url.replace(/\?/, 'x?')],
      ['for another method', (url: string) => url.replace('x-id=PutObject', 'x-id=GetObject')],
      ['with another life', (url: string) => url.replace('X-Amz-Expires=600', 'X-Amz-Expires=601')],
      ['with a parameter more', (url: string) => `${url}&acting=otherwise`],
      ['with another signature', (url: string) => url.replace(/Signature=(.)/, otherDigit)],
    ])('is refused %s', async (_, tamper) => {
      const url = tamper(await suite.user.presignPut(suite.newKey()))
      const response = await rawRequest(url, { method: 'PUT', body: 'tampered' })
      expect(response.status).toBe(403)
      expect(response.element('Code')).toBe('SignatureDoesNotMatch')
    })

    test('is refused for any method other than its own', async () => {
      const key = suite.newKey()
      const url = await suite.user.presignPut(key)
      await rawRequest(url, { method: 'PUT', body: 'there' })
      expect((await rawRequest(url, { method: 'DELETE' })).status).toBe(403)
      expect(await suite.user.readText(key)).toBe('there')
    })

    test('is refused if a signed header is missing', async () => {
      const command = new PutObjectCommand({
        Bucket: suite.bucket,
        Key: suite.newKey(),
        ContentType: 'text/plain',
      })
      const url = await suite.user.presign(command, { signableHeaders: new Set(['content-type', 'host']) })
      const without = await rawRequest(url, { method: 'PUT', body: 'x' })
      const other = await rawRequest(url, {
        method: 'PUT',
        body: 'x',
        headers: { 'content-type': 'text/css' },
      })
      const right = await rawRequest(url, {
        method: 'PUT',
        body: 'x',
        headers: { 'content-type': 'text/plain' },
      })
      expect([without.status, other.status, right.status]).toEqual([403, 403, 200])
    })

    // The URL of docs/examples/server-one-put.ts.
    test.each(['five!', ''])(
      'with a signed length accepts %o and nothing of another length',
      async (body) => {
        const key = suite.newKey()
        const command = new PutObjectCommand({ Bucket: suite.bucket, Key: key, ContentLength: body.length })
        const url = await suite.user.presign(command)
        expect((await rawRequest(url, { method: 'PUT', body })).status).toBe(200)
        for (const other of [`${body}!`, body.slice(1), 'four'].filter((one) => one !== body))
          expect((await rawRequest(url, { method: 'PUT', body: other })).status).toBe(403)
        expect(await suite.user.readText(key)).toBe(body)
      },
    )

    test('may carry a Content-Type that was not signed', async (context) => {
      suite.mayDiffer(context, 'refuses-unsigned-content-type')
      const headers = { 'content-type': 'image/png' }
      const response = await rawRequest(await suite.user.presignPut(suite.newKey()), {
        method: 'PUT',
        body: 'x',
        headers,
      })
      expect(response.status).toBe(200)
    })

    test('is refused with an x-amz- header that was not signed', async (context) => {
      suite.mayDiffer(context, 'accepts-unsigned-headers')
      const headers = { 'x-amz-meta-album': '42' }
      const response = await rawRequest(await suite.user.presignPut(suite.newKey()), {
        method: 'PUT',
        body: 'x',
        headers,
      })
      expect(response.status).toBe(403)
    })

    test('is refused together with an Authorization header', async (context) => {
      suite.mayDiffer(context, 'accepts-two-signatures')
      const headers = { authorization: 'Bearer token-of-the-application' }
      const response = await rawRequest(await suite.user.presignPut(suite.newKey()), {
        method: 'PUT',
        body: 'x',
        headers,
      })
      expect(response.status).toBe(400)
    })

    test('does not apply a checksum in its query to the body', async () => {
      const withDefaults = suite.newUser({ requestChecksumCalculation: 'WHEN_SUPPORTED' })
      const key = suite.newKey()
      const url = await withDefaults.presign(new PutObjectCommand({ Bucket: suite.bucket, Key: key }))
      expect(url).toContain('x-amz-checksum-crc32')
      expect((await rawRequest(url, { method: 'PUT', body: 'other bytes' })).status).toBe(200)
    })

    test('is refused if the access key is unknown', async () => {
      const stranger = suite.newUser({ credentials: { accessKeyId: 'STRANGER', secretAccessKey: 'secret' } })
      const url = await stranger.presign(new PutObjectCommand({ Bucket: suite.bucket, Key: suite.newKey() }))
      const response = await rawRequest(url, { method: 'PUT', body: 'x' })
      expect(response.status).toBe(403)
      expect(response.element('Code')).toBe('InvalidAccessKeyId')
    })
  })

  describe(`${suite.name}: a request`, () => {
    test('is refused without a signature', async () => {
      const command = new GetObjectCommand({ Bucket: suite.bucket, Key: suite.newKey() })
      const [unsigned = ''] = (await suite.user.presign(command)).split('?')
      const response = await rawRequest(unsigned)
      expect(response.status).toBe(403)
      expect(response.element('Code')).toBe('AccessDenied')
    })

    test('is refused if it was signed with another secret', async () => {
      const { accessKeyId } = suite.storage.credentials
      const forger = suite.newUser({ credentials: { accessKeyId, secretAccessKey: 'guessed' } })
      const command = new GetObjectCommand({ Bucket: suite.bucket, Key: suite.newKey() })
      await expect(forger.s3.send(command)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
    })

    test('is refused if it was signed twenty minutes ago', async () => {
      const late = suite.newUser({ systemClockOffset: -20 * 60_000 })
      const command = new GetObjectCommand({ Bucket: suite.bucket, Key: suite.newKey() })
      await expect(late.s3.send(command)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' })
    })
  })
}

function otherDigit(_: string, digit: string): string {
  return `Signature=${digit === '0' ? '1' : '0'}`
}

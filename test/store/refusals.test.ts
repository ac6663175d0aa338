import { createHash } from 'node:crypto'
import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { rawRequest } from '../contracts/s3/raw-request.ts'
import { type SignedRequest, sendSigned } from './sign-request.ts'
import { bucket, filesIn, startStore, temporaryDirectory, userOf } from './started-store.ts'

const put: SignedRequest = { method: 'PUT', key: 'key', body: 'body' }
const emptyHash = createHash('sha256').digest('hex')

async function refusalOf(request: SignedRequest): Promise<[number, string]> {
  const { status, element } = await sendSigned(await startStore(), request)
  return [status, element('Code')]
}

describe('a request that was signed in its header', () => {
  test('is served', async () => {
    expect(await refusalOf(put)).toEqual([200, ''])
  })

  test.each<[string, Record<string, string>, [number, string]]>([
    ['a scheme of its own', { authorization: 'Bearer token' }, [400, 'InvalidArgument']],
    [
      'no credential',
      { authorization: 'AWS4-HMAC-SHA256 Credential=demo' },
      [400, 'AuthorizationHeaderMalformed'],
    ],
    ['another date', { 'x-amz-date': '20200101T000000Z' }, [400, 'AuthorizationHeaderMalformed']],
    ['another payload hash', { 'x-amz-content-sha256': emptyHash }, [403, 'SignatureDoesNotMatch']],
    ['an unsigned x-amz- header', { 'x-amz-meta-album': '42' }, [403, 'AccessDenied']],
    ['a token of somebody else', { 'x-amz-security-token': 'token' }, [400, 'InvalidToken']],
  ])('is refused with %s', async (_, replaced, refusal) => {
    expect(await refusalOf({ ...put, replaced })).toEqual(refusal)
  })

  test('is refused for another region', async () => {
    const store = await startStore()
    const { status, element } = await sendSigned({ ...store, region: 'eu-west-1' }, put)
    expect([status, element('Code'), element('Region')]).toEqual([
      400,
      'AuthorizationHeaderMalformed',
      'us-east-1',
    ])
  })
})

describe('a header', () => {
  test.each<[Record<string, string>, [number, string]]>([
    [{ 'x-amz-content-sha256': 'nonsense' }, [400, 'InvalidArgument']],
    [{ 'x-amz-content-sha256': emptyHash }, [400, 'XAmzContentSHA256Mismatch']],
    [{ 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }, [501, 'NotImplemented']],
    [{ 'x-amz-copy-source': '/uploads/other' }, [501, 'NotImplemented']],
    [{ 'x-amz-checksum-crc32c': 'AAAA' }, [400, 'InvalidRequest']],
    [{ 'x-amz-checksum-crc32c': '4waSgw==', 'x-amz-checksum-crc32': 'y/Q5Jg==' }, [400, 'InvalidRequest']],
    [{ 'x-amz-sdk-checksum-algorithm': 'CRC32' }, [400, 'InvalidRequest']],
    [{ 'x-amz-trailer': 'x-amz-checksum-md4' }, [400, 'InvalidRequest']],
    [{ 'if-none-match': '"etag"' }, [501, 'NotImplemented']],
  ])('is refused if it cannot be honoured: %j', async (headers, refusal) => {
    expect(await refusalOf({ ...put, headers })).toEqual(refusal)
  })

  test('is refused before the body comes if it announces more than 5 GiB', async () => {
    const store = await startStore()
    const url = await userOf(store).presignPut('key')
    const headers = { 'content-length': 5 * 1024 ** 3 + 1, connection: 'close' }
    const response = await rawRequest(url, { method: 'PUT', headers })
    expect([response.status, response.element('Code')]).toEqual([400, 'EntityTooLarge'])
  })
})

describe('a body in aws-chunked framing', () => {
  const framed: SignedRequest = {
    method: 'PUT',
    key: 'key',
    headers: {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32c',
      'x-amz-decoded-content-length': '9',
      'content-encoding': 'aws-chunked,gzip',
    },
    body: '9\r\n123456789\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n\r\n',
  }

  test('is stored without its frame', async () => {
    const store = await startStore()
    expect((await sendSigned(store, framed)).status).toBe(200)
    const response = await sendSigned(store, { method: 'GET', key: 'key' })
    expect([response.body.toString(), response.headers['content-encoding']]).toEqual(['123456789', 'gzip'])
  })

  test.each<[string, string, Record<string, string>, [number, string]]>([
    ['another checksum', '9\r\n123456780\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n', {}, [400, 'BadDigest']],
    ['no trailer', '9\r\n123456789\r\n0\r\n\r\n', {}, [400, 'InvalidRequest']],
    ['another length', framed.body ?? '', { 'x-amz-decoded-content-length': '8' }, [400, 'IncompleteBody']],
  ])('is refused with %s, and leaves nothing behind', async (_, body, headers, refusal) => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const request = { ...framed, body, headers: { ...framed.headers, ...headers } }
    const { status, element } = await sendSigned(store, request)
    expect([status, element('Code')]).toEqual(refusal)
    expect(await filesIn(directory)).toMatchObject({ buckets: 0, content: 0, temporary: 0 })
  })
})

describe('an object', () => {
  test('is refused if its key has more than 1024 bytes', async () => {
    const user = userOf(await startStore())
    await user.put('é'.repeat(512), 'x')
    await expect(user.put(`${'é'.repeat(512)}x`, 'x')).rejects.toMatchObject({ name: 'KeyTooLongError' })
  })

  test('is answered without headers that HTTP cannot carry', async () => {
    const store = await startStore()
    await userOf(store).put('key', 'x')
    const disposition = { 'response-content-disposition': 'attachment; filename="日本語"' }
    const response = await sendSigned(store, { method: 'GET', key: 'key', query: disposition })
    expect([response.status, response.element('Code')]).toEqual([400, 'InvalidArgument'])
  })

  test('is not overwritten if that was forbidden', async () => {
    const user = userOf(await startStore())
    const input = { Bucket: bucket, Key: 'key', IfNoneMatch: '*' }
    await user.s3.send(new PutObjectCommand({ ...input, Body: 'first' }))
    const second = user.s3.send(new PutObjectCommand({ ...input, Body: 'second' }))
    await expect(second).rejects.toMatchObject({ name: 'PreconditionFailed' })
    expect(await user.readText('key')).toBe('first')
  })
})

describe('an upload', () => {
  test.each([
    [{ ChecksumType: 'FULL_OBJECT' }],
    [{ ChecksumType: 'FULL_OBJECT', ChecksumAlgorithm: 'SHA256' }],
    [{ ChecksumType: 'COMPOSITE', ChecksumAlgorithm: 'CRC64NVME' }],
  ] as const)('is refused with an unknown checksum: %j', async (checksum) => {
    const user = userOf(await startStore())
    const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'key', ...checksum })
    await expect(user.s3.send(command)).rejects.toMatchObject({ name: 'InvalidRequest' })
  })

  test('with composite checksums needs one for every part, in the list too', async () => {
    const store = await startStore()
    const user = userOf(store)
    const uploadId = await user.create('key', { ChecksumAlgorithm: 'CRC32C' })
    const refused = { name: 'InvalidRequest' }
    await expect(user.putPart('key', uploadId, 1, 'x')).rejects.toMatchObject(refused)
    const headers = { 'x-amz-checksum-crc32c': '4waSgw==' }
    const query = { partNumber: '1', uploadId }
    const part = await sendSigned(store, { method: 'PUT', key: 'key', query, headers, body: '123456789' })
    const list = [{ PartNumber: 1, ETag: part.headers.etag }]
    await expect(user.complete('key', uploadId, list)).rejects.toMatchObject(refused)
  })

  test('is not completed with a size that differs from the announced one', async () => {
    const store = await startStore()
    const user = userOf(store)
    const uploadId = await user.create('key')
    const { ETag } = await user.putPart('key', uploadId, 1, 'x')
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${ETag}</ETag></Part></CompleteMultipartUpload>`
    const completeAs = (size: string) =>
      sendSigned(store, {
        method: 'POST',
        key: 'key',
        query: { uploadId },
        headers: { 'x-amz-mp-object-size': size },
        body,
      })
    expect((await completeAs('2')).element('Code')).toBe('InvalidRequest')
    expect((await completeAs('1')).status).toBe(200)
  })
})

describe('a bucket whose name S3 does not allow', () => {
  test('is refused at the start', async () => {
    await expect(startStore({ buckets: ['../outside'] })).rejects.toThrow('bucket')
  })
})

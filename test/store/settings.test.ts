import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { rawRequest } from '../contracts/s3/raw-request.ts'
import { filesIn, startStore, temporaryDirectory, userOf } from './started-store.ts'

const origin = 'https://page.example'

describe("a presigned URL, by the store's own clock,", () => {
  test('is valid to its last second, and not a second longer', async () => {
    let now = Date.now()
    const store = await startStore({ now: () => now })
    const signed = new Date(Math.floor(now / 1000) * 1000)
    const url = await userOf(store).presignPut('key', { signingDate: signed })
    now = signed.getTime() + 600_000
    expect((await rawRequest(url, { method: 'PUT', body: 'x' })).status).toBe(200)
    now += 1000
    const late = await rawRequest(url, { method: 'PUT', body: 'x' })
    expect([late.status, late.element('Code'), late.element('Message')]).toEqual([
      403,
      'AccessDenied',
      'Request has expired',
    ])
  })

  test('is not valid before it was signed', async () => {
    const store = await startStore({ now: () => Date.now() - 3_600_000 })
    const url = await userOf(store).presignPut('key')
    const early = await rawRequest(url, { method: 'PUT', body: 'x' })
    expect([early.status, early.element('Message')]).toEqual([403, 'Request is not valid yet'])
  })

  test.each([
    ['X-Amz-Expires=600', 'X-Amz-Expires=604801'],
    ['X-Amz-Expires=600', 'X-Amz-Expires=soon'],
    ['us-east-1', 'eu-west-1'],
    ['%2Fs3%2F', '%2Fsqs%2F'],
    ['AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'],
    ['X-Amz-Date=2', 'X-Amz-Date=x'],
  ])('is malformed with %s as %s', async (from, to) => {
    const store = await startStore()
    const url = (await userOf(store).presignPut('key')).replace(from, to)
    const response = await rawRequest(url, { method: 'PUT', body: 'x' })
    expect([response.status, response.element('Code')]).toEqual([400, 'AuthorizationQueryParametersError'])
  })
})

describe('strictHeaders', () => {
  test('refuses a Content-Type that was not signed, and accepts a body without one', async () => {
    const store = await startStore({ strictHeaders: true })
    const url = await userOf(store).presignPut('key')
    const headers = { 'content-type': 'image/png' }
    expect((await rawRequest(url, { method: 'PUT', body: 'x', headers })).status).toBe(403)
    expect((await rawRequest(url, { method: 'PUT', body: 'x' })).status).toBe(200)
  })
})

describe('a page', () => {
  test('reads the ETag only if it is exposed', async () => {
    const store = await startStore({ exposeHeaders: ['x-amz-request-id'] })
    const url = await userOf(store).presignPut('key')
    const { headers } = await rawRequest(url, { method: 'PUT', body: 'x', headers: { origin } })
    expect(headers['access-control-expose-headers']).toBe('x-amz-request-id')
    expect(headers.etag).toBeDefined()
  })

  test('cannot read errors if corsOnErrors is off, and can read everything else', async () => {
    const store = await startStore({ corsOnErrors: false })
    const url = await userOf(store).presignPut('key')
    const fine = await rawRequest(url, { method: 'PUT', body: 'x', headers: { origin } })
    const refused = await rawRequest(`${url}0`, { method: 'PUT', body: 'x', headers: { origin } })
    expect([fine.status, fine.headers['access-control-allow-origin']]).toEqual([200, '*'])
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([403, undefined])
  })

  test("gets neither a preflight's answer nor CORS headers if its origin is not allowed", async () => {
    const store = await startStore({ allowedOrigins: ['https://other.example'] })
    const url = await userOf(store).presignPut('key')
    const preflight = (from: string) =>
      rawRequest(url, {
        method: 'OPTIONS',
        headers: { origin: from, 'access-control-request-method': 'PUT' },
      })
    expect((await preflight(origin)).status).toBe(403)
    const allowed = await preflight('https://other.example')
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([
      200,
      'https://other.example',
    ])
    const { headers } = await rawRequest(url, { method: 'PUT', body: 'x', headers: { origin } })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  test('may not PATCH', async () => {
    const store = await startStore()
    const headers = { origin, 'access-control-request-method': 'PATCH' }
    expect((await rawRequest(`${store.endpoint}/uploads/key`, { method: 'OPTIONS', headers })).status).toBe(
      403,
    )
  })

  test('may read timings', async () => {
    const store = await startStore()
    const { headers } = await rawRequest(`${store.endpoint}/uploads/key`)
    expect(headers['timing-allow-origin']).toBe('*')
  })
})

describe('minimumPartSize', () => {
  test('applies to every part but the last', async () => {
    const store = await startStore({ minimumPartSize: 3 })
    const user = userOf(store)
    const uploadId = await user.create('key')
    const parts = [await user.putPart('key', uploadId, 1, 'xx'), await user.putPart('key', uploadId, 2, 'y')]
    await expect(user.complete('key', uploadId, parts)).rejects.toMatchObject({ name: 'EntityTooSmall' })
    const larger = await user.putPart('key', uploadId, 1, 'xxx')
    await user.complete('key', uploadId, [larger, ...parts.slice(1)])
    expect(await user.readText('key')).toBe('xxxy')
  })
})

describe('a store that discards', () => {
  test('answers like any other, keeps no bytes, and refuses to read them', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory, discard: true })
    const user = userOf(store)
    const uploadId = await user.create('key')
    const part = await user.putPart('key', uploadId, 1, 'hello')
    expect(part.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
    await user.complete('key', uploadId, [part])
    await user.put('other', 'x')
    await expect(user.readText('key')).rejects.toMatchObject({ name: 'NotImplemented' })
    await store.close()
    expect(await filesIn(directory)).toMatchObject({ content: 0, temporary: 0 })
  })
})

describe('a store that does not digest parts', () => {
  test('has ETags that are not MD5s, and completes with them', async () => {
    const store = await startStore({ digestParts: false })
    const user = userOf(store)
    const uploadId = await user.create('key')
    const parts = [await user.putPart('key', uploadId, 1, 'x'), await user.putPart('key', uploadId, 2, 'x')]
    expect(parts[0]?.ETag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(parts[0]?.ETag).not.toBe(parts[1]?.ETag)
    await user.complete('key', uploadId, parts)
    expect(await user.readText('key')).toBe('xx')
  })

  test('still verifies the digests that a request announces', async () => {
    const store = await startStore({ digestParts: false })
    const url = await userOf(store).presignPut('key')
    const headers = { 'content-md5': createHash('md5').update('other').digest('base64') }
    const response = await rawRequest(url, { method: 'PUT', body: 'x', headers })
    expect([response.status, response.element('Code')]).toEqual([400, 'BadDigest'])
  })
})

describe('a bucket', () => {
  test('can be created once, with a name that S3 allows', async () => {
    const { s3 } = userOf(await startStore())
    await s3.send(new CreateBucketCommand({ Bucket: 'another-1' }))
    const again = s3.send(new CreateBucketCommand({ Bucket: 'another-1' }))
    await expect(again).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' })
    const odd = s3.send(new CreateBucketCommand({ Bucket: 'Under_Score' }))
    await expect(odd).rejects.toMatchObject({ name: 'InvalidBucketName' })
  })
})

describe('an error', () => {
  test('is XML as S3 writes it', async () => {
    const store = await startStore()
    const response = await rawRequest(`${store.endpoint}/uploads/a%20%3C%26%3E`)
    expect(response.headers['content-type']).toBe('application/xml')
    expect(response.body.toString()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>' +
        `<Resource>/uploads/a &lt;&amp;&gt;</Resource><RequestId>${response.headers['x-amz-request-id']}</RequestId>` +
        '<HostId>embedded-object-store</HostId></Error>',
    )
  })

  test('has only its status for HEAD', async () => {
    const store = await startStore()
    const response = await rawRequest(`${store.endpoint}/uploads/key`, { method: 'HEAD' })
    expect([response.status, response.body.length]).toEqual([403, 0])
  })
})

describe('after it is closed', () => {
  test('a store has no connections left, and its port is free', async () => {
    const store = await startStore()
    const socket = connect(store.port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await store.close()
    await ended
    const again = await startStore({ port: store.port })
    expect(again.endpoint).toBe(store.endpoint)
  })
})

import { hash } from 'node:crypto'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { beforeEach, expect, test } from 'vitest'
import type { FaultEffect, LogEntry, ObjectStore } from '../../demo/server/store/object-store.ts'
import { canBeRelayed, startRelay } from '../../e2e/s3/relay.ts'
import { rawRequest } from '../contracts/s3/raw-request.ts'
import type { S3User } from '../contracts/s3/s3-user.ts'
import { atEnd, bucket, startStore, userOf } from '../store/started-store.ts'
import { until } from '../until.ts'

const mebibyte = 1024 * 1024

let store: ObjectStore
let relay: ObjectStore
let user: S3User
let uploadId: string

beforeEach(async () => {
  store = await startStore()
  relay = await startRelay({ ...store, bucket, pathStyle: true })
  atEnd(() => relay.close())
  user = userOf(relay)
  uploadId = await user.create('key')
})

function onPart(effect: FaultEffect): void {
  relay.faults.add({ operation: 'UploadPart', times: 1, effect })
}

function stored(): Promise<number[]> {
  return user.partNumbers('key', uploadId)
}

async function put(body: string | Uint8Array = 'part'): ReturnType<typeof rawRequest> {
  const url = await user.presignPart('key', uploadId, 1)
  return rawRequest(url, { method: 'PUT', headers: { origin: 'https://page.example' }, body })
}

function uploaded(): LogEntry | undefined {
  return relay.log.entries().find(({ operation }) => operation === 'UploadPart')
}

test('a request signed for the relay is verified by the store behind it, and both log it', async () => {
  const body = Buffer.alloc(3 * mebibyte, 'way ')
  const part = await user.putPart('key', uploadId, 1, body)
  await user.complete('key', uploadId, [part])
  expect(hash('sha256', await user.read('key'))).toBe(hash('sha256', body))
  expect((await user.read('key', 'bytes=4-6')).toString()).toBe('way')
  const head = await user.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'key' }))
  expect(head.ContentLength).toBe(body.length)
  // Each logs a request when it has ended there. That may be after its answer has arrived, and after the next request
  // has begun.
  const seen = (log: ObjectStore['log']) =>
    log
      .entries()
      .map(({ operation, partNumber, status, bytesReceived }) => ({
        operation,
        partNumber,
        status,
        bytesReceived,
      }))
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  await until(() => expect(seen(relay.log)).toEqual(seen(store.log)))
  expect(seen(relay.log)).toContainEqual({
    operation: 'UploadPart',
    partNumber: 1,
    status: 200,
    bytesReceived: body.length,
  })
  const stranger = userOf({ ...relay, credentials: { accessKeyId: 'demo', secretAccessKey: 'guessed' } })
  await expect(stranger.read('key')).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  await until(() =>
    expect(relay.log.entries().at(-1)).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' }),
  )
})

test('an expired URL is refused by the store, in its own words', async () => {
  onPart({ kind: 'expired' })
  const refused = await put()
  expect([refused.status, refused.element('Message')]).toEqual([403, 'Request has expired'])
  await until(() =>
    expect(store.log.entries().at(-1)).toMatchObject({ operation: 'UploadPart', status: 403 }),
  )
})

test('an ordered error can be read by a page, and nothing reaches the store', async () => {
  onPart({ kind: 'status', status: 503, retryAfter: 1 })
  const busy = await put()
  expect([busy.status, busy.element('Code')]).toEqual([503, 'SlowDown'])
  expect(busy.headers).toMatchObject({ 'retry-after': '1', 'access-control-allow-origin': '*' })
  expect(await stored()).toEqual([])
})

test('a connection that is cut in mid-body stores nothing', async () => {
  onPart({ kind: 'cut', afterBytes: mebibyte })
  await expect(put(Buffer.alloc(3 * mebibyte))).rejects.toThrow()
  expect(await stored()).toEqual([])
  // The log has a code, as for every request that stored nothing.
  await expect.poll(uploaded).toMatchObject({ status: 'cut', code: 'IncompleteBody', fault: 'cut' })
})

test('an answer is cut after the request took effect', async () => {
  onPart({ kind: 'cut-answer' })
  await expect(put()).rejects.toThrow()
  expect(await stored()).toEqual([1])
  await expect.poll(uploaded).toMatchObject({ status: 'cut', code: undefined })
})

test('an ETag can be hidden', async () => {
  onPart({ kind: 'hide-etag' })
  expect((await put()).headers.etag).toBeUndefined()
  expect((await put()).headers.etag).toBe(`"${hash('md5', 'part')}"`)
})

test('a body can be slowed down', async () => {
  onPart({ kind: 'throttle', bytesPerSecond: 10 * mebibyte })
  const started = performance.now()
  expect((await put(Buffer.alloc(3 * mebibyte))).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(200)
})

test('a connection is cut if the store does not run', async () => {
  await store.close()
  await expect(put()).rejects.toThrow()
})

test('a store with TLS, or with its buckets in host names, has no relay', () => {
  expect(canBeRelayed({ endpoint: 'http://127.0.0.1:9000', pathStyle: true })).toBe(true)
  expect(canBeRelayed({ endpoint: 'https://s3.example', pathStyle: true })).toBe(false)
  expect(canBeRelayed({ endpoint: 'http://127.0.0.1:9000', pathStyle: false })).toBe(false)
})

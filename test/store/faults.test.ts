import { hash } from 'node:crypto'
import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { FaultEffect, FaultRule, ObjectStore } from '../../demo/server/store/object-store.ts'
import { rawRequest } from '../contracts/s3/raw-request.ts'
import type { S3User } from '../contracts/s3/s3-user.ts'
import { filesIn, startStore, temporaryDirectory, userOf } from './started-store.ts'

type Prepared = { store: ObjectStore; user: S3User; uploadId: string; directory: string }

/** A store with an unfinished upload for `key`. */
async function prepare(): Promise<Prepared> {
  const directory = await temporaryDirectory()
  const store = await startStore({ directory })
  const user = userOf(store)
  return { store, user, uploadId: await user.create('key'), directory }
}

function onPart(effect: FaultEffect, rest: Partial<FaultRule> = {}): FaultRule {
  return { operation: 'UploadPart', effect, ...rest }
}

describe('a fault', () => {
  test('happens to the requests that it matches, as often as it was ordered', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'status', status: 503 }, { partNumber: 2, times: 2 }))
    await user.putPart('key', uploadId, 1, 'x')
    const slowDown = { name: 'SlowDown', $metadata: { httpStatusCode: 503 } }
    await expect(user.putPart('key', uploadId, 2, 'x')).rejects.toMatchObject(slowDown)
    await expect(user.putPart('key', uploadId, 2, 'x')).rejects.toMatchObject(slowDown)
    await user.putPart('key', uploadId, 2, 'x')
    expect(store.faults.rules).toEqual([])
  })

  test.each<[string, Partial<FaultRule>, boolean]>([
    ['of its key', { key: 'key' }, true],
    ['of no other key', { key: 'ke' }, false],
    ['of its prefix', { keyPrefix: 'ke' }, true],
    ['of no other prefix', { keyPrefix: 'ey' }, false],
    ['of its pattern', { keyPattern: '^k.y$' }, true],
    ['of no other pattern', { keyPattern: '^k.$' }, false],
    ['of no other operation', { operation: 'PutObject' }, false],
  ])('happens to requests %s', async (_, match, happens) => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'status', status: 500 }, match))
    const sent = user.putPart('key', uploadId, 1, 'x')
    if (happens) await expect(sent).rejects.toMatchObject({ name: 'InternalError' })
    else await sent
  })

  test('can be removed, alone or with all others', async () => {
    const { store, user, uploadId } = await prepare()
    const undo = store.faults.add(onPart({ kind: 'status', status: 500 }))
    store.faults.add(onPart({ kind: 'status', status: 503 }))
    undo()
    await expect(user.putPart('key', uploadId, 1, 'x')).rejects.toMatchObject({ name: 'SlowDown' })
    store.faults.clear()
    await user.putPart('key', uploadId, 1, 'x')
  })

  test('with a probability has the same history for the same seed', async () => {
    const { store, user, uploadId } = await prepare()
    const url = await user.presignPart('key', uploadId, 1)
    const history = async (seed: number): Promise<number[]> => {
      store.faults.replace(onPart({ kind: 'status', status: 500 }, { probability: 0.5, seed }))
      const statuses: number[] = []
      for (let turn = 0; turn < 32; turn++) {
        statuses.push((await rawRequest(url, { method: 'PUT', body: 'x' })).status)
      }
      return statuses
    }
    const first = await history(7)
    expect(await history(7)).toEqual(first)
    expect(await history(8)).not.toEqual(first)
    const failures = first.filter((status) => status === 500).length
    expect(failures).toBeGreaterThan(6)
    expect(failures).toBeLessThan(26)
  })
})

describe('a status', () => {
  test.each([3, 'Wed, 21 Oct 2026 07:28:00 GMT'])('says when to retry: %s', async (retryAfter) => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'status', status: 503, code: 'SlowDown', retryAfter }))
    const url = await user.presignPart('key', uploadId, 1)
    const response = await rawRequest(url, { method: 'PUT', body: 'x' })
    expect([response.status, response.element('Code')]).toEqual([503, 'SlowDown'])
    expect(response.headers['retry-after']).toBe(String(retryAfter))
  })

  test('comes before or after the body, as ordered, and stores nothing', async () => {
    const { store, user, uploadId } = await prepare()
    const url = await user.presignPart('key', uploadId, 1)
    store.faults.add(onPart({ kind: 'status', status: 500, when: 'before-body' }, { times: 1 }))
    store.faults.add(onPart({ kind: 'status', status: 500, when: 'after-body' }, { times: 1 }))
    const body = Buffer.alloc(300_000)
    await rawRequest(url, { method: 'PUT', body })
    await rawRequest(url, { method: 'PUT', body })
    const received = store.log.entries().filter(({ operation }) => operation === 'UploadPart')
    expect(received).toMatchObject([
      { status: 500, bytesReceived: 0, fault: 'status' },
      { status: 500, bytesReceived: 300_000, fault: 'status' },
    ])
    expect(await user.partNumbers('key', uploadId)).toEqual([])
  })
})

describe('a cut', () => {
  test.each([0, 100_000])('comes after %i bytes, and nothing is stored', async (afterBytes) => {
    const { store, user, uploadId, directory } = await prepare()
    store.faults.add(onPart({ kind: 'cut', afterBytes }))
    const url = await user.presignPart('key', uploadId, 1)
    const logged = store.log.next(({ operation }) => operation === 'UploadPart')
    await expect(rawRequest(url, { method: 'PUT', body: Buffer.alloc(3_000_000) })).rejects.toThrow()
    expect(await logged).toMatchObject({ status: 'cut', fault: 'cut', bytesReceived: afterBytes })
    expect(await user.partNumbers('key', uploadId)).toEqual([])
    expect((await filesIn(directory))['temporary']).toBe(0)
  })

  test('comes at the end of a shorter body, and also for requests without a body', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'cut', afterBytes: 1000 }))
    store.faults.add({ operation: 'ListParts', times: 1, effect: { kind: 'cut' } })
    await expect(user.putPart('key', uploadId, 1, 'short')).rejects.toThrow()
    await expect(user.partNumbers('key', uploadId)).rejects.toThrow()
    expect(await user.partNumbers('key', uploadId)).toEqual([])
  })
})

describe('a lost answer', () => {
  test('leaves a part stored, and the part can be sent again', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'cut-answer' }, { times: 1 }))
    await expect(user.putPart('key', uploadId, 1, 'x')).rejects.toThrow()
    expect(await user.partNumbers('key', uploadId)).toEqual([1])
    await user.complete('key', uploadId, [await user.putPart('key', uploadId, 1, 'x')])
    expect(await user.readText('key')).toBe('x')
    const parts = store.log.entries().filter(({ operation }) => operation === 'UploadPart')
    expect(parts).toMatchObject([{ status: 'cut', fault: 'cut-answer' }, { status: 200 }])
  })

  test('leaves an upload completed, and completing it again succeeds', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add({ operation: 'CompleteMultipartUpload', times: 1, effect: { kind: 'cut-answer' } })
    const parts = [await user.putPart('key', uploadId, 1, 'x')]
    await expect(user.complete('key', uploadId, parts)).rejects.toThrow()
    expect(await user.readText('key')).toBe('x')
    const { ETag } = await user.complete('key', uploadId, parts)
    expect(ETag).toMatch(/-1"$/)
  })
})

describe('a stall', () => {
  test('never ends by itself, and stores nothing', async () => {
    const { store, user, uploadId, directory } = await prepare()
    store.faults.add(onPart({ kind: 'stall', afterBytes: 1000 }))
    const url = new URL(await user.presignPart('key', uploadId, 1))
    const sent = request(url, { method: 'PUT', headers: { 'content-length': 2000 } })
    const answered = new Promise<string>((resolve) => {
      sent.on('response', () => resolve('answered')).on('error', () => resolve('given up'))
    })
    sent.end(Buffer.alloc(2000))
    const silent = new Promise<string>((resolve) => setTimeout(resolve, 200, 'silent'))
    expect(await Promise.race([answered, silent])).toBe('silent')
    const ended = store.log.next(({ status }) => status === 'cut')
    sent.destroy(new Error('enough'))
    expect(await ended).toMatchObject({ fault: 'stall', bytesReceived: 1000 })
    expect((await filesIn(directory))['temporary']).toBe(0)
  })

  test('ends with the store', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'stall' }))
    const arrived = new Promise((resolve) => store.log.onArrival(resolve))
    const sent = user.putPart('key', uploadId, 1, 'x').catch(() => 'cut')
    await arrived
    await store.close()
    expect(await sent).toBe('cut')
  })
})

describe('slowness', () => {
  test('can be a delay before the answer', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'delay', milliseconds: 150 }))
    const started = performance.now()
    await user.putPart('key', uploadId, 1, 'x')
    expect(performance.now() - started).toBeGreaterThanOrEqual(149)
    expect(await user.partNumbers('key', uploadId)).toEqual([1])
  })

  test('can be a throttled body, which takes time in proportion to its size', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'throttle', bytesPerSecond: 1_000_000 }))
    const started = performance.now()
    await user.putPart('key', uploadId, 1, 'x'.repeat(200_000))
    expect(performance.now() - started).toBeGreaterThanOrEqual(195)
  })

  test('can be a late body, which begins with a 200 at once', async () => {
    const { store, user, uploadId } = await prepare()
    const part = await user.putPart('key', uploadId, 1, 'x')
    const effect: FaultEffect = { kind: 'late-body', milliseconds: 150 }
    store.faults.add({ operation: 'CompleteMultipartUpload', effect })
    const started = performance.now()
    expect(await user.complete('key', uploadId, [part])).toMatchObject({ Key: 'key' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(149)
  })
})

describe('a wrong answer', () => {
  test('can be that of an expired URL, as S3 gives it', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'expired' }))
    const url = await user.presignPart('key', uploadId, 1)
    const response = await rawRequest(url, { method: 'PUT', body: 'x' })
    expect([response.status, response.element('Code')]).toEqual([403, 'AccessDenied'])
    expect(response.element('Message')).toBe('Request has expired')
  })

  test('can be an error in a 200, which completes nothing', async () => {
    const { store, user, uploadId } = await prepare()
    const parts = [await user.putPart('key', uploadId, 1, 'x')]
    const effect: FaultEffect = { kind: 'error-in-200', code: 'InternalError' }
    store.faults.add({ operation: 'CompleteMultipartUpload', times: 1, effect })
    await expect(user.complete('key', uploadId, parts)).rejects.toMatchObject({ name: 'InternalError' })
    expect(store.log.entries().at(-1)).toMatchObject({ status: 200, fault: 'error-in-200' })
    await expect(user.readText('key')).rejects.toMatchObject({ name: 'NoSuchKey' })
    await user.complete('key', uploadId, parts)
  })

  test('can hide the ETag in headers and bodies', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'hide-etag' }, { times: 1 }))
    store.faults.add({ operation: 'CompleteMultipartUpload', effect: { kind: 'hide-etag' } })
    expect(await user.putPart('key', uploadId, 1, 'x')).toMatchObject({ ETag: undefined })
    const completed = await user.complete('key', uploadId, [await user.putPart('key', uploadId, 1, 'x')])
    expect(completed.ETag).toBeFalsy()
  })

  test.each([
    ['flip-bit', 'hemlo'],
    ['truncate', 'hell'],
  ] as const)(
    'can hide a corrupt part (%s): the ETag is that of the bytes that were sent',
    async (how, stored) => {
      const { store, user, uploadId } = await prepare()
      store.faults.add(onPart({ kind: 'corrupt', how }))
      const part = await user.putPart('key', uploadId, 1, 'hello')
      expect(part.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"')
      await user.complete('key', uploadId, [part])
      expect(await user.readText('key')).toBe(stored)
    },
  )

  test('can hide a part that was corrupted on its way: the ETag is that of what arrived, unless an MD5 refuses it', async () => {
    const { store, user, uploadId } = await prepare()
    store.faults.add(onPart({ kind: 'corrupt-on-the-way' }))
    const part = await user.putPart('key', uploadId, 1, 'hello')
    expect(part.ETag).toBe(`"${hash('md5', 'iello')}"`)
    await user.complete('key', uploadId, [part])
    expect(await user.readText('key')).toBe('iello')
  })

  test('can hide an object whose parts were swapped: the ETag is the right one', async () => {
    const { store, user, uploadId } = await prepare()
    const parts = [
      await user.putPart('key', uploadId, 1, 'hello'),
      await user.putPart('key', uploadId, 2, 'world'),
    ]
    store.faults.add({
      operation: 'CompleteMultipartUpload',
      effect: { kind: 'swap-parts', numbers: [1, 2] },
    })
    const { ETag } = await user.complete('key', uploadId, parts)
    const md5s = ['hello', 'world'].map((content) => hash('md5', content, 'buffer'))
    expect(ETag).toBe(`"${hash('md5', Buffer.concat(md5s))}-2"`)
    expect(await user.readText('key')).toBe('worldhello')
  })
})

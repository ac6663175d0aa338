import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import type { ObjectStore } from '../../demo/server/store/object-store.ts'
import type { S3User } from '../contracts/s3/s3-user.ts'
import { bucket, filesIn, startStore, temporaryDirectory, userOf } from './started-store.ts'

const nothing = { buckets: 0, content: 0, temporary: 0, uploads: 0 }

/** Starts the store on the same directory again, with a client for it. */
async function restart(store: ObjectStore, directory: string): Promise<S3User> {
  await store.close()
  return userOf(await startStore({ directory }))
}

/** Sends the beginning of a part, and then breaks the connection. */
async function sendHalf(store: ObjectStore, url: string): Promise<void> {
  const cut = store.log.next(({ status }) => status === 'cut')
  const socket = connect(store.port, '127.0.0.1')
  const { pathname, search, host } = new URL(url)
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3000000\r\n\r\n`)
  socket.write(Buffer.alloc(2_000_000), () => socket.destroy())
  const entry = await cut
  expect(entry.bytesReceived).toBeGreaterThan(0)
  expect(entry.bytesReceived).toBeLessThan(3_000_000)
}

describe('after a restart', () => {
  test('objects are there with their bytes, types and metadata', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    await userOf(store).put('key', 'kept')
    const user = await restart(store, directory)
    expect(await user.readText('key')).toBe('kept')
    const listed = await user.s3.send(new ListObjectsV2Command({ Bucket: bucket }))
    expect(listed.Contents).toMatchObject([{ Key: 'key', Size: 4 }])
  })

  test('an unfinished upload can go on', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const before = userOf(store)
    const uploadId = await before.create('key')
    const first = await before.putPart('key', uploadId, 1, 'before, ')
    const user = await restart(store, directory)
    expect(await user.partNumbers('key', uploadId)).toEqual([1])
    await user.complete('key', uploadId, [first, await user.putPart('key', uploadId, 2, 'and after')])
    expect(await user.readText('key')).toBe('before, and after')
  })

  test('completing a completed upload again is answered', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const before = userOf(store)
    const uploadId = await before.create('key')
    const parts = [await before.putPart('key', uploadId, 1, 'x')]
    const { ETag } = await before.complete('key', uploadId, parts)
    const user = await restart(store, directory)
    expect(await user.complete('key', uploadId, parts)).toMatchObject({ ETag })
    await expect(user.complete('key', uploadId, [{ PartNumber: 2, ETag }])).rejects.toMatchObject({
      name: 'NoSuchUpload',
    })
  })

  test('aborted uploads and deleted objects stay away', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const before = userOf(store)
    await before.put('key', 'x')
    await before.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'key' }))
    const user = await restart(store, directory)
    await expect(user.readText('key')).rejects.toMatchObject({ name: 'NoSuchKey' })
    expect(await filesIn(directory)).toEqual(nothing)
  })

  test('a line that was half written at a kill is not a part, and the lines after it are', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const before = userOf(store)
    const uploadId = await before.create('key')
    const first = await before.putPart('key', uploadId, 1, 'x')
    await store.close()
    await appendFile(join(directory, 'uploads', uploadId, 'parts.jsonl'), '{"number":2,"etag":"9dd4e461')
    const middle = await startStore({ directory })
    const second = await userOf(middle).putPart('key', uploadId, 2, 'y')
    const user = await restart(middle, directory)
    await user.complete('key', uploadId, [first, second])
    expect(await user.readText('key')).toBe('xy')
  })

  test('leftovers of a kill are removed', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const before = userOf(store)
    await before.put('key', 'x')
    const uploadId = await before.create('other')
    await before.putPart('other', uploadId, 1, 'y')
    await store.close()
    const kept = await filesIn(directory)
    await writeFile(join(directory, 'temporary', 'half-received'), 'half')
    await writeFile(join(directory, 'content', uploadId, '2-unrecorded'), 'unrecorded')
    await mkdir(join(directory, 'content', 'orphan'))
    await writeFile(join(directory, 'content', 'orphan', '1'), 'orphan')
    await mkdir(join(directory, 'uploads', 'without-a-record'))
    const again = await startStore({ directory })
    await again.close()
    expect(await filesIn(directory)).toEqual(kept)
    expect(await readdir(join(directory, 'uploads'))).toEqual([uploadId])
  })

  test('an upload that was killed while it became an object gets completed', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const before = userOf(store)
    const uploadId = await before.create('key')
    const parts = [await before.putPart('key', uploadId, 1, 'x')]
    await before.complete('key', uploadId, parts)
    await store.close()
    // The state between writing the object's record and ending the upload.
    await writeFile(join(directory, 'completed.jsonl'), '')
    await mkdir(join(directory, 'uploads', uploadId))
    const record = { id: uploadId, bucket, key: 'key', initiated: 0, headers: {} }
    await writeFile(join(directory, 'uploads', uploadId, 'upload.json'), JSON.stringify(record))
    const user = userOf(await startStore({ directory }))
    expect(await user.readText('key')).toBe('x')
    await expect(user.partNumbers('key', uploadId)).rejects.toMatchObject({ name: 'NoSuchUpload' })
    await user.complete('key', uploadId, parts)
  })
})

describe('nothing is left behind', () => {
  test('after the connection of a part breaks in the middle', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const user = userOf(store)
    const uploadId = await user.create('key')
    await sendHalf(store, await user.presignPart('key', uploadId, 1))
    expect(await user.partNumbers('key', uploadId)).toEqual([])
    expect(await filesIn(directory)).toEqual({ ...nothing, uploads: 1 })
  })

  test('after a part breaks of which an earlier version exists, which is kept', async () => {
    const store = await startStore()
    const user = userOf(store)
    const uploadId = await user.create('key')
    const part = await user.putPart('key', uploadId, 1, 'whole')
    await sendHalf(store, await user.presignPart('key', uploadId, 1))
    await user.complete('key', uploadId, [part])
    expect(await user.readText('key')).toBe('whole')
  })

  test('after a part arrives while its upload is aborted', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const user = userOf(store)
    const uploadId = await user.create('key')
    const socket = connect(store.port, '127.0.0.1')
    const { pathname, search, host } = new URL(await user.presignPart('key', uploadId, 1))
    const arrived = new Promise((resolve) => store.log.onArrival(resolve))
    socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n\r\nx`)
    await arrived
    await user.abort('key', uploadId)
    const ended = store.log.next(({ operation }) => operation === 'UploadPart')
    socket.write('y')
    expect(await ended).toMatchObject({ status: 404, code: 'NoSuchUpload', bytesReceived: 2 })
    socket.destroy()
    await store.close()
    expect(await filesIn(directory)).toEqual(nothing)
  })

  test('after an object is overwritten, a part is replaced, or parts are not used', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const user = userOf(store)
    await user.put('key', 'first')
    const uploadId = await user.create('key')
    await user.putPart('key', uploadId, 1, 'replaced')
    const used = await user.putPart('key', uploadId, 1, 'used')
    await user.putPart('key', uploadId, 2, 'not used')
    await user.complete('key', uploadId, [used])
    await store.close()
    expect(await filesIn(directory)).toEqual({ ...nothing, buckets: 1, content: 1 })
  })

  test('after a store is closed while it receives', async () => {
    const directory = await temporaryDirectory()
    const store = await startStore({ directory })
    const user = userOf(store)
    const socket = connect(store.port, '127.0.0.1').on('error', () => {})
    const { pathname, search, host } = new URL(await user.presignPut('key'))
    const arrived = new Promise((resolve) => store.log.onArrival(resolve))
    socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3000000\r\n\r\n`)
    socket.write(Buffer.alloc(1_000_000))
    await arrived
    await store.close()
    expect(await filesIn(directory)).toEqual(nothing)
    expect(store.log.entries()).toMatchObject([{ operation: 'PutObject', status: 'cut' }])
  })
})

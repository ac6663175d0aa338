/**
 * Half of the test is that it compiles: an application with `exactOptionalPropertyTypes` passes on its own optional
 * fields.
 */
import { expect, test } from 'vitest'
import {
  activeStorage,
  bkend,
  bkendFiles,
  fragno,
  fragnoFiles,
  memoryCheckpoints,
  newton,
  presigned,
  Uploader,
} from '../src/index.ts'

const none = undefined
const server = { baseUrl: none, headers: none, onUnauthorized: none, credentials: none }

test.each([
  ['presigned', () => presigned({ ...server, endpoints: none, fileHash: none, fileSize: none })],
  [
    'presigned, endpoints',
    () => presigned({ endpoints: { startUpload: none, complete: none, abort: none } }),
  ],
  [
    'fragno',
    () => fragno({ ...server, endpoints: none, fileKey: none, checksum: none, checksumLimit: none }),
  ],
  [
    'bkend',
    () => bkend({ apiKey: 'pk_k', accessToken: none, endpoints: { listFiles: none }, singleLimit: none }),
  ],
  ['newton', () => newton({ ...server, apiKey: none, endpoints: { abort: none } })],
  ['activeStorage', () => activeStorage({ ...server, path: none, checksum: none, csrf: none })],
])('an option that is undefined counts as absent: %s', (_, backend) => {
  expect(backend().open).toBeTypeOf('function')
})

test('options of stored files that are undefined count as absent', async () => {
  const asked: unknown[] = []
  const update = async (fields: unknown): Promise<object> => {
    asked.push(fields)
    return { ok: false }
  }
  const bkendOptions = { apiKey: 'pk_k', accessToken: none, baseUrl: none, api: none }
  const files = bkendFiles({ ...bkendOptions, endpoints: { get: none, list: none, update } })
  const fragnos = fragnoFiles({ ...server, api: none, endpoints: { list: none, update } })
  const change = { originalName: 'a', visibility: none, metadata: none }
  await files.update('1', change).catch(() => {})
  const changes = { filename: none, visibility: none, tags: none, metadata: none }
  await fragnos.update({ provider: 'p', fileKey: 'k' }, changes).catch(() => {})
  expect(asked).toEqual([
    { fileId: '1', originalName: 'a' },
    { provider: 'p', key: 'k' },
  ])
  expect(Object.keys(Object(asked[0]))).toEqual(['fileId', 'originalName'])
  expect(bkendFiles({ ...bkendOptions, endpoints: none })).toBeDefined()
  expect(fragnoFiles({ endpoints: none })).toBeDefined()
})

test('options of an Uploader and of a file that are undefined count as absent', async () => {
  const uploader = new Uploader({
    backend: presigned({ baseUrl: '/api' }),
    concurrency: none,
    partSize: none,
    scope: none,
    expiry: none,
    verify: none,
    checksum: none,
    retry: { attempts: none, baseDelay: none, maxDelay: none, budget: none },
    stall: { idle: none, answer: none },
    checkpoints: memoryCheckpoints(),
    tabs: none,
    hasher: none,
    transport: none,
    api: none,
    connectivity: none,
    clock: none,
    random: none,
  })
  const album: string | undefined = none
  const file = new File(['b'], 'b.txt', { lastModified: 1 })
  const again = uploader.uploadFile(file, { params: { album } })
  expect(uploader.uploadFile(file)).toBe(again)
  again.catch(() => {})
  const options = { params: none, signal: none, accept: none, maxSize: none }
  const upload = uploader.uploadFile(new File(['a'], 'a.txt'), { ...options, name: none, relativePath: none })
  upload.pause({ finishParts: none })
  expect(upload.identity).toMatchObject({ name: 'a.txt', size: 1, relativePath: '' })
  expect(await uploader.uploadFiles([], { ...options, maxFiles: none })).toEqual([])
  upload.catch(() => {})
  await uploader.stop()
})

import { describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import {
  BackendError,
  EtagHiddenError,
  FileChangedError,
  FileUnreadableError,
  HttpError,
  NetworkError,
  SessionLostError,
  UploadError,
} from '../src/errors.ts'
import { checkpointKey, identify } from '../src/identity.ts'
import type { Checkpoint, ListedPart, Reopened } from '../src/ports.ts'
import type { UploadState } from '../src/state.ts'
import type { PartInfo } from '../src/tracker.ts'
import type { Upload } from '../src/upload.ts'
import { Uploader } from '../src/uploader.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { md5Etag, StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, type Rig, rig } from './fakes/uploader.ts'

const refused = new HttpError({
  endpoint: 'complete',
  status: 400,
  serviceCode: undefined,
  detail: 'no',
  retryAfter: undefined,
})
const busy = { status: 503, headers: {}, body: '' }

function statuses(upload: Upload): string[] {
  const seen: string[] = [upload.state.status]
  upload.on('state', ({ status }) => seen.push(status))
  return seen
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer())
}

/** Nothing is under way after the end: no request, no timer, no upload. */
function expectNothingRunning({ clock, transport, uploader }: Rig): void {
  expect(transport.open.size).toBe(0)
  expect(clock.sleeping).toBe(0)
  expect(uploader.uploads).toEqual([])
}

describe('an upload from start to end', () => {
  test('leaves the storage holding exactly the bytes of the file', async () => {
    for (const size of [0, 1, 3, 4, 5, 8, 41]) {
      const { uploader, transport, backend } = rig({ transport: new StoringTransport() })
      const file = fileOf(size)
      const result = await uploader.uploadFile(file)
      expect(transport.object()).toEqual(await bytesOf(file))
      expect(backend.completed).toHaveLength(1)
      expect(result).toEqual({ key: 'the-key', size, checksums: {} })
    }
  })

  test('goes through its states in order', async () => {
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    const upload = uploader.uploadFile(fileOf(9))
    const seen = statuses(upload)
    await upload
    expect(seen).toEqual(['waiting', 'hashing', 'opening', 'uploading', 'completing', 'done'])
  })

  test('gives complete() every receipt in ascending order, whatever order the parts arrived in', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    const [first, second] = await transport.take(2)
    second?.store()
    first?.store()
    await upload
    expect(backend.completed).toEqual([
      [
        // The proofs were ready by then.
        { number: 1, size: 4, etag: '"etag-1"', crc32c: expect.any(String) },
        { number: 2, size: 4, etag: '"etag-2"', crc32c: expect.any(String) },
      ],
    ])
  })

  test('sends parts as slices of the file without a type', async () => {
    const { uploader, transport } = rig()
    const file = new File(['abcdef'], 'a.txt', { type: 'text/plain' })
    const upload = uploader.uploadFile(file)
    const [first, second] = await transport.take(2)
    expect(await first?.body.text()).toBe('abcd')
    expect(await second?.body.text()).toBe('ef')
    expect([first?.body.type, second?.body.type]).toEqual(['', ''])
    first?.store()
    second?.store()
    await upload
  })

  test('computes the digest once and gives it to the server', async () => {
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const { uploader, hasher } = rig({ transport: new StoringTransport(), backend })
    const { checksums } = await uploader.uploadFile(fileOf(9), { params: { album: '42' } })
    expect(backend.opened[0]).toMatchObject({
      name: 'file.bin',
      size: 9,
      digest: 'digest-of-9',
      params: { album: '42' },
    })
    expect(checksums).toEqual({ xxhash64: 'digest-of-9' })
    expect(hasher.asked).toBe(1)
  })

  test("does not call the application's digest function again if only opening failed", async () => {
    const fileDigest = vi.fn(async () => 'mine')
    const backend = new FakeBackend({ fileDigest })
    backend.failNext('open', refused)
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    const upload = uploader.uploadFile(fileOf(9))
    await expect(upload).rejects.toBe(refused)
    upload.resume()
    await upload
    expect(fileDigest).toHaveBeenCalledOnce()
  })

  test("digests a File again if it is uploaded a second time, since Firefox reads the file's current content", async () => {
    let content = 'first'
    const backend = new FakeBackend({ fileDigest: async () => content })
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    const file = fileOf(9)
    await uploader.uploadFile(file)
    content = 'second'
    await uploader.uploadFile(file)
    expect(backend.opened).toMatchObject([{ digest: 'first' }, { digest: 'second' }])
  })

  test("uses the application's digest function in place of its own digest", async () => {
    const backend = new FakeBackend({ fileDigest: async (file) => `mine-${file.size}` })
    const { uploader, hasher } = rig({ transport: new StoringTransport(), backend })
    await uploader.uploadFile(fileOf(9))
    expect(backend.opened[0]?.digest).toBe('mine-9')
    expect(hasher.asked).toBe(0)
  })

  test('uses the partSize option, within the limits, if the server leaves the part size open', async () => {
    const backend = new FakeBackend({ partSize: undefined })
    const { uploader, transport } = rig({ backend, partSize: 5 })
    const upload = uploader.uploadFile(fileOf(10))
    const requests = await transport.take(2)
    expect(requests.map(({ body }) => body.size)).toEqual([5, 5])
    for (const request of requests) request.store()
    await upload
  })

  test("uses the server's cuts if the server cuts the file itself, even without a part size", async () => {
    const backend = new FakeBackend({ partSize: undefined })
    backend.cuts = [
      { number: 3, offset: 0, size: 5 },
      { number: 7, offset: 5, size: 7 },
    ]
    const { uploader, transport } = rig({ backend, transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(12))
    expect([...transport.parts].map(([number, bytes]) => [number, bytes.length])).toEqual([
      [3, 5],
      [7, 7],
    ])
  })

  test('leaves nothing behind at its end', async () => {
    const all = rig()
    const upload = all.uploader.uploadFile(fileOf(4))
    ;(await all.transport.next()).store()
    await upload
    expectNothingRunning(all)
    expect(await all.checkpoints.list()).toEqual([])
  })

  test('sends a Blob under the given name, or as "blob" if it has none', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    await uploader.uploadFile(new Blob(['abc']), { name: 'notes.txt' })
    await uploader.uploadFile(new Blob(['abc']))
    expect(backend.opened.map(({ name }) => name)).toEqual(['notes.txt', 'blob'])
  })
})

describe('the queue', () => {
  test('never sends more parts at once than the width allows, over all files', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport(), concurrency: 3 })
    await Promise.all(['a', 'b', 'c'].map((name) => uploader.uploadFile(fileOf(40, name))))
    expect(transport.mostOpen).toBe(3)
  })

  test('does not make a small file behind a large one wait for all of it', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport(), concurrency: 2 })
    const large = uploader.uploadFile(fileOf(400, 'large'))
    const small = uploader.uploadFile(fileOf(4, 'small'))
    await small
    expect(transport.stored.length).toBeLessThan(20)
    await large
  })

  test('signs parts in batches, never all at once and never one by one', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport(), concurrency: 2 })
    await uploader.uploadFile(fileOf(400))
    expect(backend.signed.flat()).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    const sizes = backend.signed.map((batch) => batch.length)
    expect(sizes[0]).toBe(4)
    expect(Math.max(...sizes)).toBeGreaterThan(10)
    expect(sizes).toEqual([...sizes.slice(0, -1)].sort((a, b) => a - b).concat(sizes.slice(-1)))
  })
})

describe('pause and resume', () => {
  test('report each state once, however often they are called', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    await transport.take(2)
    const seen = statuses(upload)
    upload.resume()
    for (const _ of [1, 2]) upload.pause()
    for (const _ of [1, 2]) upload.resume()
    for (const request of await transport.take(2)) request.store()
    await upload
    upload.pause()
    expect(seen).toEqual(['uploading', 'paused', 'waiting', 'opening', 'uploading', 'completing', 'done'])
  })

  test('keep one place in the queue for a waiting upload, however often they are called', async () => {
    const { uploader } = rig({ transport: new StoringTransport(), concurrency: 1, partSize: 4 })
    const uploads = ['a', 'b', 'c'].map((name) => uploader.uploadFile(fileOf(8, name)))
    const [, waiting] = uploads
    waiting?.resume()
    waiting?.pause()
    for (const _ of [1, 2]) waiting?.resume()
    expect(waiting?.state.status).toBe('waiting')
    // A second place that nobody leaves would take one away from every later upload.
    await Promise.all(uploads)
    await uploader.uploadFile(fileOf(8, 'd'))
  })

  test("keep an upload's place while a call that cannot be cut is still under way", async () => {
    const backend = new FakeBackend()
    const release = backend.holdNext('open')
    const { uploader } = rig({ backend, transport: new StoringTransport(), concurrency: 1, partSize: 4 })
    const uploads = ['a', 'b'].map((name) => uploader.uploadFile(fileOf(8, name)))
    await flush()
    uploads[0]?.pause()
    uploads[0]?.resume()
    await flush()
    expect(uploads[1]?.state.status).toBe('waiting')
    release()
    await Promise.all(uploads)
    expect(backend.opened.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('continue the upload whatever the moment after a failure or a pause', async () => {
    for (let moments = 0; moments < 30; moments++) {
      const { uploader, transport } = rig()
      const upload = uploader.uploadFile(fileOf(4))
      const first = await transport.next()
      if (moments % 2 === 0) upload.pause()
      else first.respond({ status: 400 })
      for (let left = moments; left > 0; left--) await undefined
      upload.resume()
      await flush()
      for (const request of transport.open) request.store()
      await flush()
      if (upload.state.status === 'failed') upload.resume()
      await flush()
      for (const request of transport.open) request.store()
      expect(await upload).toMatchObject({ size: 4 })
    }
  })

  test('cut requests on a pause, and send only unacknowledged parts on a resume', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(12))
    const [first] = await transport.take(2)
    first?.store()
    await flush()
    upload.pause()
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    await flush()
    expect(transport.open.size).toBe(0)
    const before = transport.sent.length
    upload.resume()
    await flush()
    for (const request of transport.open) request.store()
    await upload
    expect(transport.sent.slice(before).sort()).toEqual([2, 3])
    expect(backend.opened).toHaveLength(1)
  })

  test('send nothing new in a pause with finishParts, and keep the receipts that still arrive', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(16))
    const requests = await transport.take(2)
    upload.pause({ finishParts: true })
    await flush()
    expect(transport.open.size).toBe(2)
    for (const request of requests) request.store()
    await flush()
    expect(transport.sent).toEqual([1, 2])
    upload.resume()
    await flush()
    expect([...transport.open].map(({ number }) => number)).toEqual([3, 4])
    for (const request of transport.open) request.store()
    await upload
  })

  test('cut the requests that an earlier pause with finishParts let go on, if a plain pause follows', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    await transport.take(2)
    upload.pause({ finishParts: true })
    await flush()
    expect(transport.open.size).toBe(2)
    upload.pause()
    await flush()
    expect([transport.open.size, upload.state]).toEqual([0, { status: 'paused', by: 'user' }])
    upload.resume()
    for (const request of await transport.take(2)) request.store()
    expect(await upload).toMatchObject({ key: 'the-key' })
  })

  test('let the same parts arrive if two pauses with finishParts have a resume between them', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(16))
    const requests = await transport.take(2)
    upload.pause({ finishParts: true })
    upload.resume()
    upload.pause({ finishParts: true })
    await flush()
    expect(transport.open.size).toBe(2)
    for (const request of requests) request.store()
    await flush()
    expect([upload.state.status, upload.progress.confirmed]).toEqual(['paused', 8])
    await upload.cancel()
  })

  test('in any rhythm leave one run, which sends every part once', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    const file = fileOf(60)
    const upload = uploader.uploadFile(file)
    for (let turn = 0; turn < 30; turn++) {
      if (turn % 3 === 2) await new Promise((resolve) => setImmediate(resolve))
      upload.pause()
      if (turn % 5 === 0) await flush()
      upload.resume()
    }
    await upload
    expect(transport.object()).toEqual(await bytesOf(file))
    expect(transport.stored.length).toBe(new Set(transport.stored).size)
  })

  test('keep the session if the pause comes while the server opens it', async () => {
    const { uploader, transport, backend } = rig()
    const release = backend.holdNext('open')
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    upload.pause()
    release()
    await flush()
    expect(transport.sent).toEqual([])
    upload.resume()
    ;(await transport.next()).store()
    await upload
    expect(backend.opened).toHaveLength(1)
  })

  test('wait for the answer if the pause comes while completing, and a success ends the upload as done', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const release = backend.holdNext('complete')
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    expect(upload.state.status).toBe('completing')
    upload.pause()
    release()
    await upload
    expect(upload.state.status).toBe('done')
  })

  test('take effect if the pause comes while completing and that fails; the resume completes again', async () => {
    const { uploader, transport, backend } = rig({ transport: new StoringTransport() })
    const release = backend.holdNext('complete')
    backend.failNext('complete', new NetworkError('lost'))
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    upload.pause()
    release()
    await flush()
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    upload.resume()
    await upload
    expect(transport.stored).toEqual([1])
    expect(backend.completed).toHaveLength(1)
  })

  test('keep the digest, so that a resume reads nothing twice', async () => {
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const { uploader, transport, hasher } = rig({ backend })
    const upload = uploader.uploadFile(fileOf(4))
    await transport.next()
    upload.pause()
    await flush()
    upload.resume()
    ;(await transport.next()).store()
    await upload
    expect(hasher.asked).toBe(1)
  })
})

describe('an upload from an earlier visit', () => {
  test('continues where it stopped if the same file is picked again', async () => {
    const first = rig()
    const upload = first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    upload.pause()
    await flush()

    const second = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
    await second.uploader.uploadFile(fileOf(12))
    expect(second.transport.stored).toEqual([2, 3])
    expect(second.backend.opened).toEqual([])
  })

  test('starts over on restart() even if an earlier run is still waiting for its session', async () => {
    const backend = new FakeBackend()
    const release = backend.holdNext('open')
    const { uploader } = rig({ backend, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    await flush()
    upload.pause()
    upload.restart()
    await flush()
    release()
    await upload
    expect([backend.calls.filter((call) => call === 'open').length, backend.aborted.length]).toEqual([2, 1])
  })

  test('ignores restart() while it is under way, and does not act on it later either', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    const [first] = await transport.take(2)
    upload.restart()
    first?.store()
    await flush()
    upload.pause()
    upload.resume()
    ;(await transport.next()).store()
    await upload
    expect([backend.opened.length, transport.sent]).toEqual([1, [1, 2, 2]])
  })

  test('is not resumed by a file with another name, size or date, or with other params', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    for (const [file, params] of [
      [fileOf(12, 'other'), {}],
      [fileOf(13), {}],
      [fileOf(12, 'file.bin', 2), {}],
      [fileOf(12), { album: '42' }],
    ] as const) {
      const { uploader, backend } = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
      await uploader.uploadFile(file, { params })
      expect(backend.opened).toHaveLength(1)
    }
  })

  test('makes interrupted() reject with a clear message if the checkpoint storage never answers', async () => {
    const checkpoints = Object.assign(memoryCheckpoints(), { list: () => new Promise<never>(() => {}) })
    const { uploader, clock } = rig({ checkpoints })
    const asked = expect(uploader.interrupted()).rejects.toThrow('no answer within 10 s')
    for (let seconds = 0; seconds < 11; seconds++) await clock.advance(1_000)
    await asked
    expect(clock.sleeping).toBe(0)
  })

  test('is listed by interrupted(), and needs the same file to resume', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(12), { params: { album: '42' } })
    ;(await first.transport.next()).store()
    await flush()

    const second = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
    const [left, ...more] = await second.uploader.interrupted()
    expect(more).toEqual([])
    expect(left).toMatchObject({
      confirmed: 4,
      params: { album: '42' },
      identity: { name: 'file.bin', size: 12 },
    })
    expect(() => left?.resume(fileOf(13))).toThrow(
      /Expected "file.bin" \(12 bytes.*got "file.bin" \(13 bytes/,
    )
    await left?.resume(fileOf(12))
    expect(second.transport.stored).toEqual([2, 3])
    expect(await second.uploader.interrupted()).toEqual([])
  })

  test('stays at the server after forget(), and is aborted there by cancel()', async () => {
    for (const way of ['forget', 'cancel'] as const) {
      const first = rig()
      first.uploader.uploadFile(fileOf(12))
      ;(await first.transport.next()).store()
      await flush()
      const second = rig({ checkpoints: first.checkpoints })
      const [left] = await second.uploader.interrupted()
      await left?.[way]()
      expect(second.backend.aborted).toEqual(way === 'cancel' ? ['session-1'] : [])
      expect(await second.uploader.interrupted()).toEqual([])
    }
  })

  test('ignores receipts that do not fit the layout', async () => {
    const { checkpoints, ...first } = rig()
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    const key = checkpointKey('', 'fake', identify(fileOf(12)), {})
    await checkpoints.addReceipt(key, { number: 2, size: 3, etag: '"short"' })
    await checkpoints.addReceipt(key, { number: 4, size: 4, etag: '"beyond"' })

    const second = rig({ transport: new StoringTransport(), checkpoints })
    await second.uploader.uploadFile(fileOf(12))
    expect(second.transport.stored).toEqual([2, 3])
    expect(second.backend.completed[0]?.map(({ number, size }) => [number, size])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
    ])
  })
})

describe('a session that the server has lost', () => {
  const lost = new SessionLostError(refused)

  test.each(['sign', 'complete'] as const)(
    'is replaced by a new one without asking, if %s reports the loss',
    async (verb) => {
      const backend = new FakeBackend({ fileDigest: 'xxhash64' })
      const { uploader, transport, hasher, checkpoints } = rig({ transport: new StoringTransport(), backend })
      backend.failNext(verb, lost)
      const file = fileOf(12)
      const upload = uploader.uploadFile(file)
      const warnings = vi.fn()
      upload.on('warning', warnings)
      await upload
      expect(transport.object()).toEqual(await bytesOf(file))
      expect([backend.opened.length, backend.completed.length, hasher.asked]).toEqual([2, 1, 1])
      expect(warnings.mock.calls).toMatchObject([[{ code: 'session-lost', cause: lost }]])
      expect(await checkpoints.list()).toEqual([])
    },
  )

  test('is aborted at the server too, which may still hold it if only the storage has lost it', async () => {
    const backend = new FakeBackend()
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    backend.failNext('sign', lost)
    await uploader.uploadFile(fileOf(12))
    expect(backend.aborted).toEqual(['session-1'])
  })

  test('is aborted at the server too if it is from an earlier visit that was not completing it', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    await first.uploader.stop()
    const backend = new FakeBackend()
    const { uploader } = rig({ transport: new StoringTransport(), backend, checkpoints: first.checkpoints })
    backend.failNext('sign', lost)
    await uploader.uploadFile(fileOf(12))
    expect([backend.aborted, backend.opened.length]).toEqual([['session-1'], 1])
  })

  test('is replaced even if the abort fails', async () => {
    const backend = new FakeBackend()
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    backend.failNext('sign', lost)
    backend.failNext('abort', new NetworkError('the server could not be reached'))
    await uploader.uploadFile(fileOf(12))
    expect([backend.opened.length, backend.aborted]).toEqual([2, []])
  })

  test('is replaced even if abort() throws instead of rejecting', async () => {
    const backend = new FakeBackend()
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    backend.failNext('sign', lost)
    backend.abort = () => {
      throw new Error('not a promise')
    }
    await uploader.uploadFile(fileOf(12))
    expect(backend.opened).toHaveLength(2)
  })

  test('is also recognised by a 404 with NoSuchUpload from the storage', async () => {
    const { uploader, transport, backend } = rig({ transport: new StoringTransport() })
    const gone = { status: 404, headers: {}, body: '<Error><Code>NoSuchUpload</Code></Error>' }
    transport.fault = (number) => (number === 2 && backend.opened.length === 1 ? gone : undefined)
    await uploader.uploadFile(fileOf(12))
    expect(backend.opened).toHaveLength(2)
    expect(backend.completed[0]?.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('is replaced only once: if the server loses every session, the upload fails', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    backend.failNext('sign', lost)
    backend.failNext('sign', lost)
    await expect(uploader.uploadFile(fileOf(4))).rejects.toMatchObject({
      code: 'session-lost',
      cause: refused,
    })
    expect(backend.opened).toHaveLength(2)
  })

  test('is kept until a new one is open, so that a server that temporarily knows nothing costs no part', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(12))
    const [first] = await transport.take(2)
    first?.store()
    await transport.next()
    upload.pause()
    await flush()
    // As during a redeployment, behind a proxy that has no route to the server yet.
    for (const verb of ['sign', 'abort', 'open'] as const) backend.failNext(verb, lost)
    upload.resume()
    await expect(upload).rejects.toMatchObject({ code: 'session-lost' })
    upload.resume()
    for (const request of await transport.take(2)) request.store()
    await upload
    expect([backend.opened.length, transport.sent]).toEqual([1, [1, 2, 3, 2, 3]])
  })

  test('is not replaced if the upload was paused meanwhile', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    const [first] = await transport.take(2)
    first?.respond({ status: 404 })
    upload.pause()
    await flush()
    expect(upload.state.status).toBe('paused')
    expect(backend.opened).toHaveLength(1)
    await upload.cancel()
  })
})

describe('the list of stored parts', () => {
  /** An upload of three parts, of which an earlier visit stored the first two. */
  async function interrupted(): Promise<Rig> {
    const first = rig()
    const upload = first.uploader.uploadFile(fileOf(12))
    const requests = await first.transport.take(2)
    for (const request of requests) request.store()
    await flush()
    upload.pause()
    await flush()
    return first
  }

  async function resumedWith(listed: readonly ListedPart[]): Promise<Rig<StoringTransport>> {
    const { checkpoints } = await interrupted()
    const second = rig({ transport: new StoringTransport(), checkpoints })
    second.backend.listed = listed
    await second.uploader.uploadFile(fileOf(12))
    return second
  }

  test('confirms receipts: a part that it lacks is sent again', async () => {
    const { transport } = await resumedWith([{ number: 1, size: 4, etag: 'etag-1' }])
    expect(transport.stored).toEqual([2, 3])
  })

  test('adds the parts that only it has', async () => {
    const { transport, backend } = await resumedWith([
      { number: 1, size: 4, etag: '"etag-1"' },
      { number: 2, size: 4, etag: '"etag-2"' },
      { number: 3, size: 4, etag: '"only-there"' },
    ])
    expect(transport.stored).toEqual([])
    expect(backend.completed[0]?.map(({ etag }) => etag)).toEqual(['"etag-1"', '"etag-2"', '"only-there"'])
  })

  test('is not requested if no part is missing, since completing again tells what became of the upload', async () => {
    const first = rig({ transport: new StoringTransport() })
    const release = first.backend.holdNext('complete')
    first.uploader.uploadFile(fileOf(12))
    await flush()
    const second = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
    second.backend.listed = []
    await second.uploader.uploadFile(fileOf(12))
    expect([second.backend.calls, second.transport.stored]).toEqual([['complete'], []])
    release()
  })

  test('is requested after a failure even if no part is missing, so that a lost part can be sent again', async () => {
    const { checkpoints } = rig()
    const { uploader, backend, transport } = rig({ transport: new StoringTransport(), checkpoints })
    backend.failNext('complete', refused)
    const upload = uploader.uploadFile(fileOf(12))
    await expect(upload).rejects.toBe(refused)
    backend.listed = [
      { number: 1, size: 4, etag: md5Etag(new Uint8Array(await fileOf(12).slice(0, 4).arrayBuffer())) },
      { number: 2, size: 4, etag: md5Etag(new Uint8Array(await fileOf(12).slice(4, 8).arrayBuffer())) },
    ]
    upload.resume()
    await upload
    expect(transport.stored).toEqual([1, 2, 3, 3])
  })

  test('does not count for a part of another size, number or ETag', async () => {
    const { transport } = await resumedWith([
      { number: 1, size: 3, etag: '"etag-1"' },
      { number: 2, size: 4, etag: '"somebody-else"' },
      { number: 4, size: 4, etag: '"beyond"' },
    ])
    expect(transport.stored).toEqual([1, 2, 3])
  })
})

describe('a checkpoint', () => {
  test("counts as absent after its expiry, or after the server's if that comes first", async () => {
    for (const [expiry, expiresIn, wait] of [
      [1_000, undefined, 1_000],
      [9_000, 1_000, 1_000],
    ] as const) {
      const { uploader, transport, backend, clock } = rig({ expiry })
      backend.expiresIn = expiresIn
      const upload = uploader.uploadFile(fileOf(8))
      ;(await transport.next()).store()
      await transport.next()
      upload.pause()
      await clock.advance(wait - 1)
      upload.resume()
      await transport.next()
      expect(backend.opened).toHaveLength(1)
      upload.pause()
      await clock.advance(1)
      upload.resume()
      for (const request of await transport.take(2)) request.store()
      await upload
      expect(backend.opened).toHaveLength(2)
    }
  })

  test.each(['alice', 'bob'])('is removed after its expiry, in whatever scope (%s)', async (scope) => {
    const first = rig({ scope: 'alice', expiry: 1_000, tabs: new FakeBrowser().tab() })
    const upload = first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    const { checkpoints } = first
    const early = rig({ checkpoints, scope })
    await early.clock.advance(999)
    await early.uploader.interrupted()
    await flush()
    expect(await checkpoints.list()).toHaveLength(1)
    const late = rig({ checkpoints, scope })
    await late.clock.advance(1_000)
    expect(await late.uploader.interrupted()).toEqual([])
    await flush()
    expect(await checkpoints.list()).toEqual([])
    expect(late.backend.aborted).toEqual([])
    expect(upload.state.status).toBe('uploading')
  })

  test('stays after its expiry while its upload is under way', async () => {
    const browser = new FakeBrowser()
    const first = rig({ expiry: 1_000, tabs: browser.tab() })
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    const late = rig({ checkpoints: first.checkpoints, tabs: browser.tab() })
    await late.clock.advance(1_000)
    expect(await late.uploader.interrupted()).toEqual([])
    await flush()
    expect(await first.checkpoints.list()).toHaveLength(1)
  })

  test('is neither seen nor resumed in another scope', async () => {
    const first = rig({ scope: 'alice' })
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    const second = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints, scope: 'bob' })
    expect(await second.uploader.interrupted()).toEqual([])
    await second.uploader.uploadFile(fileOf(12))
    expect(second.backend.opened).toHaveLength(1)
    const third = rig({ checkpoints: first.checkpoints, scope: 'alice' })
    expect(await third.uploader.interrupted()).toHaveLength(1)
  })

  test('is neither seen nor resumed with another backend or scope, and its recorded cancel is not sent there', async () => {
    for (const other of [{ scope: 'bob' }, { name: 'another' }]) {
      const first = rig({ scope: 'alice' })
      const told = new FakeBackend()
      for (let failure = 0; failure < 3; failure++) first.backend.failNext('abort', refused)
      first.uploader.uploadFile(fileOf(8))
      const cancelled = first.uploader.uploadFile(fileOf(12))
      cancelled.catch(() => {})
      await flush()
      await cancelled.cancel()
      await first.uploader.stop()
      const { checkpoints } = first
      const before = await checkpoints.list()
      expect(before.map(({ checkpoint }) => (checkpoint as { stage: string }).stage).sort()).toEqual([
        'aborting',
        'opened',
      ])
      const { name = told.name, scope = 'alice' } = other as { name?: string; scope?: string }
      const foreign = rig({ checkpoints, scope, backend: Object.assign(told, { name }) })
      expect(await foreign.uploader.interrupted()).toEqual([])
      await flush()
      expect(told.aborted).toEqual([])
      expect(await checkpoints.list()).toEqual(before)
      const own = rig({ checkpoints, scope: 'alice' })
      expect(await own.uploader.interrupted()).toHaveLength(1)
      await flush()
      expect(own.backend.aborted).toEqual(['session-2'])
    }
  })

  test('is listed with the others, oldest first, and not after its expiry', async () => {
    const checkpoints = memoryCheckpoints()
    for (const [name, time, expiry] of [
      ['newest', 3_000, 1_000_000],
      ['oldest', 1_000, 1_000_000],
      ['expired', 500, 3_000],
      ['between', 2_000, 1_000_000],
    ] as const) {
      const { uploader, clock } = rig({ checkpoints, expiry })
      await clock.advance(time)
      uploader.uploadFile(fileOf(8, name))
      await flush()
      await uploader.stop()
    }
    const { uploader, clock } = rig({ checkpoints })
    // Checkpoints that expire later are no longer removed by this Uploader.
    await clock.advance(3_000)
    expect(await uploader.interrupted()).toHaveLength(4)
    await flush()
    await clock.advance(1_000)
    const left = await uploader.interrupted()
    expect(left.map(({ identity }) => identity.name)).toEqual(['oldest', 'between', 'newest'])
  })

  test('holds no URL, no header and no token', async () => {
    const { uploader, transport, checkpoints } = rig()
    uploader.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await flush()
    const kept = JSON.stringify(await checkpoints.list())
    expect(kept).toContain('session-1')
    expect(kept).not.toContain('storage.test')
  })
})

describe('a file that can no longer be read', () => {
  function unreadable(size: number): File {
    const file = fileOf(size)
    file.slice = () => {
      const gone = new Blob([new Uint8Array(4)])
      gone.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'))
      return gone
    }
    return file
  }

  /** As Firefox reads a file that became shorter: up to its end, without an error. */
  function shortened(size: number, rest: number): File {
    const file = fileOf(size)
    const whole = file.slice.bind(file)
    file.slice = (start = 0, end = size) => {
      const slice = whole(start, end)
      slice.arrayBuffer = () => whole(start, Math.min(end, rest)).arrayBuffer()
      return slice
    }
    return file
  }

  async function paused(file: File = unreadable(8)): Promise<{ all: Rig; upload: Upload }> {
    const all = rig()
    const upload = all.uploader.uploadFile(file)
    const [first, second] = await all.transport.take(2)
    first?.store(md5Etag(new Uint8Array(await fileOf(8).slice(0, 4).arrayBuffer())))
    await flush()
    second?.cut()
    await all.clock.advance(1_000)
    return { all, upload }
  }

  test('pauses the upload until it is picked again, and is not taken for a network error', async () => {
    const { all, upload } = await paused()
    expect(upload.state).toEqual({ status: 'paused', by: 'system', reason: 'needs-file' })
    expect(all.transport.open.size).toBe(0)
    upload.resume(fileOf(8))
    ;(await all.transport.next()).store()
    await upload
    expect(all.transport.sent).toEqual([1, 2, 2])
  })

  test('is resumed by neither time nor a change of the network, only by picking it again', async () => {
    const { all, upload } = await paused()
    const seen = statuses(upload)
    await all.clock.advance(3_600_000)
    for (const online of [false, true]) all.connectivity.change(online)
    await flush()
    expect([seen, all.clock.sleeping, all.connectivity.waiting]).toEqual([['paused'], 0, 0])
    await upload.cancel()
    await upload.catch(() => {})
  })

  test('pauses the upload if the reason is that it has become shorter', async () => {
    const { all, upload } = await paused(shortened(8, 6))
    expect(upload.state).toEqual({ status: 'paused', by: 'system', reason: 'needs-file' })
    upload.resume(fileOf(8))
    ;(await all.transport.next()).store()
    await upload
    expect(all.transport.sent).toEqual([1, 2, 2])
  })

  test('can also be picked again through uploadFile', async () => {
    const { all, upload } = await paused()
    expect(all.uploader.uploadFile(fileOf(8))).toBe(upload)
    ;(await all.transport.next()).store()
    await upload
  })

  test('is not replaced by another file: a wrong pick is refused and nothing is lost', async () => {
    const { all, upload } = await paused()
    for (const wrong of [fileOf(9), fileOf(8, 'other'), fileOf(8, 'file.bin', 2)]) {
      expect(() => upload.resume(wrong)).toThrow(FileChangedError)
    }
    expect(upload.state.status).toBe('paused')
    upload.resume(fileOf(8))
    ;(await all.transport.next()).store()
    await upload
    expect(all.transport.sent).toEqual([1, 2, 2])
  })

  test('pauses the upload during the digest too', async () => {
    const backend = new FakeBackend({ fileDigest: () => Promise.reject(new FileUnreadableError('file.bin')) })
    const { uploader } = rig({ backend })
    const upload = uploader.uploadFile(fileOf(8))
    await flush()
    expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' })
    await upload.cancel()
  })
})

test('`accept` lets a file in by its own name as well as by the given one', () => {
  const { uploader } = rig()
  const accept = '.jpg'
  expect(uploader.uploadFile(fileOf(4, 'a.jpg'), { name: 'id-1', accept }).identity.name).toBe('id-1')
  expect(() => uploader.uploadFile(fileOf(4, 'a.exe'), { name: 'id-2', accept })).toThrow(
    '"id-2" is not accepted',
  )
  expect(uploader.uploadFile(new Blob(['abc']), { name: 'b.jpg', accept }).identity.name).toBe('b.jpg')
})

describe('a folder that is passed as a file', () => {
  function unreadable(): File {
    const gone = (): Promise<never> => Promise.reject(new DOMException('gone', 'NotFoundError'))
    return Object.assign(new File(['abcd'], 'photos'), { slice: () => ({ arrayBuffer: gone }) })
  }

  test('fails before anything is sent, and the error says what to do', async () => {
    const { uploader, backend } = rig()
    await expect(uploader.uploadFile(unreadable())).rejects.toMatchObject({
      code: 'not-accepted',
      message: expect.stringContaining('filesOf'),
    })
    expect([backend.calls, uploader.progress.files.failed]).toEqual([[], 1])
  })

  test('is not suspected if a part of the file was read before: its disk is gone and may come back', async () => {
    const file = new File([new Uint8Array(12)], 'A001C003')
    const slice = file.slice.bind(file)
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(file)
    ;(await transport.next()).store()
    file.slice = (from, to) => {
      const gone = (): Promise<never> => Promise.reject(new DOMException('gone', 'NotFoundError'))
      return Object.assign(slice(from, to), { arrayBuffer: gone })
    }
    await flush()
    upload.pause()
    await flush()
    upload.resume()
    await flush()
    expect(upload.state.status).toBe('uploading')
    for (const request of transport.open) request.store()
    await upload
  })

  test('is not suspected if the file came with a handle', async () => {
    const { uploader, backend } = rig()
    const upload = uploader.uploadFile(unreadable(), { handle: {} as FileSystemFileHandle })
    await flush()
    expect(backend.calls).toContain('open')
    await upload.cancel()
  })
})

describe('a file that is picked again', () => {
  /** An upload of ten parts, of which an earlier visit stored the first eight. */
  async function left(etagIsMd5: boolean): Promise<{ first: Rig<StoringTransport>; file: File }> {
    const first = rig({ transport: new StoringTransport() })
    first.transport.fault = (number) => {
      if (number > 8) return { status: 400, headers: {}, body: '' }
      return undefined
    }
    if (!etagIsMd5) first.transport.etag = (number) => `"made-up-${number}"`
    const file = fileOf(40)
    await expect(first.uploader.uploadFile(file)).rejects.toMatchObject({ status: 400 })
    return { first, file }
  }

  /** The same name, size and date, but one byte of part 1 differs. */
  function edited(): File {
    const other = new File([new Uint8Array([255])], 'x')
    return new File([other, fileOf(40).slice(1)], 'file.bin', { lastModified: 1 })
  }

  test.each([true, false])('continues if its content is the same (ETags are MD5: %s)', async (etagIsMd5) => {
    const { first } = await left(etagIsMd5)
    const { uploader, transport, hasher } = rig({
      transport: new StoringTransport(),
      checkpoints: first.checkpoints,
    })
    await uploader.uploadFile(fileOf(40))
    expect(transport.stored).not.toContain(1)
    expect(hasher.digested.filter((algorithm) => algorithm === 'md5').length > 1).toBe(etagIsMd5)
  })

  test.each([true, false])(
    'is refused as changed if its content differs (ETags are MD5: %s)',
    async (etagIsMd5) => {
      const { first } = await left(etagIsMd5)
      const { uploader, transport, backend } = rig({
        transport: new StoringTransport(),
        checkpoints: first.checkpoints,
      })
      const upload = uploader.uploadFile(edited())
      await expect(upload).rejects.toMatchObject({
        code: 'file-changed',
        message: expect.stringContaining('part 1'),
      })
      expect([transport.stored, backend.completed]).toEqual([[], []])
      // Nothing is lost: the original file still continues the upload.
      expect(uploader.uploadFile(fileOf(40))).toBe(upload)
      await upload
      expect(transport.stored).not.toContain(1)
    },
  )

  test('can be sent from the beginning with restart() if its content differs', async () => {
    const { first } = await left(true)
    const { uploader, transport, backend } = rig({
      transport: new StoringTransport(),
      checkpoints: first.checkpoints,
    })
    const file = edited()
    const upload = uploader.uploadFile(file)
    await expect(upload).rejects.toMatchObject({ code: 'file-changed' })
    upload.restart()
    await upload
    expect(transport.object()).toEqual(await bytesOf(file))
    expect([backend.aborted, backend.opened.length]).toEqual([['session-1'], 1])
  })

  test('starts over once on restart(), and then continues after a pause as usual', async () => {
    const { first } = await left(true)
    const { uploader, transport, backend } = rig({ checkpoints: first.checkpoints, concurrency: 1 })
    const upload = uploader.uploadFile(edited())
    await expect(upload).rejects.toMatchObject({ code: 'file-changed' })
    upload.restart()
    ;(await transport.next()).store()
    await transport.next()
    upload.pause()
    await flush()
    upload.resume()
    while (upload.state.status !== 'done') {
      for (const request of await transport.take(transport.open.size)) request.store()
      await flush()
    }
    expect(transport.sent.filter((number) => number === 1)).toEqual([1])
    expect([backend.aborted, backend.opened.length]).toEqual([['session-1'], 1])
  })

  /** An upload of which an earlier visit stored a part, and died before any part had a proof. */
  async function unproven(etag: string): Promise<Rig> {
    const first = rig()
    first.hasher.digestAll = () => new Promise(() => {})
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store(etag)
    await flush()
    return first
  }

  test('is sent from the beginning on restart() even if a paused run has not ended yet', async () => {
    const backend = new FakeBackend()
    const parts: ListedPart[] = [{ number: 1, size: 4, etag: '"etag-1"' }]
    let answer: (reopened: Reopened) => void = () => {}
    // A backend that ignores its signal.
    backend.reopen = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const { uploader, transport } = rig({ backend })
    const upload = uploader.uploadFile(fileOf(8))
    ;(await transport.next()).store()
    await flush()
    upload.pause()
    await flush()
    upload.resume()
    await flush()
    upload.pause()
    upload.restart()
    answer({ parts, source: 'storage' })
    await flush()
    expect([backend.aborted, backend.opened.length]).toEqual([['session-1'], 2])
    expect(transport.sent).toEqual([1, 2, 1, 2])
    await upload.cancel()
  })

  test('continues without any proof if the ETag is the MD5 of its part', async () => {
    const { checkpoints } = await unproven(
      md5Etag(new Uint8Array(await fileOf(12).slice(0, 4).arrayBuffer())),
    )
    const { uploader, transport } = rig({ transport: new StoringTransport(), checkpoints })
    await uploader.uploadFile(fileOf(12))
    expect(transport.stored).toEqual([2, 3])
  })

  test.each(['"0123456789abcdef0123456789abcdef"', '"opaque"'])(
    'is sent from the beginning in a new session if nothing can be proven (ETag %s)',
    async (etag) => {
      const { checkpoints } = await unproven(etag)
      const { uploader, transport, backend } = rig({ transport: new StoringTransport(), checkpoints })
      await uploader.uploadFile(fileOf(12))
      expect(transport.stored).toEqual([1, 2, 3])
      expect([backend.aborted, backend.opened.length]).toEqual([['session-1'], 1])
    },
  )

  test('is not compared with verify none, and compared in every stored part with verify full', async () => {
    const { first } = await left(true)
    const none = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints, verify: 'none' })
    none.transport.fault = () => ({ status: 400, headers: {}, body: '' })
    await expect(none.uploader.uploadFile(edited())).rejects.toMatchObject({ status: 400 })
    expect(none.hasher.digested).toEqual([])
    const full = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints, verify: 'full' })
    const stored = (await full.uploader.interrupted())[0]?.confirmed ?? 0
    await full.uploader.uploadFile(fileOf(40))
    // Every stored part once, and then what sending the others takes.
    expect(full.hasher.digested.length).toBeGreaterThanOrEqual(stored / 4)
  })

  test('is sent again in the parts without a proof with verify full, while they count with verify sample', async () => {
    for (const [verify, again] of [
      ['full', [2, 3]],
      ['sample', [3]],
    ] as const) {
      const first = rig({ transport: new StoringTransport() })
      first.transport.etag = (number) => `"opaque-${number}"`
      first.transport.fault = (number) => (number === 3 ? { status: 400, headers: {}, body: '' } : undefined)
      await expect(first.uploader.uploadFile(fileOf(12))).rejects.toMatchObject({ status: 400 })
      const { checkpoints } = first
      const [key = ''] = (await checkpoints.list()).map(({ checkpoint }) => (checkpoint as Checkpoint).key)
      const { receipts = [] } = (await checkpoints.load(key)) ?? {}
      expect(receipts).toMatchObject([{ crc32c: expect.any(String) }, {}])
      await checkpoints.addReceipt(key, { number: 2, size: 4, etag: '"opaque-2"' })
      const second = rig({ transport: new StoringTransport(), checkpoints, verify })
      await second.uploader.uploadFile(fileOf(12))
      expect(second.transport.stored).toEqual(again)
    }
  })

  test('may be null, as `files.item(0)` of an empty input is; the upload then continues with the file it has', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(12))
    upload.pause()
    upload.resume(null as unknown as undefined)
    await upload
    expect(transport.stored).toHaveLength(3)
  })

  test('is not compared again after a pause and a resume with the same File', async () => {
    const { uploader, transport, hasher } = rig()
    const upload = uploader.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await transport.next()
    await flush()
    const before = hasher.digested.length
    upload.pause()
    await flush()
    upload.resume()
    await transport.next()
    expect(hasher.digested.length).toBe(before)
    await upload.cancel()
  })
})

describe('a file that is added again right after its cancel', () => {
  test('is a new upload even if the old one had failed before', async () => {
    const { uploader, transport, backend, checkpoints } = rig({ transport: new StoringTransport() })
    backend.failNext('complete', refused)
    const one = uploader.uploadFile(fileOf(4))
    await expect(one).rejects.toBe(refused)
    const release = backend.holdNext('abort')
    const cancelled = one.cancel()
    const two = uploader.uploadFile(fileOf(4))
    expect(two).not.toBe(one)
    await flush()
    expect(two.state.status).toBe('waiting')
    release()
    expect((await two).size).toBe(4)
    await cancelled
    expect([backend.aborted, transport.stored]).toEqual([['session-1'], [1, 1]])
    expect(await checkpoints.list()).toEqual([])
  })

  test('is a new upload, which begins once the old one has been thrown away', async () => {
    const { uploader, transport, backend, checkpoints } = rig()
    const one = uploader.uploadFile(fileOf(4))
    await transport.next()
    const release = backend.holdNext('abort')
    void one.cancel()
    const two = uploader.uploadFile(fileOf(4))
    expect(two).not.toBe(one)
    await flush()
    expect(backend.opened).toHaveLength(1)
    release()
    ;(await transport.next()).store()
    await two
    expect(backend.opened).toHaveLength(2)
    expect(await checkpoints.list()).toEqual([])
    expect(uploader.uploads).toEqual([])
  })
})

describe('the same file twice in one page', () => {
  test('returns the upload that is under way', async () => {
    const { uploader, transport, backend } = rig()
    const file = fileOf(4)
    const one = uploader.uploadFile(file)
    expect(uploader.uploadFile(file)).toBe(one)
    ;(await transport.next()).store()
    await one
    expect(backend.opened).toHaveLength(1)
  })

  test('is a new upload once the first is done', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(4))
    await uploader.uploadFile(fileOf(4))
    expect(backend.opened).toHaveLength(2)
  })

  test("returns the upload that is under way even if the given path differs from the file's own", async () => {
    const { uploader, transport } = rig()
    const file = Object.defineProperty(fileOf(4), 'webkitRelativePath', { value: 'top/a/file.bin' })
    const upload = uploader.uploadFile(file, { relativePath: 'a/file.bin' })
    await transport.next()
    expect(uploader.uploadFile(file, { relativePath: 'a/file.bin' })).toBe(upload)
    await upload.cancel()
  })

  test('resumes the upload if it has failed', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    backend.failNext('complete', refused)
    const upload = uploader.uploadFile(fileOf(4))
    await expect(upload).rejects.toBe(refused)
    await uploader.uploadFile(fileOf(4))
    expect(upload.state.status).toBe('done')
  })
})

describe('cancel', () => {
  test('cuts the requests, tells the server, removes the checkpoint, and rejects with an AbortError', async () => {
    const all = rig()
    const upload = all.uploader.uploadFile(fileOf(12))
    await all.transport.take(2)
    await upload.cancel()
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
    expect(all.backend.aborted).toEqual(['session-1'])
    expect(await all.checkpoints.list()).toEqual([])
    expectNothingRunning(all)
  })

  test('is recorded before the server is told, since the page may be closed meanwhile', async () => {
    const first = rig()
    const upload = first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    first.backend.holdNext('abort')
    void upload.cancel()
    await flush()
    expect(first.backend.calls.at(-1)).toBe('abort')

    const next = rig({ checkpoints: first.checkpoints })
    expect(await next.uploader.interrupted()).toEqual([])
    await flush()
    expect([next.backend.aborted, await next.checkpoints.list()]).toEqual([['session-1'], []])
  })

  test("by an AbortSignal rejects with the signal's reason", async () => {
    const all = rig()
    const controller = new AbortController()
    const upload = all.uploader.uploadFile(fileOf(12), { signal: controller.signal })
    await all.transport.next()
    controller.abort('enough')
    await expect(upload).rejects.toBe('enough')
    expect(all.backend.aborted).toEqual(['session-1'])
    expectNothingRunning(all)
  })

  test('by a signal that had aborted before the start begins nothing and throws nothing away', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    const second = rig({ checkpoints: first.checkpoints })
    await expect(second.uploader.uploadFile(fileOf(12), { signal: AbortSignal.abort('no') })).rejects.toBe(
      'no',
    )
    expect(second.backend.calls).toEqual([])
    expect(await second.uploader.interrupted()).toHaveLength(1)
  })

  test('while completing gives way to a success, and nothing is aborted', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const release = backend.holdNext('complete')
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    const cancelled = upload.cancel()
    release()
    await cancelled
    expect(upload.state.status).toBe('done')
    expect(backend.aborted).toEqual([])
    await upload
  })

  test('while completing takes effect if completing fails', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const release = backend.holdNext('complete')
    backend.failNext('complete', new NetworkError('lost'))
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    const cancelled = upload.cancel()
    release()
    await cancelled
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
    expect(backend.aborted).toEqual(['session-1'])
  })

  test.each(['pause', 'resume'] as const)(
    'while completing stands even if %s() is called after it',
    async (later) => {
      const backend = new FakeBackend()
      const release = backend.holdNext('complete')
      backend.failNext('complete', refused)
      const { uploader, checkpoints } = rig({ backend, transport: new StoringTransport() })
      const upload = uploader.uploadFile(fileOf(4))
      await flush()
      const cancelled = upload.cancel()
      upload[later]()
      release()
      await cancelled
      await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
      expect(backend.aborted).toEqual(['session-1'])
      expect(await checkpoints.list()).toEqual([])
    },
  )

  test('while completing lets the same file start a new upload, which waits for the cancel', async () => {
    const backend = new FakeBackend()
    const release = backend.holdNext('complete')
    backend.failNext('complete', refused)
    const { uploader } = rig({ backend, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    upload.cancel()
    const again = uploader.uploadFile(fileOf(4))
    release()
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    expect(await again).toMatchObject({ key: 'the-key' })
    expect(backend.calls.filter((verb) => verb !== 'sign')).toEqual([
      'open',
      'complete',
      'abort',
      'open',
      'complete',
    ])
  })

  test('also works for a paused and for a failed upload', async () => {
    const paused = rig()
    const upload = paused.uploader.uploadFile(fileOf(12))
    await paused.transport.next()
    upload.pause()
    await flush()
    await upload.cancel()
    expect(paused.backend.aborted).toEqual(['session-1'])

    const failed = rig({ transport: new StoringTransport() })
    failed.backend.failNext('complete', refused)
    const other = failed.uploader.uploadFile(fileOf(4))
    await expect(other).rejects.toBe(refused)
    await other.cancel()
    expect(failed.backend.aborted).toEqual(['session-1'])
  })

  test('gives a warning if the server cannot be told', async () => {
    const { uploader, backend, transport } = rig()
    backend.failNext('abort', refused)
    const upload = uploader.uploadFile(fileOf(12))
    const warnings = vi.fn()
    upload.on('warning', warnings)
    await transport.next()
    await upload.cancel()
    expect(warnings).toHaveBeenCalledWith(expect.objectContaining({ code: 'abort', cause: refused }))
    expect(upload.state.status).toBe('cancelled')
  })
})

describe('failures', () => {
  test('a burst of 503 is waited out, and every part arrives once', async () => {
    const { uploader, transport, clock } = rig({ transport: new StoringTransport() })
    const left = new Map([
      [1, 2],
      [2, 2],
      [3, 2],
    ])
    transport.fault = (number) => {
      const times = left.get(number) ?? 0
      left.set(number, times - 1)
      return times > 0 ? busy : undefined
    }
    const upload = uploader.uploadFile(fileOf(12))
    await clock.advance(60_000)
    await upload
    expect([...transport.stored].sort()).toEqual([1, 2, 3])
  })

  test('longhaul waits as long as Retry-After says', async () => {
    const { uploader, transport, clock } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).respond({ ...busy, headers: { 'retry-after': '7' } })
    await clock.advance(6_900)
    expect(transport.sent).toEqual([1])
    await clock.advance(2_000)
    ;(await transport.next()).store()
    await upload
  })

  test('if the attempts run out, the upload rejects with the cause, keeps the acknowledged parts, and can be resumed', async () => {
    const { uploader, transport, clock } = rig({ transport: new StoringTransport(), retry: { attempts: 3 } })
    transport.fault = (number) => (number === 3 ? busy : undefined)
    const upload = uploader.uploadFile(fileOf(12))
    const outcome = expect(upload).rejects.toMatchObject({ code: 'http', status: 503, retryable: true })
    await clock.advance(60_000)
    await outcome
    expect(clock.sleeping).toBe(0)
    transport.fault = () => undefined
    upload.resume()
    await upload
    expect([...transport.stored].sort()).toEqual([1, 2, 3])
  })

  test('a refusal that would be repeated fails the upload at once, but parts on their way may still arrive', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(16))
    const [first, second] = await transport.take(2)
    first?.respond({
      status: 400,
      headers: {},
      body: '<Error><Code>EntityTooLarge</Code><Message>x</Message></Error>',
    })
    await flush()
    expect(upload.state.status).toBe('uploading')
    second?.store()
    await expect(upload).rejects.toMatchObject({ code: 'http', status: 400, serviceCode: 'EntityTooLarge' })
    expect(transport.sent).toEqual([1, 2])
    expect(upload.progress.confirmed).toBe(4)
  })

  test('a part whose bytes were changed on the way (BadDigest) is sent again', async () => {
    const { uploader, transport, clock } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    const first = await transport.next()
    first.respond({ status: 400, body: '<Error><Code>BadDigest</Code><Message>x</Message></Error>' })
    await clock.advance(1_000)
    ;(await transport.next()).store()
    await upload
    expect(transport.sent).toEqual([1, 1])
  })

  test('a part whose connection was cut is sent again with a fresh target', async () => {
    const { uploader, transport, clock } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    const first = await transport.next()
    first.cut()
    await clock.advance(1_000)
    const second = await transport.next()
    expect(second.target.url).not.toBe(first.target.url)
    second.store()
    await upload
  })

  test('a 403 leads to a fresh URL and costs no attempt', async () => {
    const { uploader, transport, clock } = rig({ retry: { attempts: 1 } })
    const upload = uploader.uploadFile(fileOf(4))
    const first = await transport.next()
    first.respond({ status: 403 })
    const second = await transport.next()
    expect(second.target.url).not.toBe(first.target.url)
    expect(clock.now()).toBe(0)
    second.store()
    await upload
  })

  test('a storage that refuses every URL ends the upload with url-expired', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    transport.fault = () => ({ status: 403, headers: {}, body: '' })
    await expect(uploader.uploadFile(fileOf(4))).rejects.toMatchObject({ code: 'url-expired' })
  })

  test('a target that has expired is not used', async () => {
    const { uploader, transport, backend, clock } = rig({ concurrency: 1, stall: { idle: 100_000 } })
    backend.validFor = 60_000
    const upload = uploader.uploadFile(fileOf(8))
    const first = await transport.next()
    await clock.advance(56_000)
    first.store()
    const second = await transport.next()
    expect(backend.signed).toEqual([[1, 2], [2]])
    second.store()
    await upload
  })

  test('a stored part without an ETag names the missing CORS rule and shows one to paste', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).respond({ status: 200 })
    const error = await upload.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EtagHiddenError)
    expect(String(error)).toMatch(/ExposeHeaders/)
    expect(String(error)).toMatch(/"AllowedMethods": \["PUT"\]/)
  })

  test('an answer that breaks the contract fails the upload and keeps the checkpoint', async () => {
    const { uploader, backend, checkpoints } = rig({ transport: new StoringTransport() })
    const nonsense = new BackendError({ endpoint: 'sign', field: 'urls', expected: 'an object', received: 3 })
    backend.failNext('sign', nonsense)
    await expect(uploader.uploadFile(fileOf(4))).rejects.toBe(nonsense)
    expect(await checkpoints.list()).toHaveLength(1)
  })

  test('a backend that leaves out a target causes an error, and the part is never left out', async () => {
    const backend = new FakeBackend()
    const sign = backend.sign.bind(backend)
    backend.sign = async (...args) => (await sign(...args)).filter(({ number }) => number !== 2)
    const { uploader } = rig({ transport: new StoringTransport(), backend })
    await expect(uploader.uploadFile(fileOf(12))).rejects.toMatchObject({ code: 'backend', endpoint: 'sign' })
    expect(backend.completed).toEqual([])
  })

  test('anything else that is thrown becomes an UploadError with its cause', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const bug = new Error('bug')
    backend.failNext('open', bug)
    const error = await uploader.uploadFile(fileOf(4)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UploadError)
    expect(error).toMatchObject({ code: 'unexpected', message: 'bug', cause: bug })
  })

  // Retried endlessly within one task, such failures would block the page.
  test('a thrown value without a message, such as Object.create(null), is an error too and ends the run', async () => {
    const fileDigest = vi.fn(async (): Promise<string> => {
      if (fileDigest.mock.calls.length > 20) await new Promise(() => {})
      throw Object.create(null)
    })
    const { uploader } = rig({ backend: new FakeBackend({ fileDigest }) })
    await expect(uploader.uploadFile(fileOf(4))).rejects.toMatchObject({ code: 'unexpected' })
    expect(fileDigest).toHaveBeenCalledOnce()
  })

  test('if listening to other tabs throws, the run ends and the upload can still be cancelled', async () => {
    const tabs = new FakeBrowser().tab()
    const hear = vi.spyOn(tabs, 'hear').mockImplementation(() => {
      if (hear.mock.calls.length > 20) return () => {}
      throw new DOMException('The operation is insecure.', 'SecurityError')
    })
    const upload = rig({ tabs }).uploader.uploadFile(fileOf(4))
    await expect(upload).rejects.toMatchObject({ code: 'unexpected', message: 'The operation is insecure.' })
    expect(hear).toHaveBeenCalledOnce()
    await upload.cancel()
    expect(upload.state.status).toBe('cancelled')
  })

  test('a checkpoint store that fails gives one warning, and the upload continues, even after a pause', async () => {
    const full = (): Promise<never> => Promise.reject(new DOMException('full', 'QuotaExceededError'))
    const checkpoints = { load: full, save: full, addReceipt: full, remove: full, list: full }
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const { uploader, transport, hasher } = rig({ checkpoints, backend })
    const upload = uploader.uploadFile(fileOf(8))
    const warnings = vi.fn()
    upload.on('warning', warnings)
    ;(await transport.next()).store()
    await transport.next()
    await flush()
    upload.pause()
    await flush()
    upload.resume()
    ;(await transport.next()).store()
    await upload
    expect(transport.sent).toEqual([1, 2, 2])
    expect([hasher.asked, backend.opened.length]).toEqual([1, 1])
    expect(warnings).toHaveBeenCalledTimes(1)
    expect(warnings).toHaveBeenCalledWith(expect.objectContaining({ code: 'checkpoint' }))
    expect(upload.persistence).toBe('memory')
  })

  test('a checkpoint store that never answers is given up on, and the upload continues', async () => {
    const silent = (): Promise<never> => new Promise(() => {})
    const checkpoints = { load: silent, save: silent, addReceipt: silent, remove: silent, list: silent }
    const { uploader, clock } = rig({ transport: new StoringTransport(), checkpoints })
    const upload = uploader.uploadFile(fileOf(4))
    await clock.advance(10_000)
    expect(upload.state.status).toBe('completing')
    // The storage may only be slow, and would offer the upload again if it did not hear of its end.
    await clock.advance(10_000)
    await upload
    expect(clock.sleeping).toBe(0)
  })

  test('a damaged checkpoint is dropped, and the upload starts over', async () => {
    const records = {
      checkpoint: { version: 1, key: 'half a record' },
      receipts: [{ number: 1, size: 4, etag: '"e"' }],
    }
    const removed = vi.fn(async () => {})
    const checkpoints = { ...memoryCheckpoints(), load: async () => records, remove: removed }
    const { uploader, transport } = rig({
      transport: new StoringTransport(),
      checkpoints: Object.assign(memoryCheckpoints(), checkpoints),
    })
    const upload = uploader.uploadFile(fileOf(8))
    const warnings = vi.fn()
    upload.on('warning', warnings)
    await upload
    expect(transport.stored).toEqual([1, 2])
    expect(removed).toHaveBeenCalled()
    expect(warnings.mock.calls).toMatchObject([[{ code: 'checkpoint-damaged' }]])
  })

  test('a failure that nobody awaits is not an unhandled rejection', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    backend.failNext('open', refused)
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    process.off('unhandledRejection', unhandled)
    expect(upload.state).toEqual({ status: 'failed', error: refused })
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe("the Uploader's progress", () => {
  test('counts an upload as failed until it is resumed, and not at all once it is cancelled', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(4, 'a'))
    uploader.uploadFile(fileOf(4, 'b'))
    const files = (): object => uploader.progress.files
    expect(files()).toEqual({ total: 2, done: 0, failed: 0 })
    const [first, second] = await transport.take(2)
    first?.respond({ status: 400 })
    await flush()
    expect(files()).toEqual({ total: 2, done: 0, failed: 1 })
    upload.resume()
    expect(files()).toEqual({ total: 2, done: 0, failed: 0 })
    second?.store()
    await flush()
    await upload.cancel()
    await upload.catch(() => {})
    expect(files()).toEqual({ total: 1, done: 1, failed: 0 })
  })
})

test('an upload leaves no listener on the signals that can cancel it', async () => {
  for (const end of ['done', 'cancelled'] as const) {
    const { uploader, transport } = rig()
    const controllers = [new AbortController(), new AbortController()]
    let listeners = 0
    for (const { signal } of controllers) {
      vi.spyOn(signal, 'addEventListener').mockImplementation(() => {
        listeners += 1
      })
      vi.spyOn(signal, 'removeEventListener').mockImplementation((type) => {
        if (type === 'abort') listeners -= 1
      })
    }
    const file = fileOf(4)
    const [upload] = controllers.map(({ signal }) => uploader.uploadFile(file, { signal }))
    expect(listeners).toBe(2)
    const request = await transport.next()
    if (end === 'done') request.store()
    else await upload?.cancel()
    await upload?.catch(() => {})
    await flush()
    expect(listeners).toBe(0)
  }
})

describe('events', () => {
  test('`confirmed` never falls, and ends with the size of the file', async () => {
    const { uploader, transport, clock } = rig({ transport: new StoringTransport() })
    let failures = 5
    transport.fault = () => (failures-- > 0 ? busy : undefined)
    const upload = uploader.uploadFile(fileOf(40))
    const confirmed: number[] = []
    upload.on('progress', (progress) => confirmed.push(progress.confirmed))
    await clock.advance(60_000)
    await upload
    expect(confirmed).toEqual([...confirmed].sort((a, b) => a - b))
    expect(confirmed.at(-1)).toBe(40)
  })

  test('the last hashing event comes before the first progress event, each of them once', async () => {
    const { uploader, transport } = rig({ backend: new FakeBackend({ fileDigest: 'xxhash64' }) })
    const upload = uploader.uploadFile(fileOf(4))
    const told: unknown[] = []
    upload.on('hashing', (hashing) => told.push(hashing))
    upload.on('parts', (parts) => told.push(parts.length))
    upload.on('progress', ({ confirmed }) => told.push({ confirmed }))
    await transport.next()
    expect(told).toEqual([1, { hashed: 4, total: 4 }, { confirmed: 0 }])
    upload.pause()
    await flush()
    upload.resume()
    await transport.take(1)
    expect(told.slice(3)).toEqual([{ confirmed: 0 }, 1, { confirmed: 0 }])
    await upload.cancel()
  })

  test('an upload has zero progress and no parts before its turn', async () => {
    const { uploader } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    expect(upload.progress).toEqual({ confirmed: 0, inFlight: 0, total: 4, rate: 0, eta: undefined })
    expect([upload.parts(), upload.persistence]).toEqual([[], 'storage'])
    await upload.cancel()
  })

  test('progress is reported at most ten times a second', async () => {
    const { uploader, transport, clock } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    const seen = vi.fn()
    const request = await transport.next()
    await clock.advance(100)
    upload.on('progress', seen)
    for (let step = 0; step < 100; step++) {
      request.progress(step / 25)
      await clock.advance(10)
    }
    expect(seen.mock.calls.length).toBeLessThanOrEqual(10)
    expect(seen.mock.calls.length).toBeGreaterThanOrEqual(9)
    request.store()
    await upload
  })

  test('the bytes that an earlier visit stored do not count in the rate of the upload or of the Uploader', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(1200))
    ;(await first.transport.next()).store()
    await flush()
    const { uploader, transport, clock } = rig({ checkpoints: first.checkpoints })
    const upload = uploader.uploadFile(fileOf(1200))
    expect([upload.progress.rate, uploader.progress.rate]).toEqual([0, 0])
    const [request] = await transport.take(2)
    await clock.advance(1_000)
    expect([upload.progress, uploader.progress]).toMatchObject(Array(2).fill({ confirmed: 4, rate: 0 }))
    request?.progress(2)
    await clock.advance(1_000)
    expect([upload.progress.rate, uploader.progress.rate]).toEqual([1, 1])
    await upload.cancel()
  })

  test('moving bytes are reported even if the timer for the next progress event is late, as in a background page', async () => {
    const { uploader, transport, clock } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    const request = await transport.next()
    const told = vi.fn()
    upload.on('progress', ({ inFlight }) => told(inFlight))
    const sleep = vi.spyOn(clock, 'sleep')
    clock.jump(30_000)
    request.progress(2)
    expect(sleep).toHaveBeenCalledWith(100, expect.anything())
    await clock.advance(100)
    expect(told).toHaveBeenLastCalledWith(2)
    request.store()
    await upload
  })

  test('a file that was deleted before its upload began, which Chromium reads as empty, is not accepted, even with a handle', async () => {
    const { uploader, backend } = rig()
    const gone = Object.assign(new File([], 'film.mov'), {
      arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')),
    })
    for (const handle of [undefined, {} as FileSystemFileHandle])
      await expect(uploader.uploadFile(gone, { handle })).rejects.toMatchObject({ code: 'not-accepted' })
    expect(backend.calls).toEqual([])
  })

  test('the last progress of an upload that was paused or has failed has no rate and no time left', async () => {
    for (const end of ['paused', 'failed'] as const) {
      const { uploader, transport, clock } = rig()
      const upload = uploader.uploadFile(fileOf(1200))
      const told: unknown[] = []
      const all: unknown[] = []
      upload.on('progress', ({ rate, eta }) => told.push([rate > 0, eta === undefined]))
      uploader.on('progress', ({ rate, eta }) => all.push([rate > 0, eta === undefined]))
      const [first, second] = await transport.take(2)
      first?.store()
      await clock.advance(1_000)
      expect([told.at(-1), all.at(-1)]).toEqual([
        [true, false],
        [true, false],
      ])
      if (end === 'paused') upload.pause()
      else {
        second?.respond({ status: 400 })
        for (const request of transport.open) request.store()
      }
      await clock.advance(1_000)
      expect(upload.state.status).toBe(end)
      expect([told.at(-1), all.at(-1)]).toEqual([
        [false, true],
        [false, true],
      ])
      expect(upload.progress).toMatchObject({ inFlight: 0, rate: 0 })
      await upload.cancel()
      await upload.catch(() => {})
    }
  })

  test('a resumed upload reports the bytes of the earlier visit from the first moment', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(1200))
    ;(await first.transport.next()).store()
    await flush()
    const { uploader, transport } = rig({ checkpoints: first.checkpoints })
    const [left] = await uploader.interrupted()
    const upload = left?.resume(fileOf(1200))
    const confirmed: number[] = []
    upload?.on('progress', (progress) => confirmed.push(progress.confirmed))
    expect([upload?.progress.confirmed, uploader.progress.confirmed]).toEqual([4, 4])
    upload?.on('state', () => confirmed.push(uploader.progress.confirmed, upload.progress.confirmed))
    await transport.next()
    expect(new Set(confirmed)).toEqual(new Set([4]))
    expect(uploader.progress.rate).toBe(0)
    await upload?.cancel()
    await upload?.catch(() => {})
    expect(uploader.progress).toMatchObject({ confirmed: 0, total: 0 })
  })

  test('bytes on their way are reported apart from stored bytes', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    const [first, second] = await transport.take(2)
    second?.progress(3)
    first?.store()
    await flush()
    expect(upload.progress).toMatchObject({ confirmed: 4, inFlight: 3, total: 8 })
    expect(upload.parts().map(({ status }) => status)).toEqual(['stored', 'sending'])
    second?.cut()
    await flush()
    expect(upload.progress).toMatchObject({ confirmed: 4, inFlight: 0 })
    expect(upload.parts().map(({ status }) => status)).toEqual(['stored', 'waiting'])
    await upload.cancel()
  })

  test('all parts are reported in every run before its progress, and then every change', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(12))
    const told: string[] = []
    let parts = new Map<number, PartInfo>()
    const asIs = (): string => [...parts.values()].map(({ status }) => status).join(' ')
    upload.on('parts', (all) => {
      parts = new Map(all.map((part) => [part.number, part]))
      told.push(asIs())
    })
    upload.on('part', ({ number, status }) => {
      const part = parts.get(number)
      if (part !== undefined) parts.set(number, { ...part, status })
    })
    const looks: (readonly PartInfo[])[] = []
    upload.on('progress', () => looks.push([...parts.values()], upload.parts()))
    const [first] = await transport.take(2)
    first?.store()
    await flush()
    upload.pause()
    await flush()
    upload.resume()
    for (let stored = 1; stored < 3; ) {
      const request = await transport.next()
      if (!transport.open.has(request)) continue
      request.store()
      stored += 1
    }
    await upload
    expect(told).toEqual(['waiting waiting waiting', 'stored waiting waiting'])
    expect(asIs()).toBe('stored stored stored')
    expect(looks.length).toBeGreaterThan(4)
    for (let look = 0; look < looks.length; look += 2) expect(looks[look]).toEqual(looks[look + 1])
  })

  test('a listener that throws disturbs neither the other listeners nor the upload', async () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const { uploader } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(4))
    const bug = new Error('in a listener')
    upload.on('state', () => {
      throw bug
    })
    const seen: UploadState[] = []
    upload.on('state', (state) => seen.push(state))
    await upload
    vi.unstubAllGlobals()
    expect(report).toHaveBeenCalledWith(bug)
    expect(seen.at(-1)?.status).toBe('done')
  })

  test('a listener is not called after it was removed', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(4))
    const seen = vi.fn()
    upload.on('state', seen)()
    await upload
    expect(seen).not.toHaveBeenCalled()
  })

  test('a listener may pause, resume or cancel from within any event', async () => {
    for (const status of ['opening', 'uploading', 'completing'] as const) {
      const { uploader, transport } = rig({ transport: new StoringTransport() })
      const file = fileOf(12)
      const upload = uploader.uploadFile(file)
      const off = upload.on('state', (state) => {
        if (state.status !== status) return
        off()
        upload.pause()
        upload.resume()
      })
      await upload
      expect(transport.object()).toEqual(await bytesOf(file))

      const other = rig({ transport: new StoringTransport() })
      const cancelled = other.uploader.uploadFile(fileOf(12))
      cancelled.on('state', (state) => {
        if (state.status === status) void cancelled.cancel()
      })
      await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' })
      expect(other.backend.completed).toEqual([])
    }
  })

  test('a listener may pause on the last progress of a failing run, and the upload can be resumed later', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    const requests = await transport.take(2)
    await flush()
    const deaf = upload.on('progress', () => upload.pause())
    for (const request of requests) request.respond({ status: 400 })
    await flush()
    deaf()
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    upload.resume()
    for (const request of await transport.take(2)) request.store()
    expect(await upload).toMatchObject({ key: 'the-key' })
  })

  test('a listener may cancel on the last progress of a failed completing', async () => {
    const backend = new FakeBackend()
    const { uploader, checkpoints } = rig({ backend, transport: new StoringTransport() })
    backend.failNext('complete', refused)
    const upload = uploader.uploadFile(fileOf(4))
    upload.on('progress', () => upload.state.status === 'completing' && upload.cancel())
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    await flush()
    expect(upload.state.status).toBe('cancelled')
    expect(await checkpoints.list()).toEqual([])
  })
})

/** Limits as a caller without types may have written them. */
function limited(limits: object | undefined): FakeBackend {
  const backend = new FakeBackend()
  return Object.assign(backend, { limits: limits && { ...backend.limits, ...limits } })
}

describe('misuse throws a TypeError or a RangeError at once', () => {
  test.each([
    [undefined, /Expected `file` to be a File or a Blob, got undefined/],
    ['path/to/file', /got "path\/to\/file" \(string\)/],
    [{ size: 3 }, /got \{"size":3\} \(Object\)/],
  ])('uploadFile(%j)', (value, message) => {
    const { uploader } = rig()
    expect(() => uploader.uploadFile(value as unknown as File)).toThrow(message)
  })

  test.each([
    [{ concurrency: 0 }, RangeError, /`concurrency` to be a whole number >= 1, got 0/],
    [{ concurrency: 2.5 }, RangeError, /got 2.5/],
    [
      { concurrency: '5' as unknown as number },
      TypeError,
      /`concurrency` to be a number, got "5" \(string\)/,
    ],
    [{ partSize: 0 }, RangeError, /`partSize` to be a whole number >= 1, got 0/],
    [{ partSize: Number.NaN }, RangeError, /got NaN/],
    [{ retry: { attempts: 0 } }, RangeError, /`retry.attempts`/],
    [{ retry: { baseDelay: -1 } }, RangeError, /`retry.baseDelay`/],
    [{ retry: { maxDelay: 0.5 } }, RangeError, /`retry.maxDelay`/],
    [{ retry: { budget: -1 } }, RangeError, /`retry.budget`/],
    [{ stall: { idle: 0 } }, RangeError, /`stall.idle`/],
    [{ stall: { answer: 0 } }, RangeError, /`stall.answer`/],
    [{ expiry: 0 }, RangeError, /`expiry`/],
    [{ scope: 7 as unknown as string }, TypeError, /`scope` to be a string, got 7/],
    [{ verify: 'all' as 'full' }, TypeError, /`verify` to be one of sample, full, none, etag/],
    [{ checksum: 'md5' as 'crc32' }, TypeError, /`checksum` to be one of crc32, crc32c, crc64nvme/],
    [
      { backend: {} as unknown as FakeBackend },
      TypeError,
      /`backend` to have a method `open`, got \{\} \(Object\)/,
    ],
    [
      { checkpoints: Object.assign(memoryCheckpoints(), { addReceipt: undefined as never }) },
      TypeError,
      /`checkpoints` to have a method `addReceipt`/,
    ],
    [
      { backend: limited(undefined) },
      RangeError,
      /`backend.limits.minPartSize` to be at least 1, got undefined/,
    ],
    [
      { backend: limited({ maxPartSize: 0 }) },
      RangeError,
      /`backend.limits.maxPartSize` to be at least 1, got 0/,
    ],
    [{ backend: limited({ maxParts: Number.NaN }) }, RangeError, /`backend.limits.maxParts` .* got NaN/],
    [{ backend: limited({ maxBatch: undefined }) }, RangeError, /`backend.limits.maxBatch` .* got undefined/],
  ])('new Uploader(%j)', (options, type, message) => {
    expect(() => rig(options)).toThrow(type)
    expect(() => rig(options)).toThrow(message)
  })

  test.each([
    ['checkpoints', 'load', memoryCheckpoints, 'a function'],
    ['tabs', 'claim', {}, '{} (Object)'],
    ['hasher', 'digest', class {}, 'a function'],
    ['transport', 'send', fetch, 'a function'],
    ['api', 'send', '/api', '"/api" (string)'],
    ['hasher', 'digest', null, 'null'],
  ])('a port without its method: %s', (port, method, value, got) => {
    const make = (): Uploader => new Uploader({ backend: new FakeBackend(), [port]: value })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(`Expected \`${port}\` to have a method \`${method}\`, got ${got}`)
  })

  test('new Uploader() without options', () => {
    const make = (): Uploader => Reflect.construct(Uploader, [])
    expect(make).toThrow(TypeError)
    expect(make).toThrow(/`backend` to have a method `open`, got undefined/)
  })

  test('except for infinite limits, which are allowed', () => {
    const limits = { maxPartSize: Number.POSITIVE_INFINITY, maxParts: Number.POSITIVE_INFINITY }
    expect(() => rig({ backend: limited(limits) })).not.toThrow()
  })

  test('params that are not a plain object', () => {
    const { uploader } = rig()
    expect(() => uploader.uploadFile(fileOf(1), { params: new Map() as never })).toThrow(
      /`params` to be a plain object, got \{\} \(Map\)/,
    )
    for (const params of [null, 'album', () => {}])
      expect(() => uploader.uploadFile(fileOf(1), { params: params as never })).toThrow('`params`')
  })
  test('params that JSON cannot carry', () => {
    const { uploader } = rig()
    const round: Record<string, unknown> = {}
    round['self'] = round
    for (const [params, said] of [
      [{ id: 12n }, 'BigInt'],
      [round, 'circular'],
    ] as const) {
      const begin = (): unknown => uploader.uploadFile(fileOf(1), { params: params as never })
      expect(begin).toThrow(TypeError)
      expect(begin).toThrow(/^Expected `params` to be JSON-serializable: /)
      expect(begin).toThrow(said)
    }
    expect(uploader.uploads).toEqual([])
  })

  test('a signal that is not one, such as its controller', () => {
    const { uploader } = rig()
    const signal = new AbortController() as never
    const said = '`signal` to have a method `addEventListener`, got {} (AbortController)'
    expect(() => uploader.uploadFile(fileOf(1), { signal })).toThrow(said)
    expect(uploader.uploads).toEqual([])
    // null is allowed, as with fetch.
    expect(() => uploader.uploadFile(fileOf(1), { signal: null as never })).not.toThrow()
  })
})

/** Cases in which acknowledged bytes are sent again: docs/what-done-means.md has the list. */
import { describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import { httpFailure } from '../src/http-failure.ts'
import type { Checkpoint, CheckpointStore, DigestAlgorithm, Digester } from '../src/ports.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, type Rig, rig } from './fakes/uploader.ts'

const answer = { endpoint: 'complete', serviceCode: undefined, detail: '', retryAfter: undefined }
const refused = new HttpError({ ...answer, status: 403 })
const notFound = new HttpError({ ...answer, status: 404 })
const conflict = new HttpError({ ...answer, status: 409 })

/** As the user does it, or an application at a logout. */
async function clear(checkpoints: CheckpointStore): Promise<void> {
  for (const { checkpoint } of await checkpoints.list())
    await checkpoints.remove((checkpoint as Checkpoint).key)
}

/** A storage whose ETags say nothing about the content. */
function opaque(backend: FakeBackend, checkpoints = memoryCheckpoints()): Rig<StoringTransport> {
  const transport = new StoringTransport()
  transport.etag = (number) => `"opaque-${number}"`
  return rig({ transport, checkpoints, backend })
}

describe('a checkpoint that was cleared', () => {
  /** Clears it while the upload, with one of two parts stored, is paused, and then resumes. */
  async function cleared() {
    const one = rig()
    const { uploader, transport, checkpoints } = one
    const upload = uploader.uploadFile(fileOf(8))
    upload.catch(() => {})
    const warned = vi.fn()
    upload.on('warning', ({ code }) => warned(code))
    const [first] = await transport.take(2)
    first?.store()
    await flush()
    upload.pause()
    await flush()
    await clear(checkpoints)
    upload.resume()
    const second = await transport.next()
    return { ...one, upload, second, warned }
  }

  test('while the upload was paused is replaced from memory, with a warning', async () => {
    const { upload, second, transport, checkpoints, backend, warned } = await cleared()
    second.store()
    await upload
    expect([transport.sent, backend.opened.length, upload.persistence]).toEqual([[1, 2, 2], 1, 'memory'])
    expect(warned.mock.calls).toEqual([['checkpoint']])
    expect(await checkpoints.list()).toEqual([])
  })

  test.each(['cancel', 'restart'] as const)(
    'may belong to an upload that another tab has completed, so a %s leaves its session alone',
    async (end) => {
      const { upload, backend } = await cleared()
      upload.pause()
      await flush()
      upload[end]()
      await flush()
      expect([backend.aborted, backend.opened.length]).toEqual([[], end === 'restart' ? 2 : 1])
      // The new session is its own.
      upload.cancel()
      await flush()
      expect(backend.aborted).toEqual(end === 'restart' ? ['session-2'] : [])
    },
  )

  test('by a restart() of the same upload is not resumed', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    const first = await transport.next()
    backend.failNext('complete', refused)
    first.store()
    await expect(upload).rejects.toBe(refused)
    upload.restart()
    ;(await transport.next()).store()
    await upload
    expect([backend.opened.length, upload.persistence]).toEqual([2, 'storage'])
  })
})

describe('a tab that lost its claim while completing, and ends late', () => {
  /** The second tab has read what is stored, and completes too. */
  async function overtaken() {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const [one, two, three] = [1, 2, 3].map(() => rig({ checkpoints, tabs: browser.tab() })) as [
      Rig,
      Rig,
      Rig,
    ]
    const upload = one.uploader.uploadFile(fileOf(8))
    const late = one.backend.holdNext('complete')
    for (const request of await one.transport.take(2)) request.store()
    await flush()
    const [key = ''] = browser.owners.keys()
    browser.takeAway(key)
    const held = two.backend.holdNext('complete')
    two.backend.failNext('complete', refused)
    const other = two.uploader.uploadFile(fileOf(8))
    await flush()
    return { one, two, three, upload, other, late, held, checkpoints }
  }

  test('removes nothing from the tab that continues the upload', async () => {
    const { two, upload, other, late, held, checkpoints } = await overtaken()
    late()
    await upload
    expect(await checkpoints.list()).toEqual([])
    held()
    await expect(other).rejects.toBe(refused)
    other.resume()
    expect(await other).toEqual(await upload)
    expect([two.transport.sent, two.backend.opened]).toEqual([[], []])
  })

  test('leaves the result for a third tab without making the second start over', async () => {
    const { two, three, upload, other, late, held, checkpoints } = await overtaken()
    const waits = three.uploader.uploadFile(fileOf(8))
    await flush()
    late()
    await upload
    const stages = (await checkpoints.list()).map(({ checkpoint }) => (checkpoint as Checkpoint).stage)
    expect(stages).toEqual(['ended'])
    held()
    await expect(other).rejects.toBe(refused)
    other.resume()
    await Promise.all([other, waits])
    expect([two, three].map(({ transport, backend }) => [transport.sent, backend.opened])).toEqual([
      [[], []],
      [[], []],
    ])
  })
})

describe('a session that seems to be lost', () => {
  test('is kept until a new one is open, since a server that is down may answer 404 to everything', async () => {
    for (const fileDigest of ['xxhash64', undefined] as const) {
      const { uploader, transport, backend, checkpoints } = rig({
        backend: new FakeBackend(fileDigest && { fileDigest }),
        transport: new StoringTransport(),
      })
      transport.etag = (number) => `"opaque-${number}"`
      backend.failNext('complete', refused)
      const upload = uploader.uploadFile(fileOf(12))
      await expect(upload).rejects.toBe(refused)
      backend.listed = []
      backend.failNext('reopen', new SessionLostError(notFound))
      backend.failNext('abort', notFound)
      backend.failNext('open', notFound)
      upload.resume()
      await expect(upload).rejects.toBe(notFound)
      await uploader.stop()
      const next = rig({ checkpoints, backend, transport: new StoringTransport() })
      await next.uploader.uploadFile(fileOf(12))
      expect([next.transport.stored, backend.opened.length]).toEqual([[], 1])
    }
  })

  test('is not overwritten by the digest that is read again meanwhile', async () => {
    const checkpoints = memoryCheckpoints()
    const one = rig({ checkpoints, backend: new FakeBackend({ fileDigest: 'xxhash64' }) })
    one.uploader.uploadFile(fileOf(12))
    for (const request of await one.transport.take(2)) request.store()
    await flush()
    await one.uploader.stop()
    const two = rig({ checkpoints, backend: new FakeBackend({ fileDigest: 'xxhash64' }) })
    const digestAll = two.hasher.digestAll.bind(two.hasher)
    two.hasher.digestAll = (blob, algorithms, call) => {
      call.onState?.({ algorithm: 'xxhash64', build: '', state: '', check: '', checked: 0, offset: 1 })
      return digestAll(blob, algorithms, call)
    }
    two.backend.failNext('sign', new SessionLostError(notFound))
    two.backend.failNext('open', notFound)
    await expect(two.uploader.uploadFile(fileOf(12))).rejects.toBe(notFound)
    const [left] = await checkpoints.list()
    expect(left).toMatchObject({ checkpoint: { stage: 'opened' }, receipts: [{ number: 1 }, { number: 2 }] })
    await two.uploader.stop()
  })
})

describe('a stored part that cannot be compared with the file', () => {
  const backendWith = (fileDigest?: DigestAlgorithm | Digester): FakeBackend =>
    new FakeBackend({ partSize: 100, ...(fileDigest && { fileDigest }) })

  /** The only part is stored, and the upload is not completed. */
  async function left(backend: FakeBackend): Promise<CheckpointStore> {
    const { uploader, checkpoints } = opaque(backend)
    backend.failNext('complete', refused)
    await expect(uploader.uploadFile(fileOf(12))).rejects.toBe(refused)
    await uploader.stop()
    return checkpoints
  }

  test('counts if the digest of the whole file is the one that the session was opened with', async () => {
    const checkpoints = await left(backendWith('md5'))
    const two = opaque(backendWith('md5'), checkpoints)
    await two.uploader.uploadFile(fileOf(12))
    expect([two.transport.stored, two.backend.calls, two.hasher.digested]).toEqual([
      [],
      ['complete'],
      ['md5'],
    ])
  })

  test('does not count if the digest differs, since the file has changed', async () => {
    const checkpoints = await left(backendWith('md5'))
    const two = opaque(backendWith('md5'), checkpoints)
    await two.uploader.uploadFile(new File(['another file'], 'file.bin', { lastModified: 1 }))
    expect([two.transport.stored, two.backend.calls[0]]).toEqual([[1], 'abort'])
  })

  test('does not count because of a digest made by the application, which need not depend on the content', async () => {
    const constant = (): Promise<string> => Promise.resolve('none')
    const two = opaque(backendWith(constant), await left(backendWith(constant)))
    await two.uploader.uploadFile(fileOf(12))
    expect(two.transport.stored).toEqual([1])
  })

  test.each([
    ['md5', undefined],
    [undefined, 'md5'],
    ['md5', 'sha256'],
    [undefined, undefined],
  ] as const)(
    'is sent again if the session was opened with %s and the backend now asks for %s',
    async (before, now) => {
      const checkpoints = await left(backendWith(before))
      const two = opaque(backendWith(now), checkpoints)
      await two.uploader.uploadFile(fileOf(12))
      expect(two.transport.stored).toEqual([1])
    },
  )
})

describe('a 404 that is neither JSON nor XML, as from a proxy while the server behind it is replaced', () => {
  const vague = (): SessionLostError =>
    new SessionLostError(httpFailure('sign', { status: 404, headers: {}, body: '404 page not found' }, 0))

  test.each(['sign', 'complete'] as const)('is retried: %s', async (call) => {
    const { uploader, transport, backend, clock } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    const warned = vi.fn()
    upload.on('warning', warned)
    for (let time = 0; time < 5; time++) backend.failNext(call, vague())
    await clock.advance(30_000)
    await upload
    expect([transport.stored, backend.opened.length, backend.aborted]).toEqual([[1, 2], 1, []])
    expect(warned).not.toHaveBeenCalled()
  })

  test('is retried even after failures to reach the server at all', async () => {
    const { uploader, transport, backend, clock } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    for (let time = 0; time < 5; time++) backend.failNext('sign', new NetworkError('refused'))
    for (let time = 0; time < 5; time++) backend.failNext('sign', vague())
    await clock.advance(120_000)
    await upload
    expect([transport.stored, backend.opened.length, backend.aborted]).toEqual([[1, 2], 1, []])
  })

  test('that uses up the rest of the retries is not believed, and a resume continues from the stored parts', async () => {
    const { uploader, transport, backend, clock } = rig({
      transport: new StoringTransport(),
      retry: { budget: 8 },
    })
    for (let time = 0; time < 5; time++) backend.failNext('complete', new NetworkError('refused'))
    for (let time = 0; time < 4; time++) backend.failNext('complete', vague())
    const upload = uploader.uploadFile(fileOf(8))
    const failed = expect(upload).rejects.toMatchObject({ code: 'http', status: 404, retryable: true })
    await clock.advance(600_000)
    await failed
    upload.resume()
    await upload
    expect([transport.stored, backend.opened.length, backend.aborted]).toEqual([[1, 2], 1, []])
  })

  test('that uses up the retries after other failures and a success is not believed either', async () => {
    const { uploader, transport, backend, clock } = rig({
      transport: new StoringTransport(),
      retry: { budget: 8 },
    })
    for (let time = 0; time < 8; time++) backend.failNext('sign', new NetworkError('refused'))
    for (let time = 0; time < 5; time++) backend.failNext('complete', vague())
    const upload = uploader.uploadFile(fileOf(4))
    const failed = expect(upload).rejects.toMatchObject({ code: 'http', status: 404 })
    await clock.advance(600_000)
    await failed
    upload.resume()
    await upload
    expect([transport.stored, backend.opened.length]).toEqual([[1], 1])
  })

  test.each([
    [{ attempts: 1 }, 1],
    [{ attempts: 2 }, 2],
    [{ attempts: 3 }, 2],
    [{ attempts: 6 }, 3],
    [{ budget: 0 }, 1],
    [{ budget: 1 }, 2],
    [{ budget: 3 }, 4],
  ])('with a policy of %j is believed once it has come %i times', async (retry, times) => {
    const opened = async (said: number): Promise<number> => {
      const { uploader, backend, clock } = rig({ transport: new StoringTransport(), retry })
      for (let time = 0; time < said; time++) backend.failNext('sign', vague())
      const upload = uploader.uploadFile(fileOf(8))
      await clock.advance(600_000)
      await upload
      return backend.opened.length
    }
    expect([await opened(times - 1), await opened(times)]).toEqual([1, 2])
  })

  test('is believed after some seconds', async () => {
    const { uploader, transport, backend, clock } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    const warned = vi.fn()
    upload.on('warning', ({ code }) => warned(code))
    for (let time = 0; time < 6; time++) backend.failNext('sign', vague())
    await clock.advance(30_000)
    await upload
    expect([transport.stored, backend.opened.length, backend.aborted]).toEqual([[1, 2], 2, ['session-1']])
    expect(warned.mock.calls).toEqual([['session-lost']])
  })

  test.each([2, 'auto', 20] as const)(
    'is believed if many requests at once have used up the retries with it: %s',
    async (concurrency) => {
      const backend = new FakeBackend({ maxBatch: 1 })
      const { uploader, clock } = rig({ concurrency, backend, transport: new StoringTransport() })
      // Failures before a success do not count.
      backend.failNext('open', new NetworkError('refused'))
      const sign = backend.sign.bind(backend)
      backend.sign = async (session, parts, call) => {
        if (backend.opened.length === 1) throw vague()
        return sign(session, parts, call)
      }
      const upload = uploader.uploadFile(fileOf(400))
      await clock.advance(600_000)
      await upload
      expect(backend.opened).toHaveLength(2)
    },
  )

  test('is retried while a completion is looked into, and the file is not sent a second time', async () => {
    const { uploader, transport, backend, clock } = rig({ transport: new StoringTransport() })
    backend.statusIs({ state: 'completed', key: 'there' })
    backend.failNext('complete', new NetworkError('cut'))
    for (let time = 0; time < 4; time++) {
      backend.failNext('complete', conflict)
      backend.failNext('status', vague())
    }
    backend.failNext('complete', conflict)
    const upload = uploader.uploadFile(fileOf(8))
    await clock.advance(60_000)
    expect(await upload).toMatchObject({ key: 'there' })
    expect([transport.stored, backend.opened.length, backend.aborted]).toEqual([[1, 2], 1, []])
  })

  test('is believed after some seconds while a completion is looked into', async () => {
    const { uploader, transport, backend, clock } = rig({ transport: new StoringTransport() })
    backend.statusIs({ state: 'gone' })
    backend.failNext('complete', new NetworkError('cut'))
    for (let time = 0; time < 6; time++) backend.failNext('complete', conflict)
    for (let time = 0; time < 12; time++) backend.failNext('status', vague())
    const upload = uploader.uploadFile(fileOf(8))
    await clock.advance(120_000)
    await upload
    expect([transport.stored, backend.opened.length]).toEqual([[1, 2, 1, 2], 2])
  })

  test('to complete does not lead to sending the file again if the status says open', async () => {
    const { uploader, transport, backend, clock } = rig({ transport: new StoringTransport() })
    backend.statusIs({ state: 'open' })
    backend.failNext('complete', new NetworkError('cut'))
    for (let time = 0; time < 6; time++) backend.failNext('complete', vague())
    const upload = uploader.uploadFile(fileOf(8))
    const ended = expect(upload).rejects.toMatchObject({ code: 'session-lost' })
    await clock.advance(120_000)
    await ended
    expect([transport.stored, backend.opened.length]).toEqual([[1, 2], 1])
  })

  test.each([
    [1, ['session-1']],
    [2, []],
  ])('to a cancel, given %i times, leaves the server told of %j', async (times, told) => {
    const { uploader, transport, backend, checkpoints, clock } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    upload.catch(() => {})
    await transport.take(2)
    for (let time = 0; time < times; time++) backend.failNext('abort', vague())
    const cancelled = upload.cancel()
    await clock.advance(30_000)
    await cancelled
    expect([backend.aborted, await checkpoints.list()]).toEqual([told, []])
  })

  test.each([
    [404, '{"error":"no such upload"}'],
    [404, '<Error><Code>NoSuchUpload</Code></Error>'],
    [410, 'gone'],
  ])('differs from answers that are believed at once: %i %s', async (status, body) => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    backend.failNext('sign', new SessionLostError(httpFailure('sign', { status, headers: {}, body }, 0)))
    await uploader.uploadFile(fileOf(8))
    expect([backend.opened.length, backend.aborted]).toEqual([2, ['session-1']])
  })
})

/** Failures when two things happen at once, or when something that the engine relies on breaks its contract. */
import { describe, expect, test, vi } from 'vitest'
import { activeStorage } from '../src/backends/active-storage.ts'
import { bkend } from '../src/backends/bkend.ts'
import { defineBackend } from '../src/backends/define-backend.ts'
import { fragno } from '../src/backends/fragno.ts'
import { newton } from '../src/backends/newton.ts'
import { presigned } from '../src/backends/presigned.ts'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import { workerHasher } from '../src/hashing/worker-hasher.ts'
import type { Backend, CheckpointStore } from '../src/ports.ts'
import type { Upload } from '../src/upload.ts'
import { FakeBackend } from './fakes/backend.ts'
import { type FakeClock, flush } from './fakes/clock.ts'
import { FakePartTransport, StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, rig } from './fakes/uploader.ts'

const full = new DOMException('full', 'QuotaExceededError')
const never = (): Promise<never> => new Promise(() => {})

/** An upload with one part stored, whose cancel cannot be reported to the server. */
async function withDeafServer(
  checkpoints: CheckpointStore,
): Promise<{ readonly upload: { cancel(): Promise<void> }; readonly clock: FakeClock }> {
  const { uploader, transport, backend, clock } = rig({ checkpoints })
  const upload = uploader.uploadFile(fileOf(12))
  ;(await transport.next()).store()
  await flush()
  for (let times = 0; times < 3; times++) backend.failNext('abort', new NetworkError('no'))
  // Not the upload itself: a promise that resolves with it would wait for its end.
  return { upload: { cancel: () => upload.cancel() }, clock }
}

/** An upload that was opened in a tab that has been closed. */
async function leftByATab(): Promise<{
  readonly checkpoints: CheckpointStore
  readonly browser: FakeBrowser
}> {
  const checkpoints = memoryCheckpoints()
  const browser = new FakeBrowser()
  const tab = browser.tab()
  rig({ checkpoints, tabs: tab }).uploader.uploadFile(fileOf(12))
  await flush()
  tab.close()
  return { checkpoints, browser }
}

/** Lets time pass until the work is over. If two virtual hours are not enough, it never ends. */
async function ends(work: PromiseLike<unknown>, clock: FakeClock): Promise<unknown> {
  let isOver = false
  const over = Promise.resolve(work).then(
    (value) => value,
    (error: unknown) => error,
  )
  void over.then(() => {
    isOver = true
  })
  for (let minute = 0; minute < 120 && !isOver; minute++) await clock.advance(60_000)
  return isOver ? over : 'no end'
}

describe('a single error of the checkpoint storage', () => {
  /** The next operation of this name fails, and no other. */
  function failingOnce(operation: keyof CheckpointStore): CheckpointStore {
    const store = memoryCheckpoints()
    const works = store[operation].bind(store) as (...args: unknown[]) => Promise<unknown>
    let hasFailed = false
    const once = (...args: unknown[]): Promise<unknown> => {
      if (hasFailed) return works(...args)
      hasFailed = true
      return Promise.reject(full)
    }
    return Object.assign(store, { [operation]: once })
  }

  test('does not leave a finished upload behind to be offered again', async () => {
    for (const operation of ['load', 'addReceipt'] as const) {
      const checkpoints = failingOnce(operation)
      const { uploader } = rig({ transport: new StoringTransport(), checkpoints })
      await uploader.uploadFile(fileOf(12))
      expect(await rig({ checkpoints }).uploader.interrupted()).toEqual([])
    }
  })

  test('does not leave a cancelled upload behind either', async () => {
    const checkpoints = failingOnce('addReceipt')
    const { uploader, transport } = rig({ checkpoints })
    const upload = uploader.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await flush()
    await upload.cancel()
    expect(await checkpoints.list()).toEqual([])
  })

  test('does not prevent the server from hearing of a cancel later', async () => {
    const checkpoints = failingOnce('addReceipt')
    const { upload, clock } = await withDeafServer(checkpoints)
    await ends(upload.cancel(), clock)
    const next = rig({ checkpoints })
    await next.uploader.interrupted()
    await flush()
    expect(next.backend.aborted).toEqual(['session-1'])
    expect(await checkpoints.list()).toEqual([])
  })

  test('leaves no tombstone for an upload that is also kept to be resumed', async () => {
    const checkpoints = memoryCheckpoints()
    const { upload, clock } = await withDeafServer(checkpoints)
    vi.spyOn(checkpoints, 'save').mockRejectedValueOnce(full).mockRejectedValueOnce(full)
    const kept: unknown[] = []
    vi.spyOn(checkpoints, 'remove').mockImplementation(async () => {
      for (const { checkpoint } of await checkpoints.list()) kept.push(Object(checkpoint).stage)
    })
    await ends(upload.cancel(), clock)
    expect(kept).toEqual(['opened'])
  })

  test("leaves the tombstone under the upload's own key if it cannot be written elsewhere", async () => {
    const checkpoints = memoryCheckpoints()
    const { upload, clock } = await withDeafServer(checkpoints)
    const save = checkpoints.save.bind(checkpoints)
    vi.spyOn(checkpoints, 'save').mockImplementation((checkpoint) =>
      checkpoint.key.includes(' aborting ') ? Promise.reject(full) : save(checkpoint),
    )
    await ends(upload.cancel(), clock)
    const next = rig({ checkpoints })
    expect(await next.uploader.interrupted()).toEqual([])
    await flush()
    expect([next.backend.aborted, await checkpoints.list()]).toEqual([['session-1'], []])
  })

  test('does not prevent throwing away an earlier upload, even if a full disk takes no more records', async () => {
    const { checkpoints, browser } = await leftByATab()
    const { uploader, backend } = rig({ checkpoints, tabs: browser.tab() })
    const [left] = await uploader.interrupted()
    vi.spyOn(checkpoints, 'save').mockRejectedValue(full)
    await left?.cancel()
    expect([backend.aborted, await checkpoints.list()]).toEqual([['session-1'], []])
  })

  test('removes nothing that this page could not read, and the upload can be cancelled again', async () => {
    const { checkpoints, browser } = await leftByATab()
    const load = vi.spyOn(checkpoints, 'load').mockRejectedValueOnce(full)
    const { uploader, backend } = rig({ checkpoints, tabs: browser.tab() })
    const [left] = await uploader.interrupted()
    await expect(left?.cancel()).rejects.toBe(full)
    expect(load).toHaveBeenCalled()
    expect([backend.aborted, (await checkpoints.list()).length]).toEqual([[], 1])
    await left?.cancel()
    expect([backend.aborted, await checkpoints.list()]).toEqual([['session-1'], []])
  })

  test('in a waiting tab does not make it send again what the other tab has finished', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const one = rig({ checkpoints, tabs: browser.tab() })
    const first = one.uploader.uploadFile(fileOf(8))
    const requests = await one.transport.take(2)
    vi.spyOn(checkpoints, 'load').mockRejectedValueOnce(full)
    const two = rig({ checkpoints, tabs: browser.tab() })
    const second = two.uploader.uploadFile(fileOf(8))
    await flush()
    for (const request of requests) request.store()
    await first
    await flush()
    expect([second.state.status, two.transport.sent]).toEqual(['done', []])
  })

  test('in the working tab does not hide the result from the other tab', async () => {
    const browser = new FakeBrowser()
    const checkpoints = failingOnce('addReceipt')
    const one = rig({ checkpoints, tabs: browser.tab() })
    const first = one.uploader.uploadFile(fileOf(8))
    const requests = await one.transport.take(2)
    const two = rig({ checkpoints, tabs: browser.tab() })
    const second = two.uploader.uploadFile(fileOf(8))
    await flush()
    for (const request of requests) request.store()
    await first
    await flush()
    expect([second.state.status, two.transport.sent, await checkpoints.list()]).toEqual(['done', [], []])
  })
})

describe('a waiting tab', () => {
  test('throws away no checkpoint that it cannot read, since the other tab may run another version', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const one = rig({ checkpoints, tabs: browser.tab() })
    one.uploader.uploadFile(fileOf(8))
    await one.transport.take(2)
    const [stored] = await checkpoints.list()
    const newer = { checkpoint: { ...Object(stored?.checkpoint), version: 2 }, receipts: [] }
    vi.spyOn(checkpoints, 'load').mockResolvedValueOnce(newer)
    const two = rig({ checkpoints, tabs: browser.tab() })
    const warned = vi.fn()
    two.uploader.uploadFile(fileOf(8)).on('warning', warned)
    await flush()
    expect([(await checkpoints.list()).length, warned.mock.calls]).toEqual([1, []])
  })

  test('waits again if its wait has failed, and takes over when the other tab is gone', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const first = browser.tab()
    const one = rig({ checkpoints, tabs: first })
    one.uploader.uploadFile(fileOf(8))
    await one.transport.take(2)
    const second = browser.tab()
    vi.spyOn(second, 'wait').mockRejectedValue(new DOMException('lost', 'UnknownError'))
    const two = rig({ checkpoints, tabs: second, transport: new StoringTransport() })
    const heir = two.uploader.uploadFile(fileOf(8))
    await two.clock.advance(60_000)
    expect(heir.state).toEqual({ status: 'paused', by: 'system', reason: 'other-tab' })
    first.close()
    expect(await ends(heir, two.clock)).toMatchObject({ key: 'the-key' })
    expect([two.backend.opened, two.clock.sleeping]).toEqual([[], 0])
  })

  test('does not act as if it were alone if neither waiting nor claiming works any more', async () => {
    const browser = new FakeBrowser()
    const one = rig({ tabs: browser.tab() })
    one.uploader.uploadFile(fileOf(8))
    await one.transport.take(2)
    const second = browser.tab()
    const lost = new DOMException('lost', 'UnknownError')
    vi.spyOn(second, 'wait').mockRejectedValue(lost)
    const two = rig({ tabs: second })
    const waiting = two.uploader.uploadFile(fileOf(8))
    await flush()
    const claim = vi.spyOn(second, 'claim').mockRejectedValue(lost)
    await two.clock.advance(10_000)
    expect(claim).toHaveBeenCalled()
    expect(waiting.state).toEqual({ status: 'paused', by: 'system', reason: 'other-tab' })
    expect(two.backend.opened).toEqual([])
    claim.mockRestore()
    expect(await ends(waiting.cancel(), two.clock)).toBeUndefined()
  })

  test('can be cancelled even if its wait fails', async () => {
    const browser = new FakeBrowser()
    const first = browser.tab()
    rig({ tabs: first }).uploader.uploadFile(fileOf(8))
    await flush()
    const second = browser.tab()
    vi.spyOn(second, 'wait').mockRejectedValue(new DOMException('lost', 'UnknownError'))
    const two = rig({ tabs: second })
    const upload = two.uploader.uploadFile(fileOf(8))
    await flush()
    const cancelled = upload.cancel()
    first.close()
    expect(await ends(cancelled, two.clock)).toBeUndefined()
    expect([two.clock.sleeping, browser.owners.size]).toEqual([0, 0])
  })

  test('that began after a cancel hears that the cancelled upload was completed after all', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const rigs = [1, 2, 3].map(() => rig({ checkpoints, tabs: browser.tab() }))
    const [one, two, three] = rigs as [(typeof rigs)[0], (typeof rigs)[0], (typeof rigs)[0]]
    const release = one.backend.holdNext('complete')
    const first = one.uploader.uploadFile(fileOf(4))
    ;(await one.transport.next()).store()
    await flush()
    const second = two.uploader.uploadFile(fileOf(4))
    await flush()
    const cancelled = second.cancel()
    await flush()
    const third = three.uploader.uploadFile(fileOf(4))
    await flush()
    release()
    await Promise.all([first, cancelled])
    expect(await ends(third, three.clock)).toMatchObject({ key: 'the-key' })
    expect([three.transport.sent, await checkpoints.list()]).toEqual([[], []])
  })
})

describe('the result of an upload, left for a tab that is gone', () => {
  test('is removed at a later visit, but not while a tab may still read it', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const one = rig({ checkpoints, tabs: browser.tab() })
    const first = one.uploader.uploadFile(fileOf(4))
    const request = await one.transport.next()
    const dying = browser.tab()
    rig({ checkpoints, tabs: dying }).uploader.uploadFile(fileOf(4))
    await flush()
    const remove = vi.spyOn(checkpoints, 'remove').mockImplementation(never)
    request.store()
    await first
    await flush()
    remove.mockRestore()
    expect(await checkpoints.list()).toMatchObject([{ checkpoint: { stage: 'ended' } }])
    const meanwhile = rig({ checkpoints, tabs: browser.tab() })
    await meanwhile.clock.advance(3_600_000)
    await meanwhile.uploader.interrupted()
    await flush()
    expect(await checkpoints.list()).toHaveLength(1)
    dying.close()
    const later = rig({ checkpoints, tabs: browser.tab() })
    await later.clock.advance(3_600_000)
    await later.uploader.interrupted()
    await flush()
    expect(await checkpoints.list()).toEqual([])
  })
})

describe('a second uploadFile of the same file', () => {
  test('can be cancelled by its own signal and by that of the first call', async () => {
    for (const which of [0, 1]) {
      const { uploader, transport } = rig()
      const controllers = [new AbortController(), new AbortController()]
      const file = fileOf(12)
      const [first, second] = controllers.map(({ signal }) => uploader.uploadFile(file, { signal }))
      expect(second).toBe(first)
      await transport.take(2)
      controllers[which]?.abort(`the ${which}`)
      await expect(first).rejects.toBe(`the ${which}`)
      expect(transport.open.size).toBe(0)
    }
  })

  test('begins nothing with an aborted signal, and leaves the upload alone', async () => {
    const { uploader, transport } = rig()
    const first = uploader.uploadFile(fileOf(4))
    const second = uploader.uploadFile(fileOf(4), { signal: AbortSignal.abort('no') })
    expect(second).not.toBe(first)
    await expect(second).rejects.toBe('no')
    expect(uploader.uploads).toEqual([first])
    first.pause()
    // This one has nothing to wait for.
    await second.cancel()
    first.resume()
    ;(await transport.next()).store()
    await first
  })

  test('leaves no listener on any signal', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const { signal } = new AbortController()
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const file = fileOf(4)
    uploader.uploadFile(file)
    await uploader.uploadFile(file, { signal })
    expect(add).toHaveBeenCalled()
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      add.mock.calls.map(([, listener]) => listener),
    )
  })
})

describe('a backend that never answers and ignores its signal', () => {
  type Verb = 'open' | 'reopen' | 'sign' | 'complete' | 'status' | 'abort' | 'record' | 'report'

  function silent(verb: Verb): FakeBackend {
    return Object.assign(new FakeBackend(), { [verb]: never })
  }

  test.each(['open', 'sign', 'complete', 'record', 'report'] as const)(
    'does not hold up cancel(): %s',
    async (verb) => {
      const backend = silent(verb)
      const transport = verb === 'complete' ? new StoringTransport() : new FakePartTransport()
      const { uploader, clock } = rig({ backend, transport })
      const upload = uploader.uploadFile(fileOf(12))
      if (transport instanceof FakePartTransport && (verb === 'record' || verb === 'report'))
        (await transport.next()).store()
      await clock.advance(5_000)
      expect(await ends(upload.cancel(), clock)).toBeUndefined()
      expect(upload.state.status).toBe('cancelled')
      expect([clock.sleeping, uploader.uploads]).toEqual([0, []])
    },
  )

  test('does not hold up cancel() if its abort never answers, and is told later', async () => {
    const { uploader, clock, checkpoints } = rig({ backend: silent('abort') })
    const upload = uploader.uploadFile(fileOf(12))
    const warned = vi.fn()
    upload.on('warning', warned)
    await flush()
    expect(await ends(upload.cancel(), clock)).toBeUndefined()
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ code: 'abort' }))
    expect(await checkpoints.list()).toMatchObject([{ checkpoint: { stage: 'aborting' } }])
    expect(clock.sleeping).toBe(0)
  })

  test.each(['reopen', 'status'] as const)(
    'does not hold up cancel() of a resumed upload: %s',
    async (verb) => {
      const checkpoints = memoryCheckpoints()
      const browser = new FakeBrowser()
      const first = browser.tab()
      const one = rig({ checkpoints, tabs: first })
      one.uploader.uploadFile(fileOf(8))
      const requests = await one.transport.take(2)
      for (const request of requests.slice(verb === 'status' ? 0 : 1)) request.store()
      await flush()
      first.close()
      const backend = silent(verb)
      backend.failNext('complete', new SessionLostError(http(404)))
      const two = rig({ checkpoints, tabs: browser.tab(), backend, transport: new StoringTransport() })
      const upload = two.uploader.uploadFile(fileOf(8))
      await two.clock.advance(5_000)
      expect(await ends(upload.cancel(), two.clock)).toBeUndefined()
      expect([two.clock.sleeping, two.uploader.uploads]).toEqual([0, []])
    },
  )

  test.each([
    ['open', 120_000],
    ['complete', 150_030],
  ] as const)(
    'is waited for by a cancel as long as the documentation says, and no longer: %s',
    async (verb, limit) => {
      const { uploader, clock } = rig({ backend: silent(verb), transport: new StoringTransport() })
      const upload = uploader.uploadFile(fileOf(4))
      await flush()
      let isOver = false
      void upload.cancel().then(() => {
        isOver = true
      })
      await clock.advance(limit - 1)
      expect(isOver).toBe(false)
      await clock.advance(1)
      expect(isOver).toBe(true)
    },
  )

  test('is waited for by a cancel as long as an answer to complete may take', async () => {
    const { uploader, clock, backend } = rig({ transport: new StoringTransport() })
    const release = backend.holdNext('complete')
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    const cancelled = upload.cancel()
    await clock.advance(30_000)
    release()
    await cancelled
    expect(upload.state.status).toBe('done')
  })
})

function http(status: number): HttpError {
  return new HttpError({
    endpoint: 'complete',
    status,
    serviceCode: undefined,
    detail: '',
    retryAfter: undefined,
  })
}

describe('completing', () => {
  test('gets more time for its answer the more parts there are, unlike other calls', async () => {
    for (const [size, expected] of [
      [4, 30_030],
      [4000, 60_000],
    ] as const) {
      const limits: [string, number | undefined][] = []
      const api = {
        send: async ({ url, timeout }: { readonly url: string; readonly timeout?: number }) => {
          limits.push([url, timeout])
          return { status: 200, headers: {}, body: '' }
        },
      }
      const backend = new FakeBackend()
      const calls = { method: 'POST', headers: {}, credentials: 'same-origin' } as const
      const asking: Pick<Backend, 'complete' | 'open'> = {
        open: async (file, call) => {
          await call.api.send({ ...calls, url: '/open' }, call)
          return FakeBackend.prototype.open.call(backend, file, call)
        },
        complete: async (_, __, ___, call) => {
          await call.api.send({ ...calls, url: '/complete' }, call)
          return { key: 'k' }
        },
      }
      const { uploader } = rig({
        backend: Object.assign(backend, asking),
        api,
        transport: new StoringTransport(),
      })
      await uploader.uploadFile(fileOf(size))
      expect(limits).toEqual([
        ['/open', undefined],
        ['/complete', expected],
      ])
    }
  })
})

describe('a pause or a cancel', () => {
  test('takes effect even at the moment when a detached run has just ended', async () => {
    for (const what of ['cancel', 'pause'] as const)
      for (let turns = 0; turns < 40; turns++) {
        const backend = new FakeBackend()
        const release = backend.holdNext('complete')
        backend.failNext('complete', new NetworkError('no answer'))
        const { uploader, clock } = rig({ backend, transport: new StoringTransport() })
        const upload = uploader.uploadFile(fileOf(4))
        await flush()
        upload.pause()
        upload.resume()
        release()
        for (let turn = 0; turn < turns; turn++) await undefined
        const asked = backend.calls.filter((verb) => verb === 'complete').length
        void upload[what]()
        await flush()
        await clock.advance(60_000)
        // If complete is already on its way again, it is waited for.
        if (asked > 1) break
        expect([turns, backend.completed.length]).toEqual([turns, 0])
        expect(upload.state.status).toBe(what === 'pause' ? 'paused' : 'cancelled')
      }
  })

  test('does not wait for a permission prompt that nobody answers', async () => {
    const checkpoints = memoryCheckpoints()
    const browser = new FakeBrowser()
    const first = browser.tab()
    const handle = {
      kind: 'file',
      name: 'file.bin',
      getFile: async () => fileOf(8),
      requestPermission: never,
    }
    rig({ checkpoints, tabs: first }).uploader.uploadFile(fileOf(8), {
      handle: handle as unknown as FileSystemFileHandle,
    })
    await flush()
    first.close()
    const { uploader, clock } = rig({ checkpoints, tabs: browser.tab() })
    const [left] = await uploader.interrupted()
    const upload = left?.resume() as Upload
    await flush()
    upload.pause()
    await flush()
    expect(await ends(upload.cancel(), clock)).toBeUndefined()
    expect([uploader.uploads, await checkpoints.list()]).toEqual([[], []])
  })

  test('with finishParts cuts the reading of the file, since no parts can arrive', async () => {
    const cut = vi.fn()
    const backend = new FakeBackend({
      fileDigest: (_file, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            cut()
            reject(signal.reason)
          }),
        ),
    })
    const { uploader } = rig({ backend })
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    expect(upload.state.status).toBe('hashing')
    upload.pause({ finishParts: true })
    expect(cut).toHaveBeenCalledTimes(1)
    await upload.cancel()
  })

  test("does not wait for the application's own digest, which then reports nothing more", async () => {
    let tell = (_bytes: number): void => {}
    const backend = new FakeBackend({
      fileDigest: (_file, { onProgress }) => {
        tell = onProgress ?? tell
        return never()
      },
    })
    const { uploader, clock } = rig({ backend })
    const upload = uploader.uploadFile(fileOf(4))
    const hashed = vi.fn()
    upload.on('hashing', hashed)
    await flush()
    expect(await ends(upload.cancel(), clock)).toBeUndefined()
    tell(4)
    await clock.advance(1_000)
    expect([hashed.mock.calls, clock.sleeping, uploader.uploads]).toEqual([[], 0, []])
  })
})

describe('a file with a handle', () => {
  test('that had changed is opened again by resume(), and continues if it is the original again', async () => {
    const checkpoints = memoryCheckpoints()
    const browser = new FakeBrowser()
    const first = browser.tab()
    let file = fileOf(8)
    const handle = {
      kind: 'file',
      name: 'file.bin',
      getFile: async () => file,
    } as unknown as FileSystemFileHandle
    rig({ checkpoints, tabs: first }).uploader.uploadFile(file, { handle })
    await flush()
    first.close()
    const { uploader, clock } = rig({ checkpoints, tabs: browser.tab(), transport: new StoringTransport() })
    const [left] = await uploader.interrupted()
    file = fileOf(9)
    const upload = left?.resume() as Upload
    await expect(upload).rejects.toMatchObject({ code: 'file-changed' })
    file = fileOf(8)
    upload.resume()
    expect(await ends(upload, clock)).toMatchObject({ size: 8 })
  })
})

describe('a network whose changes cannot be observed', () => {
  test('is tried after a while', async () => {
    const { uploader, connectivity, clock, transport } = rig()
    vi.spyOn(connectivity, 'changed').mockRejectedValue(new Error('not here'))
    const upload = uploader.uploadFile(fileOf(4))
    const request = await transport.next()
    connectivity.online = false
    request.cut()
    await flush()
    expect(upload.state).toEqual({ status: 'paused', by: 'system', reason: 'offline' })
    const next = transport.next()
    await clock.advance(6_000)
    ;(await next).store()
    await upload
    expect(clock.sleeping).toBe(0)
  })
})

describe('checksums of parts that only the server knew', () => {
  test('are not written any more once the upload has failed', async () => {
    const backend = new FakeBackend()
    backend.whole = 'crc32'
    backend.found = [1, 2].map((number) => ({ number, size: 4, etag: `"${number}"` }))
    const checkpoints = memoryCheckpoints()
    let add = (): void => {}
    const { uploader, hasher } = rig({ backend, checkpoints, verify: 'none' })
    let asked = 0
    vi.spyOn(hasher, 'digestAll').mockRejectedValue(new Error('no'))
    vi.spyOn(hasher, 'digest').mockImplementation(async () => {
      if (asked++ > 0) throw new Error('the worker has died')
      return '00000000'
    })
    const kept = vi.spyOn(checkpoints, 'addReceipt').mockImplementation(
      () =>
        new Promise((resolve) => {
          add = resolve
        }),
    )
    const upload = uploader.uploadFile(fileOf(8))
    await flush()
    expect([kept.mock.calls.length, upload.state.status]).toEqual([1, 'uploading'])
    add()
    await expect(upload).rejects.toMatchObject({ code: 'unexpected' })
  })
})

describe('a server that is told of stored parts', () => {
  test('is told nothing after the end, whenever it answers', async () => {
    let answer = (): void => {}
    const report = vi.fn(async () => {})
    const record = (): Promise<void> =>
      new Promise((resolve) => {
        answer = resolve
      })
    const { uploader, transport, clock } = rig({
      backend: Object.assign(new FakeBackend(), { record, report }),
    })
    const upload = uploader.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await clock.advance(2_000)
    await upload.cancel()
    answer()
    await flush()
    expect(report).not.toHaveBeenCalled()
  })
})

describe('a hashing worker', () => {
  test('that dies as its digest is aborted is not replaced', async () => {
    const workers: { onerror: ((event: Event) => void) | null; terminate(): void; postMessage(): void }[] = []
    const hasher = workerHasher(() => {
      const worker = { onerror: null, onmessage: null, terminate: vi.fn(), postMessage: vi.fn() }
      workers.push(worker)
      return worker as unknown as Worker
    })
    const control = new AbortController()
    const digest = hasher.digest(new Blob(['abc']), 'md5', { signal: control.signal })
    await flush()
    workers[0]?.onerror?.(new Event('error', { cancelable: true }))
    control.abort('enough')
    await expect(digest).rejects.toBe('enough')
    expect(workers).toHaveLength(1)
  })
})

describe('a secret in the query of an address', () => {
  const none = async (): Promise<never> => Promise.reject(new Error('Not called'))

  test('gets into no checkpoint, and still distinguishes one server from another', () => {
    const backends = (query: string): readonly string[] => {
      const baseUrl = `https://api.example/v1${query}`
      return [
        presigned({ baseUrl }),
        fragno({ baseUrl }),
        bkend({ baseUrl, accessToken: 't', projectId: 'p' } as never),
        newton({ baseUrl, apiKey: 'k' }),
        activeStorage({ baseUrl, path: `/direct${query}` }),
        defineBackend({ name: 'own', baseUrl, open: none, sign: none, complete: none }),
      ].map(({ name }) => name)
    }
    const [plain, one, two] = [backends(''), backends('?token=s3cr3t'), backends('?token=0ther')]
    expect(plain.join()).toContain('presigned https://api.example/v1,')
    for (const name of [...one, ...two]) expect(name).not.toMatch(/s3cr3t|0ther|token/)
    expect(backends('?token=s3cr3t')).toEqual(one)
    for (const [index] of plain.entries())
      expect(new Set([plain[index], one[index], two[index]]).size).toBe(3)
  })
})

describe('listeners of the state', () => {
  test('hear every change in order, even if one of them changes the state', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(12))
    const heard: string[] = []
    upload.on('state', ({ status }) => {
      if (status === 'uploading') upload.pause()
      if (status === 'paused') void upload.cancel()
    })
    upload.on('state', ({ status }) => heard.push(status))
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    expect(heard).toEqual(['opening', 'uploading', 'paused', 'cancelled'])
  })
})

describe('an answer to complete that was given up', () => {
  test('leaves a doubt, so that an upload that may be complete is not sent again', async () => {
    const backend = new FakeBackend()
    const complete = vi.spyOn(backend, 'complete').mockImplementationOnce(never)
    complete.mockRejectedValue(new SessionLostError(http(404)))
    const { uploader, clock, transport } = rig({ backend, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    await flush()
    upload.pause()
    await clock.advance(10 * 60_000)
    expect(upload.state.status).toBe('paused')
    upload.resume()
    expect(await ends(upload, clock)).toMatchObject({ code: 'unsure' })
    expect([transport.stored, backend.opened.length]).toEqual([[1, 2], 1])
  })
})

describe('restart() in a waiting tab', () => {
  test('sends its own file, however the other tab has ended', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const one = rig({ checkpoints, tabs: browser.tab() })
    const first = one.uploader.uploadFile(fileOf(4))
    const request = await one.transport.next()
    const two = rig({ checkpoints, tabs: browser.tab(), transport: new StoringTransport() })
    const second = two.uploader.uploadFile(fileOf(4))
    await flush()
    second.restart()
    request.store()
    await first
    await second
    expect([two.transport.stored, await checkpoints.list()]).toEqual([[1], []])
  })

  test('is still ended by a cancel in the other tab', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const one = rig({ checkpoints, tabs: browser.tab() })
    const first = one.uploader.uploadFile(fileOf(4))
    await one.transport.next()
    const two = rig({ checkpoints, tabs: browser.tab(), transport: new StoringTransport() })
    const second = two.uploader.uploadFile(fileOf(4))
    await flush()
    second.restart()
    await flush()
    await first.cancel()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    expect([two.transport.stored, await checkpoints.list()]).toEqual([[], []])
  })
})

import { afterEach, describe, expect, test, vi } from 'vitest'
import { Lane } from '../src/admission.ts'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import { identify } from '../src/identity.ts'
import { Journal } from '../src/journal.ts'
import { Line } from '../src/line.ts'
import type { Backend, Checkpoint, CheckpointStore, PartReceipt, PartTransport } from '../src/ports.ts'
import { Pulse } from '../src/pulse.ts'
import { defaultRetry } from '../src/retry.ts'
import { bury, discard, type Job, run, type Tools } from '../src/run.ts'
import { RunControl } from '../src/run-control.ts'
import { FakeBackend } from './fakes/backend.ts'
import { FakeClock, flush } from './fakes/clock.ts'
import { FakeConnectivity } from './fakes/connectivity.ts'
import { FakePartTransport, md5Etag, StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser, type FakeTab } from './fakes/tabs.ts'
import { FakeHasher, fileOf } from './fakes/uploader.ts'

type Options = Partial<Job> & {
  readonly size?: number
  readonly backend?: FakeBackend
  readonly transport?: PartTransport
  readonly store?: CheckpointStore
  readonly tabs?: FakeTab
  readonly tools?: Partial<Tools>
}

const key = 'k'

/** Everything that a run needs, and what it reports, in order. */
function prepared(options: Options = {}) {
  const { size = 12, backend = new FakeBackend(), store = memoryCheckpoints(), tools: more, ...job } = options
  const transport = options.transport ?? new StoringTransport()
  const clock = new FakeClock()
  const pulse = new Pulse(clock)
  const stall = { idle: 20_000, answer: 60_000 }
  const hasher = new FakeHasher()
  const tools: Tools = {
    backend,
    api: { send: () => Promise.reject(new Error('no test calls the API')) },
    hasher,
    retry: {
      options: { ...defaultRetry, baseDelay: 0 },
      clock,
      connectivity: new FakeConnectivity(),
      random: () => 0.5,
    },
    aborts: new Lane(50),
    line: new Line({ concurrency: 2, stall, clock, pulse, transport }),
    pulse,
    partSize: undefined,
    tabs: options.tabs ?? new FakeBrowser().tab(),
    scope: '',
    verify: 'none',
    checksum: undefined,
    expiry: 1_000_000,
    ...more,
  }
  const onTrouble = vi.fn()
  const journal = new Journal({ key, store, pulse, warn: onTrouble })
  const file = job.file ?? fileOf(size)
  const whole: Job = {
    file,
    identity: identify(file),
    params: {},
    journal,
    handle: undefined,
    digests: new WeakMap(),
    isKnown: false,
    own: file,
    left: undefined,
    isFresh: false,
    isDoubtful: false,
    isUnsure: false,
    ...job,
  }
  const told: string[] = []
  const control = new RunControl()
  /** What the run resolves or rejects with, while time passes. */
  async function outcome(): Promise<unknown> {
    const running = run(whole, tools, control, {
      enter: (phase) => told.push(phase),
      tracker: {
        hashed: (bytes) => told.push(`hashed ${bytes}`),
        finished: () => told.push('finished'),
        sending: () => {},
        dropped: () => {},
      },
      opened: (_, receipts) => told.push(`opened with ${receipts.length}`),
      verified: (verified) => told.push(`verified ${verified.name}`),
      stored: ({ number }) => told.push(`stored ${number}`),
      unsure: (isUnsure) => told.push(isUnsure ? 'unsure' : 'sure'),
      warned: (code, cause) => told.push(code === 'session-lost' ? 'lost' : `warned of ${code}: ${cause}`),
    }).catch((error: unknown) => error)
    let isOver = false
    void running.then(() => {
      isOver = true
    })
    for (let turn = 0; turn < 50 && !isOver; turn++) await clock.advance(10)
    return running
  }
  return { outcome, backend, transport, store, hasher, clock, tools, journal, told, control, onTrouble }
}

async function stages(store: CheckpointStore): Promise<string[]> {
  return (await store.list()).map(({ checkpoint }) => (checkpoint as Checkpoint).stage)
}

/** What an earlier page left: a session, and as many parts of four bytes as given. */
async function left(parts: number, more: Partial<Checkpoint> = {}): Promise<CheckpointStore> {
  const store = memoryCheckpoints()
  const file = fileOf(12)
  const checkpoint = {
    version: 1,
    key,
    scope: '',
    backend: 'fake',
    identity: identify(file),
    params: {},
    createdAt: 1_700_000_000_000,
    expiresAt: 1_800_000_000_000,
    digest: undefined,
    stage: 'opened',
    session: { id: 'session-0' },
    layout: { fileSize: 12, partSize: 4 },
    ...more,
  } as Checkpoint
  await store.save(checkpoint)
  for (let number = 1; number <= parts; number++) await store.addReceipt(key, await receiptOf(number))
  return store
}

async function receiptOf(number: number): Promise<PartReceipt> {
  const bytes = new Uint8Array(await fileOf(12).arrayBuffer()).slice(number * 4 - 4, number * 4)
  const etag = md5Etag(bytes)
  return { number, size: 4, etag, md5: etag.replaceAll('"', '') }
}

/** A tab that knows that another one waits. */
function wanted(): FakeTab {
  const tab = new FakeBrowser().tab()
  tab.isWanted = async () => true
  return tab
}

function http(status: number, endpoint = 'abort'): HttpError {
  return new HttpError({ endpoint, status, serviceCode: undefined, detail: '', retryAfter: undefined })
}

const lost = new SessionLostError(http(404, 'complete'))

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('throwing away', () => {
  test.each(['opened', 'aborting'] as const)(
    'aborts the session at the server (%s), and keeps nothing',
    async (stage) => {
      const { journal, tools, backend, store } = prepared({ store: await left(1, { stage }) })
      await discard(journal, tools)
      expect(backend.aborted).toEqual(['session-0'])
      expect(await stages(store)).toEqual([])
    },
  )

  test('tells the server nothing if there is no session', async () => {
    const without = await left(0, { stage: 'identified', session: undefined } as Partial<Checkpoint>)
    for (const store of [without, memoryCheckpoints()]) {
      const { journal, tools, backend, onTrouble } = prepared({ store, tabs: wanted() })
      await discard(journal, tools)
      expect([backend.calls, onTrouble.mock.calls]).toEqual([[], []])
    }
    expect(await stages(without)).toEqual(['ended'])
  })

  test('removes the checkpoint if the backend has no abort', async () => {
    const { journal, tools, store } = prepared({ store: await left(1) })
    const backend: Backend = Object.assign(tools.backend, { abort: undefined })
    await discard(journal, { ...tools, backend })
    expect(await stages(store)).toEqual([])
  })

  test('leaves the result for a minute to a tab that waits for it', async () => {
    const { journal, tools, store } = prepared({ store: await left(1), tabs: wanted() })
    await discard(journal, tools)
    const [kept] = await store.list()
    // Only for a minute, since it would stay if that tab died.
    const expiresAt = tools.retry.clock.date() + 60_000
    expect(kept?.checkpoint).toMatchObject({ key, stage: 'ended', result: 'cancelled', expiresAt })
  })

  test('keeps nothing if nobody knows whether a tab waits', async () => {
    const tabs = new FakeBrowser().tab()
    tabs.isWanted = () => Promise.reject(new DOMException('no', 'SecurityError'))
    const { journal, tools, store } = prepared({ store: await left(1), tabs })
    await discard(journal, tools)
    expect(await stages(store)).toEqual([])
  })

  test('removes what it cannot leave to a tab that has gone meanwhile, since nobody else would', async () => {
    const tabs = wanted()
    const store = await left(1)
    const { save } = store
    store.save = () => Promise.reject(new DOMException('no room', 'QuotaExceededError'))
    const kept = prepared({ store, tabs })
    await discard(kept.journal, kept.tools)
    // A tab that waits finds the checkpoint and completes it again.
    expect(await stages(store)).toEqual(['opened'])
    store.save = (checkpoint) => {
      tabs.isWanted = async () => false
      return save.call(store, checkpoint).then(() => Promise.reject(new Error('too late')))
    }
    const gone = prepared({ store, tabs })
    await discard(gone.journal, gone.tools)
    expect(await stages(store)).toEqual([])
  })

  test('tries the abort three times, and then leaves a tombstone without the handle', async () => {
    const handle = { kind: 'file' } as unknown as FileSystemFileHandle
    const { journal, tools, backend, store, clock } = prepared({
      store: await left(1, { handle }),
      tabs: wanted(),
    })
    for (let attempt = 0; attempt < 5; attempt++) backend.failNext('abort', http(500))
    const failed = expect(discard(journal, tools)).rejects.toMatchObject({ status: 500 })
    for (let turn = 0; turn < 10; turn++) await clock.advance(10)
    await failed
    expect(backend.calls).toEqual(['abort', 'abort', 'abort'])
    const tombstones = (await store.list()).map(({ checkpoint }) => checkpoint as Checkpoint)
    expect(tombstones.map(({ key: at, stage }) => [at, stage])).toEqual([
      [key, 'ended'],
      [`${key} aborting 1700000000000`, 'aborting'],
    ])
    expect(tombstones.map((one) => 'handle' in one)).toEqual([true, false])
  })
})

describe('aborting by a tombstone', () => {
  test('tells the server, and removes the tombstone', async () => {
    const { journal, tools, backend, store } = prepared({ store: await left(0, { stage: 'aborting' }) })
    await bury(journal, tools)
    expect([backend.aborted, await stages(store)]).toEqual([['session-0'], []])
  })

  test('keeps the tombstone if the server cannot be told', async () => {
    const { journal, tools, backend, store } = prepared({ store: await left(0, { stage: 'aborting' }) })
    backend.failNext('abort', http(400))
    await expect(bury(journal, tools)).rejects.toMatchObject({ status: 400 })
    expect(await stages(store)).toEqual(['aborting'])
  })

  test('leaves alone a checkpoint that is no tombstone or is gone', async () => {
    const store = await left(1)
    const { journal, tools, backend } = prepared({ store })
    await bury(journal, tools)
    expect([backend.calls, await stages(store)]).toEqual([[], ['opened']])
    const none = prepared()
    await bury(none.journal, none.tools)
    expect(none.backend.calls).toEqual([])
  })
})

describe('a run', () => {
  test('goes through its phases, reports them, and leaves nothing behind', async () => {
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const one = prepared({ backend })
    expect(await one.outcome()).toEqual({
      key: 'the-key',
      size: 12,
      checksums: { xxhash64: 'digest-of-12' },
    })
    expect(one.told).toEqual([
      'hashing',
      'hashed 12',
      'opening',
      'opened with 0',
      'verified file.bin',
      'uploading',
      expect.stringMatching(/^stored/),
      expect.stringMatching(/^stored/),
      expect.stringMatching(/^stored/),
      'completing',
    ])
    expect([await stages(one.store), one.clock.sleeping]).toEqual([[], 0])
  })

  test.each([
    [true, 0],
    [false, 2],
  ])(
    'compares what is stored before it continues, unless it is known to be of this file (%s)',
    async (isKnown, looks) => {
      const one = prepared({ store: await left(2), isKnown, tools: { verify: 'full' } })
      const digest = one.hasher.digest.bind(one.hasher)
      one.hasher.digest = (...args) => {
        one.told.push('looks')
        return digest(...args)
      }
      await one.outcome()
      const before = one.told.slice(0, one.told.indexOf('uploading'))
      expect(before).toEqual(['opening', 'opened with 2', ...Array(looks).fill('looks'), 'verified file.bin'])
    },
  )

  test('reads nothing before it opens if the backend wants no digest', async () => {
    const backend: FakeBackend = Object.assign(new FakeBackend(), { fileDigest: undefined })
    const { outcome, hasher } = prepared({ backend })
    expect(await outcome()).toEqual({ key: 'the-key', size: 12, checksums: {} })
    expect(hasher.digested).toEqual([])
  })

  test('stores a handle if there is one, and no field for it otherwise', async () => {
    const handle = { kind: 'file' } as unknown as FileSystemFileHandle
    for (const given of [handle, undefined]) {
      const { outcome, store } = prepared({ handle: given })
      const save = vi.spyOn(store, 'save')
      await outcome()
      expect(save.mock.calls.map(([one]) => ['handle' in one, one.handle])).toEqual([
        [given !== undefined, given],
      ])
    }
  })

  test('does not continue an ended upload, nor reuse its digest', async () => {
    const result = { key: 'old', size: 12, checksums: {} }
    const store = await left(3, { stage: 'ended', result, digest: 'old' } as Partial<Checkpoint>)
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const one = prepared({ store, backend })
    await one.outcome()
    expect(backend.opened.map(({ digest }) => digest)).toEqual(['digest-of-12'])
  })

  test('does not continue a cancelled upload, and leaves its tombstone for later', async () => {
    const { outcome, backend, store } = prepared({ store: await left(3, { stage: 'aborting' }) })
    await outcome()
    expect([backend.opened.length, await stages(store)]).toEqual([1, ['aborting']])
  })

  test('tells its backend the size of a picture', async () => {
    class FakeImage {
      onload = (): void => {}
      readonly naturalWidth = 3
      readonly naturalHeight = 2
      set src(url: string) {
        if (url !== '') queueMicrotask(() => this.onload())
      }
    }
    vi.stubGlobal('Image', FakeImage)
    const { outcome, backend } = prepared({ file: new File(['x'], 'a.png', { type: 'image/png' }) })
    await outcome()
    expect(await backend.opened[0]?.pictureSize()).toEqual({ width: 3, height: 2 })
  })

  test("calls the backend's judge() as a method of the backend", async () => {
    class Judging extends FakeBackend {
      readonly meaning = 'stored'
    }
    const backend = new Judging()
    backend.judge = function (this: Judging) {
      return this.meaning
    }
    const transport = new StoringTransport()
    transport.fault = (number) => (number === 2 ? { status: 409, headers: {}, body: '' } : undefined)
    const { outcome } = prepared({ backend, transport })
    expect(await outcome()).toMatchObject({ key: 'the-key' })
    expect(transport.stored.sort()).toEqual([1, 3])
  })
})

describe('the digest of the whole file', () => {
  test('is computed once for the runs of an upload, but again for a file that is sent from the beginning', async () => {
    const fileDigest = vi.fn(async () => 'mine')
    const [file, digests] = [fileOf(12), new WeakMap<File, string>()]
    for (const isFresh of [false, false, true]) {
      const backend = new FakeBackend({ fileDigest })
      await prepared({ backend, file, isFresh, digests }).outcome()
      expect(backend.opened).toMatchObject([{ digest: 'mine' }])
    }
    expect(fileDigest).toHaveBeenCalledTimes(2)
  })

  test('does not count as one of our checksums if a function of the application made it', async () => {
    const { outcome, backend } = prepared({ backend: new FakeBackend({ fileDigest: async () => 'mine' }) })
    expect(await outcome()).toStrictEqual({ key: 'the-key', size: 12, checksums: {} })
    expect(backend.opened[0]?.digest).toBe('mine')
  })

  test('does not count as a checksum if the upload began without one, or if none is wanted any more', async () => {
    const without = prepared({ store: await left(2), backend: new FakeBackend({ fileDigest: 'xxhash64' }) })
    expect(await without.outcome()).toStrictEqual({ key: 'the-key', size: 12, checksums: {} })
    const unwanted = prepared({ store: await left(2, { digest: 'd' }) })
    expect(await unwanted.outcome()).toStrictEqual({ key: 'the-key', size: 12, checksums: {} })
  })

  test('is cut with the run, and its warnings are passed on', async () => {
    const reason = vi.fn()
    const one = prepared({
      backend: new FakeBackend({
        fileDigest: (_, { signal, onWarning }) => {
          onWarning?.('slowly')
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reason()
              reject(signal.reason)
            })
          })
        },
      }),
    })
    const outcome = one.outcome()
    await flush()
    one.control.cut()
    expect(await outcome).toBe(one.control.kill.reason)
    expect(reason).toHaveBeenCalledTimes(1)
    expect(one.told).toEqual(['hashing', 'warned of hashing: slowly'])
  })

  test('is not computed for an upload that was opened without one, so that its checkpoint is not overwritten', async () => {
    const fileDigest = vi.fn(async (): Promise<string> => {
      one.clock.jump(5_000)
      return 'mine'
    })
    const transport = new FakePartTransport()
    const one = prepared({ backend: new FakeBackend({ fileDigest }), store: await left(1), transport })
    const outcome = one.outcome()
    await transport.take(2)
    expect(await one.store.list()).toMatchObject([
      { checkpoint: { stage: 'opened' }, receipts: [{ number: 1 }] },
    ])
    one.control.cut()
    expect(await outcome).toBe(one.control.stop.reason)
    expect(fileDigest).not.toHaveBeenCalled()
  })

  test('is computed again if nothing proves that the stored parts are of this file, whatever was read before', async () => {
    const store = memoryCheckpoints()
    const [stored] = await (await left(0, { digest: 'of another' })).list()
    await store.save(stored?.checkpoint as Checkpoint)
    await store.addReceipt(key, { number: 1, size: 4, etag: '"opaque"' })
    const backend = new FakeBackend({ fileDigest: async () => 'of this one' })
    const file = fileOf(12)
    const digests = new WeakMap([[file, 'of what it was']])
    const one = prepared({ backend, store, file, digests, tools: { verify: 'sample' } })
    expect(await one.outcome()).toMatchObject({ key: 'the-key' })
    expect(backend.aborted).toEqual(['session-0'])
    expect(backend.opened).toMatchObject([{ digest: 'of this one' }])
  })

  test.each([
    ['kept by an earlier visit', { stage: 'identified' }],
    ['kept with a session that the server has lost', {}],
  ] as const)('that was %s is computed again, since the file may have been edited since', async (_, more) => {
    const backend = new FakeBackend({ fileDigest: async () => 'of this one' })
    backend.listed = []
    backend.failNext('reopen', new SessionLostError(http(404, 'reopen')))
    const store = await left(0, { digest: 'of what it was', ...more } as Partial<Checkpoint>)
    const one = prepared({ backend, store })
    expect(await one.outcome()).toMatchObject({ key: 'the-key' })
    expect(backend.opened).toMatchObject([{ digest: 'of this one' }])
  })

  test.each([
    [0, 'of this one'],
    [0, 'of what it was'],
    [1, 'of this one'],
    [1, 'of what it was'],
  ])(
    'is computed again if a session was opened and the server has no part, with %d stored: the kept digest is %s',
    async (parts, digest) => {
      const backend = new FakeBackend({ fileDigest: async () => 'of this one' })
      backend.listed = []
      const store = await left(parts, { digest })
      const one = prepared({ backend, store })
      expect(await one.outcome()).toMatchObject({ key: 'the-key' })
      const isAnother = digest !== 'of this one'
      expect(backend.aborted).toEqual(isAnother ? ['session-0'] : [])
      expect(backend.opened.map((opened) => opened.digest)).toEqual(isAnother ? ['of this one'] : [])
    },
  )

  test('is computed again while the checkpoint of the opened session stays', async () => {
    const state = {
      algorithm: 'xxhash64',
      build: 'b',
      state: 's',
      check: 'c',
      offset: 8,
      checked: 4,
    } as const
    const store = await left(0, { digest: 'of what it was' })
    const one = prepared({ backend: new FakeBackend({ fileDigest: 'xxhash64' }), store })
    one.hasher.digest = async (_, __, call) => {
      call.onState?.(state)
      await flush()
      one.control.drain()
      return 'of this one'
    }
    expect(await one.outcome()).toBe(one.control.stop.reason)
    expect([await stages(store), one.backend.aborted]).toEqual([['opened'], []])
  })

  test('is not computed again if parts are stored, since those are compared, nor if none is wanted any more', async () => {
    for (const [parts, backend] of [
      [1, new FakeBackend({ fileDigest: async () => 'of this one' })],
      [0, new FakeBackend()],
    ] as const) {
      const one = prepared({ backend, store: await left(parts, { digest: 'kept' }) })
      expect(await one.outcome()).toMatchObject({ key: 'the-key' })
      expect([backend.opened, one.told.includes('hashing')]).toEqual([[], false])
    }
  })

  test('is not kept if it ends after the stop', async () => {
    const one = prepared({
      backend: new FakeBackend({
        fileDigest: async () => {
          one.control.drain()
          one.clock.jump(5_000)
          return 'mine'
        },
      }),
    })
    expect(await one.outcome()).toBe(one.control.stop.reason)
    expect([await stages(one.store), one.told]).toEqual([[], ['hashing']])
  })
})

describe('a stop', () => {
  test('begins nothing while the checkpoint is being read', async () => {
    const one = prepared()
    const load = one.store.load.bind(one.store)
    one.store.load = async (at) => {
      one.control.drain()
      return load(at)
    }
    expect(await one.outcome()).toBe(one.control.stop.reason)
    expect([one.backend.calls, one.told]).toEqual([[], []])
  })

  test('keeps the session and sends nothing while the session is being opened', async () => {
    const one = prepared()
    const open = one.backend.open.bind(one.backend)
    one.backend.open = async (...args) => {
      one.control.drain()
      return open(...args)
    }
    expect(await one.outcome()).toBe(one.control.stop.reason)
    expect(one.told).toEqual(['opening', 'opened with 0', 'verified file.bin'])
    expect([one.backend.calls, await stages(one.store)]).toEqual([['open'], ['opened']])
  })

  test('completes nothing while the file is compared once more', async () => {
    const one = prepared({ store: await left(3), isKnown: true, tools: { verify: 'full' } })
    const digest = one.hasher.digest.bind(one.hasher)
    one.hasher.digest = async (...args) => {
      one.control.drain()
      return digest(...args)
    }
    expect(await one.outcome()).toBe(one.control.stop.reason)
    expect(one.backend.calls).toEqual([])
    expect(one.told).not.toContain('completing')
  })

  test('leaves the session as it is when a part has just reported it lost', async () => {
    const transport = new FakePartTransport()
    const one = prepared({ transport })
    const outcome = one.outcome()
    const [first, second] = await transport.take(2)
    first?.respond({ status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' })
    await flush()
    one.control.drain()
    second?.store()
    expect(await outcome).toBe(one.control.stop.reason)
    expect(one.told).not.toContain('lost')
    expect([one.backend.aborted, await stages(one.store)]).toEqual([[], ['opened']])
  })
})

describe('a second comparison with the file', () => {
  test.each([
    [9_999, 0],
    [10_000, 3],
  ])('in a run of %i ms reads %i parts', async (milliseconds, looks) => {
    const one = prepared({ tools: { verify: 'full' } })
    one.clock.jump(50_000)
    const open = one.backend.open.bind(one.backend)
    one.backend.open = async (...args) => {
      one.clock.jump(milliseconds)
      return open(...args)
    }
    const looked = vi.spyOn(one.hasher, 'digest')
    await one.outcome()
    // One more digest, of the first part, shows what ETags are here.
    expect(looked).toHaveBeenCalledTimes(looks + 1)
  })
})

describe('targets', () => {
  test('are requested in batches of at most a hundred, whatever the server accepts', async () => {
    const backend = new FakeBackend({ maxBatch: 1_000 })
    const { outcome } = prepared({ size: 4 * 600, backend })
    await outcome()
    expect(Math.max(...backend.signed.map((batch) => batch.length))).toBe(100)
    expect(backend.signed.flat()).toHaveLength(600)
  })

  test('are requested ahead, twice as many as may be on their way, by several calls at once', async () => {
    const backend = new FakeBackend({ maxBatch: 1 })
    const release = backend.holdNext('sign')
    const transport = new FakePartTransport()
    const one = prepared({ size: 4 * 50, backend, transport })
    const outcome = one.outcome()
    await flush()
    expect(backend.signed.flat().slice(0, 4)).toEqual([1, 2, 3, 4])
    release()
    await flush()
    expect(backend.signed.flat()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    one.control.cut()
    await outcome
  })

  test('are requested by one call at a time while requests fail', async () => {
    const transport = new FakePartTransport()
    const { outcome, backend } = prepared({ size: 8, transport })
    const ended = outcome()
    const requests = await transport.take(2)
    const release = backend.holdNext('sign')
    for (const request of requests) request.cut()
    await flush()
    await vi.waitFor(() => expect(backend.signed).toHaveLength(2), { timeout: 20_000 })
    await flush()
    expect(backend.signed).toEqual([[1, 2], [expect.any(Number)]])
    release()
    for (const request of await transport.take(2)) request.store()
    expect(await ended).toMatchObject({ key: 'the-key' })
  })
})

describe('completing', () => {
  test('reports a doubt when it comes and when it goes', async () => {
    const one = prepared()
    one.backend.failNext('complete', new NetworkError('no answer'))
    one.backend.failNext('complete', http(400, 'complete'))
    expect(await one.outcome()).toMatchObject({ status: 400 })
    expect(one.told.slice(-3)).toEqual(['completing', 'unsure', 'sure'])
  })

  test('asks for the status if another page may have completed the upload and the session is unknown: nothing is sent twice', async () => {
    const one = prepared({ store: await left(3) })
    one.backend.failNext('complete', lost)
    one.backend.statusIs({ state: 'completed', key: 'done-before' })
    expect(await one.outcome()).toEqual({ key: 'done-before', size: 12, checksums: {} })
    expect(one.backend.calls).toEqual(['complete', 'status'])
    expect(one.told).not.toContain('lost')
    expect(one.told.slice(-2)).toEqual(['completing', 'completing'])
    expect(await stages(one.store)).toEqual([])
  })

  test('starts the upload over without asking for the status if a part is missing', async () => {
    const one = prepared({ store: await left(2) })
    one.backend.failNext('sign', lost)
    one.backend.statusIs({ state: 'completed', key: 'of something else' })
    expect(await one.outcome()).toMatchObject({ key: 'the-key' })
    expect(one.backend.calls).toEqual(['sign', 'abort', 'open', 'sign', 'complete'])
  })

  test('asks for the status if this page may have completed the upload, whatever is missing by now', async () => {
    const one = prepared({ store: await left(2), isUnsure: true })
    one.backend.failNext('sign', lost)
    one.backend.statusIs({ state: 'completed', key: 'done-before' })
    expect(await one.outcome()).toMatchObject({ key: 'done-before' })
    expect(one.backend.calls).toEqual(['sign', 'status'])
    expect(one.told.at(-1)).toBe('completing')
  })

  test('ends as unsure if this page may have completed the upload and nobody can tell', async () => {
    const one = prepared({ store: await left(3), isUnsure: true })
    one.backend.failNext('complete', lost)
    expect(await one.outcome()).toMatchObject({ code: 'unsure' })
    expect([one.backend.calls, await stages(one.store)]).toEqual([['complete'], ['opened']])
  })

  test('is never followed by an abort of a session that may have been completed', async () => {
    const one = prepared({ store: await left(3), isUnsure: true })
    one.backend.failNext('complete', lost)
    one.backend.statusIs({ state: 'gone' })
    expect(await one.outcome()).toMatchObject({ key: 'the-key' })
    expect(one.backend.calls).toEqual(['complete', 'status', 'open', 'sign', 'complete'])
    expect(one.told).toContain('lost')
  })

  test('leaves no doubt about the next session if the first one is gone', async () => {
    const one = prepared({ store: await left(3), isUnsure: true })
    one.backend.failNext('complete', lost)
    one.backend.statusIs({ state: 'gone' })
    await one.outcome()
    expect(one.told.slice(one.told.indexOf('lost')).slice(0, 4)).toEqual([
      'lost',
      'opening',
      'sure',
      'opened with 0',
    ])
  })

  test('asks for no status if there is a doubt but no session was kept', async () => {
    const identified = await left(0, { stage: 'identified' })
    for (const store of [memoryCheckpoints(), identified]) {
      const one = prepared({ store, isUnsure: true })
      one.backend.failNext('open', lost)
      one.backend.statusIs({ state: 'completed', key: 'of something else' })
      expect(await one.outcome()).toMatchObject({ key: 'the-key' })
      expect(one.backend.calls).toEqual(['open', 'open', 'sign', 'complete'])
    }
  })

  test('aborts nothing at the server if there was no session', async () => {
    for (const store of [memoryCheckpoints(), await left(0, { stage: 'identified' })]) {
      const one = prepared({ store })
      one.backend.failNext('open', lost)
      expect(await one.outcome()).toMatchObject({ key: 'the-key' })
      expect(one.backend.calls).toEqual(['open', 'open', 'sign', 'complete'])
    }
  })
})

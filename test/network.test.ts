import { afterEach, describe, expect, test, vi } from 'vitest'
import { CorsError, HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import type { PartResponse } from '../src/ports.ts'
import type { UploadWarning } from '../src/warnings.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { fileOf, type Rig, rig } from './fakes/uploader.ts'

const offline = { status: 'paused', by: 'system', reason: 'offline' }

function http(status: number, serviceCode?: string): HttpError {
  return new HttpError({ endpoint: 'complete', status, serviceCode, detail: '', retryAfter: undefined })
}

describe('without a network', () => {
  test('an upload is paused, costs no attempt, and continues when the network is back', async () => {
    const { uploader, transport, connectivity, clock } = rig({ retry: { attempts: 1 } })
    const upload = uploader.uploadFile(fileOf(8))
    const [first, second] = await transport.take(2)
    connectivity.online = false
    first?.cut()
    await flush()
    second?.cut()
    await flush()
    expect(upload.state).toEqual(offline)
    connectivity.change(true)
    for (const request of await transport.take(2)) request.store()
    await upload
    expect([connectivity.waiting, clock.sleeping]).toEqual([0, 0])
  })

  test('slow probes continue, so that a browser that is wrong keeps nobody waiting', async () => {
    const { uploader, transport, connectivity, clock } = rig({ retry: { attempts: 1 } })
    connectivity.online = false
    const upload = uploader.uploadFile(fileOf(4))
    for (const wait of [5_000, 7_500, 11_250]) {
      ;(await transport.next()).cut()
      await flush()
      expect(upload.state).toEqual(offline)
      await clock.advance(wait - 1)
      expect(upload.state).toEqual(offline)
      await clock.advance(1)
    }
    ;(await transport.next()).store()
    await upload
  })

  test('a connectivity that cannot report changes leaves the resume to the probe', async () => {
    const { uploader, transport, connectivity, clock } = rig({ retry: { attempts: 1 } })
    connectivity.online = false
    connectivity.changed = () => Promise.reject(new Error('nobody knows'))
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).cut()
    await clock.advance(4_999)
    expect([upload.state, transport.open.size]).toEqual([offline, 0])
    await clock.advance(1)
    ;(await transport.next()).store()
    await upload
  })

  test('the probe slows down to once a minute, and no further', async () => {
    const { uploader, transport, connectivity, clock } = rig({ retry: { attempts: 1 } })
    connectivity.online = false
    const upload = uploader.uploadFile(fileOf(4))
    for (let probe = 0; probe < 10; probe++) {
      ;(await transport.next()).cut()
      await flush()
      await clock.advance(60_000)
    }
    expect((await transport.next()).number).toBe(1)
    await upload.cancel()
  })

  test('the probe is quick again after a part has been stored', async () => {
    const { uploader, transport, connectivity, clock } = rig({ concurrency: 1, retry: { attempts: 1 } })
    connectivity.online = false
    const upload = uploader.uploadFile(fileOf(8))
    const cutAll = async (): Promise<void> => {
      while (upload.state.status !== 'paused') {
        await flush()
        for (const request of transport.open) request.cut()
      }
    }
    for (const wait of [5_000, 7_500]) {
      await cutAll()
      await clock.advance(wait)
    }
    for (const request of transport.open) request.store()
    await flush()
    await cutAll()
    await clock.advance(5_000)
    for (const request of transport.open) request.store()
    await upload
  })

  /** Waits without a network until as many probes have failed as given, and then for `rest`. */
  async function away({ transport, clock, connectivity }: Rig, probes: number, rest: number): Promise<void> {
    connectivity.online = false
    ;(await transport.next()).cut()
    await flush()
    for (let probe = 0; probe < probes; ) {
      await clock.advance(100)
      for (const request of await transport.take(transport.open.size)) {
        request.cut()
        probe += 1
      }
      await flush()
    }
    await clock.advance(rest)
  }

  test.each([
    ['a quarter of the time that it was away', 0, 2_000, 500],
    ['ten seconds', 6, 5_000, 10_000],
  ])(
    'a network that is back is used at a random time within %s, since it is back for many',
    async (_, probes, rest, within) => {
      for (const chance of [0.25, 0.75]) {
        const one = rig({ random: () => chance })
        const { uploader, transport, connectivity, clock } = one
        // The absolute time must not matter.
        clock.jump(3_600_000)
        const upload = uploader.uploadFile(fileOf(4))
        await away(one, probes, rest)
        expect(upload.state).toEqual(offline)
        connectivity.change(true)
        await clock.advance(chance * within - 1)
        expect(upload.state).toEqual(offline)
        await clock.advance(1)
        ;(await transport.next()).store()
        await upload
        expect([connectivity.waiting, clock.sleeping]).toEqual([0, 0])
      }
    },
  )

  test('a change after which the browser still reports offline is tried at once, since its report may be wrong', async () => {
    const one = rig({ random: () => 0.5 })
    const { uploader, transport, connectivity } = one
    const upload = uploader.uploadFile(fileOf(4))
    await away(one, 4, 5_000)
    connectivity.change(false)
    ;(await transport.next()).store()
    await upload
  })

  test('a network that was back and is away again is probed as soon as the first time', async () => {
    const { uploader, transport, connectivity, clock } = rig({ retry: { attempts: 1 }, random: () => 0.5 })
    connectivity.online = false
    const upload = uploader.uploadFile(fileOf(4))
    const cut = async (): Promise<void> => {
      ;(await transport.next()).cut()
      await flush()
    }
    for (const wait of [5_000, 7_500, 11_250]) {
      await cut()
      await clock.advance(wait)
    }
    await cut()
    connectivity.change(true)
    await clock.advance(10_000)
    connectivity.online = false
    await cut()
    await clock.advance(4_999)
    expect([upload.state, transport.open.size]).toEqual([offline, 0])
    await clock.advance(1)
    ;(await transport.next()).store()
    await upload
  })

  test("a user's pause ends the wait for the network", async () => {
    const one = rig()
    const { uploader, transport, connectivity, clock } = one
    const upload = uploader.uploadFile(fileOf(4))
    await away(one, 0, 2_000)
    connectivity.change(true)
    await flush()
    upload.pause()
    await clock.advance(60_000)
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    expect([connectivity.waiting, clock.sleeping]).toEqual([0, 0])
    upload.resume()
    ;(await transport.next()).store()
    await upload
  })

  test('probes are not in step with those of other clients', async () => {
    for (const [chance, wait] of [
      [0, 2_500],
      [0.75, 6_250],
    ] as const) {
      const { uploader, transport, connectivity, clock } = rig({ random: () => chance })
      connectivity.online = false
      const upload = uploader.uploadFile(fileOf(4))
      ;(await transport.next()).cut()
      await flush()
      await clock.advance(wait - 1)
      expect(upload.state).toEqual(offline)
      await clock.advance(1)
      ;(await transport.next()).store()
      await upload
    }
  })

  test('a browser that wrongly reports offline from the beginning blocks nothing', async () => {
    const { uploader, transport, connectivity } = rig({ transport: new StoringTransport() })
    connectivity.online = false
    await uploader.uploadFile(fileOf(8))
    expect(transport.stored).toEqual([1, 2])
  })

  test("the network does not undo a user's pause or cancel", async () => {
    for (const act of ['pause', 'cancel'] as const) {
      const { uploader, transport, connectivity, clock } = rig()
      const upload = uploader.uploadFile(fileOf(4))
      upload.catch(() => {})
      connectivity.online = false
      ;(await transport.next()).cut()
      await flush()
      await upload[act]()
      connectivity.change(true)
      await clock.advance(60_000)
      expect(upload.state.status).toBe(act === 'pause' ? 'paused' : 'cancelled')
      expect([transport.open.size, connectivity.waiting, clock.sleeping]).toEqual([0, 0, 0])
    }
  })
})

describe('a dead server', () => {
  test('is left alone once the budget is spent, and the upload can be resumed', async () => {
    const { uploader, transport, clock } = rig({
      transport: new StoringTransport(),
      concurrency: 5,
      retry: { attempts: 100, budget: 10 },
    })
    let requests = 0
    transport.fault = () => {
      requests += 1
      return { status: 500, headers: {}, body: '' }
    }
    const upload = uploader.uploadFile(fileOf(40))
    upload.catch(() => {})
    for (let second = 0; second < 600; second++) await clock.advance(1_000)
    expect(upload.state).toMatchObject({ status: 'failed', error: { status: 500 } })
    expect(requests).toBeLessThanOrEqual(10 + 6)
    transport.fault = () => undefined
    upload.resume()
    await upload
  })

  test('does not keep other parts from being sent while one waits for its next attempt', async () => {
    const { uploader, transport, clock } = rig({
      transport: new StoringTransport(),
      partSize: 4,
      concurrency: 2,
      retry: { baseDelay: 60_000, maxDelay: 60_000 },
    })
    const refused = new Set<number>()
    transport.fault = (number) => {
      if (number % 2 === 0 || refused.has(number)) return undefined
      refused.add(number)
      return { status: 503, headers: {}, body: '' }
    }
    const upload = uploader.uploadFile(fileOf(40))
    await clock.advance(0)
    expect(transport.stored).toEqual([2, 4, 6, 8, 10])
    await clock.advance(60_000)
    await upload
  })

  test('is not assumed if requests fail only now and then, since each success refills the budget', async () => {
    const { uploader, transport, clock } = rig({
      transport: new StoringTransport(),
      retry: { budget: 3, baseDelay: 1, maxDelay: 1 },
    })
    let requests = 0
    transport.fault = () => {
      requests += 1
      return requests % 2 === 0 ? { status: 503, headers: {}, body: '' } : undefined
    }
    const upload = uploader.uploadFile(fileOf(400))
    for (let step = 0; step < 200; step++) await clock.advance(10)
    await upload
    expect(requests).toBeGreaterThan(150)
  })
})

describe('a request that does not progress', () => {
  test('is cut and made again, while the others continue', async () => {
    const { uploader, transport, clock } = rig({ stall: { idle: 1_000 }, retry: { baseDelay: 0 } })
    const upload = uploader.uploadFile(fileOf(12))
    const [first, second] = await transport.take(2)
    first?.progress(1)
    second?.progress(1)
    second?.store()
    ;(await transport.next()).store()
    await clock.advance(1_000)
    const again = await transport.next()
    expect(again.number).toBe(1)
    again.store()
    await upload
    expect(clock.sleeping).toBe(0)
  })
})

describe('completing, if its answer is lost', () => {
  const lost = new NetworkError('no answer')
  const unknown = new SessionLostError(http(404, 'NoSuchUpload'))

  function ready(...failures: unknown[]): Rig<StoringTransport> {
    const one = rig({ transport: new StoringTransport(), retry: { baseDelay: 0 } })
    for (const failure of failures) one.backend.failNext('complete', failure)
    return one
  }

  async function settled(one: Rig<StoringTransport>): Promise<unknown> {
    const upload = one.uploader.uploadFile(fileOf(8))
    const outcome = upload.then(
      (result) => result,
      (error: unknown) => error,
    )
    for (let step = 0; step < 20; step++) await one.clock.advance(1)
    return outcome
  }

  test('is repeated, which is safe', async () => {
    expect(await settled(ready(lost))).toMatchObject({ key: 'the-key' })
  })

  test('is done if the server no longer knows the upload and its status says completed', async () => {
    const one = ready(lost, unknown)
    one.backend.statusIs({ state: 'completed', key: 'the-key' })
    expect(await settled(one)).toMatchObject({ key: 'the-key', size: 8 })
    expect(one.transport.stored).toEqual([1, 2])
    expect(await one.checkpoints.list()).toEqual([])
  })

  test('starts the upload over if the status says gone', async () => {
    const one = ready(lost, unknown)
    one.backend.statusIs({ state: 'gone' })
    expect(await settled(one)).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2, 1, 2])
  })

  test('is neither done nor repeated nor thrown away if no one can tell', async () => {
    const one = ready(lost, unknown)
    expect(await settled(one)).toMatchObject({ code: 'unsure', retryable: false })
    expect(one.transport.stored).toEqual([1, 2])
    expect(one.backend.aborted).toEqual([])
    expect(await one.checkpoints.list()).toHaveLength(1)
    const [upload] = one.uploader.uploads
    upload?.resume()
    expect(await upload).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2])
  })

  test('is followed by sending the file again only on restart()', async () => {
    const one = ready(lost, unknown)
    await settled(one)
    const [upload] = one.uploader.uploads
    upload?.restart()
    expect(await upload).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2, 1, 2])
  })

  test('asks for the status after a conflict, even the first one', async () => {
    const told = ready(http(409, 'AlreadyCompleted'))
    told.backend.statusIs({ state: 'completed', key: 'the-key' })
    expect(await settled(told)).toMatchObject({ key: 'the-key' })
    expect(await settled(ready(http(409, 'AlreadyCompleted')))).toMatchObject({ code: 'unsure' })
  })

  // Ceph RGW 16 answers 500 to Complete, however often it is asked, if the upload no longer exists.
  test('asks for the status if a server error repeats, and starts over if that says gone', async () => {
    const one = ready(http(500, 'InternalError'), http(500, 'InternalError'))
    one.backend.statusIs({ state: 'gone' })
    expect(await settled(one)).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2, 1, 2])
  })

  test('is done if a server error repeats and the status says completed', async () => {
    const one = ready(...Array(20).fill(http(500, 'InternalError')))
    one.backend.statusIs({ state: 'completed', key: 'the-key' })
    expect(await settled(one)).toMatchObject({ key: 'the-key', size: 8 })
    expect(one.transport.stored).toEqual([1, 2])
  })

  test('is repeated if a server error repeats and the status says open', async () => {
    const one = ready(http(500, 'InternalError'), http(500, 'InternalError'), http(502, ''))
    one.backend.statusIs({ state: 'open' })
    expect(await settled(one)).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2])
  })

  test('is repeated if a server error repeats and gone is only a guess, since the server may still be working', async () => {
    const one = ready(http(500, 'InternalError'), http(500, 'InternalError'), http(500, 'InternalError'))
    one.backend.statusIs({ state: 'gone', isGuess: true })
    expect(await settled(one)).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2])
  })

  test('is repeated if a server error repeats and the backend has no status', async () => {
    const one = ready(http(500, 'InternalError'), http(500, 'InternalError'))
    expect(await settled(one)).toMatchObject({ key: 'the-key' })
  })

  test('asks for no status after a single error, nor if the server is busy', async () => {
    const one = ready(http(500, 'InternalError'), http(503, 'SlowDown'), http(503, 'SlowDown'))
    one.backend.statusIs({ state: 'gone' })
    expect(await settled(one)).toMatchObject({ key: 'the-key' })
    expect(one.transport.stored).toEqual([1, 2])
  })

  test('fails if the server knows the upload and refuses it', async () => {
    const one = ready(lost, http(400, 'InvalidPart'))
    expect(await settled(one)).toMatchObject({ code: 'http', status: 400 })
  })
})

describe('a fetch of the application, for a token or in a function that makes a call itself', () => {
  // From Chromium, Firefox, Safari with and without the host, older Safari (three), and Node.
  test.each([
    'Failed to fetch',
    'NetworkError when attempting to fetch resource.',
    'Load failed',
    'Load failed (auth.example)',
    'The Internet connection appears to be offline.',
    'The network connection was lost.',
    'The request timed out.',
    'fetch failed',
  ])('that gets no answer is a network error like any other: %s', async (message) => {
    const one = rig({ transport: new StoringTransport(), retry: { baseDelay: 0 } })
    one.backend.failNext('open', new TypeError(message))
    one.backend.failNext('complete', new TypeError(message))
    const upload = one.uploader.uploadFile(fileOf(8))
    for (let step = 0; step < 20; step++) await one.clock.advance(1)
    expect(await upload).toMatchObject({ key: 'the-key' })
  })

  test('waits for the network if there is none', async () => {
    const { uploader, transport, backend, connectivity, clock } = rig()
    connectivity.online = false
    backend.failNext('open', new TypeError('Failed to fetch'))
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    expect(upload.state).toEqual(offline)
    connectivity.change(true)
    await clock.advance(1)
    ;(await transport.next()).store()
    await upload
  })

  test.each([
    "Cannot read properties of undefined (reading 'token')",
    'Failed to fetch dynamically imported module: https://app.test/token.js',
  ])('that throws any other TypeError fails the upload at once: %s', async (message) => {
    const { uploader, backend } = rig()
    backend.failNext('open', new TypeError(message))
    await expect(uploader.uploadFile(fileOf(4))).rejects.toMatchObject({
      code: 'unexpected',
      retryable: false,
    })
  })
})

describe('targets that come with the session', () => {
  test('are used, and only the others are requested', async () => {
    const backend = new FakeBackend()
    backend.opensWith = [1, 2]
    const { uploader, transport } = rig({ backend, transport: new StoringTransport(), concurrency: 1 })
    await uploader.uploadFile(fileOf(12))
    expect(transport.stored).toEqual([1, 2, 3])
    expect(backend.signed).toEqual([[3]])
  })

  test('save a call, so that a file of one part needs only open, PUT and complete', async () => {
    const backend = new FakeBackend()
    backend.opensWith = [1]
    const { uploader } = rig({ backend, transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(4))
    expect(backend.calls).toEqual(['open', 'complete'])
  })
})

describe('URLs that expire at once', () => {
  function shortLived(): Rig<StoringTransport> {
    const backend = new FakeBackend()
    backend.validFor = 0
    return rig({ transport: new StoringTransport(), backend })
  }

  test('work if the storage accepts them', async () => {
    const { uploader, transport } = shortLived()
    await uploader.uploadFile(fileOf(12))
    expect(transport.stored.toSorted()).toEqual([1, 2, 3])
  })

  test('are signed a few times if the storage refuses them, and then the upload fails with url-expired', async () => {
    const { uploader, transport, backend } = shortLived()
    transport.fault = () => ({ status: 403, headers: {}, body: '' })
    await expect(uploader.uploadFile(fileOf(4))).rejects.toMatchObject({ code: 'url-expired' })
    expect(backend.signed.length).toBeLessThanOrEqual(8)
  })
})

describe('parts that the server already has when the session is opened', () => {
  test('are not sent again, and are marked as known to the server in complete', async () => {
    const backend = new FakeBackend()
    backend.found = [
      { number: 2, size: 4, etag: '"there"' },
      { number: 3, size: 3, etag: '"of another size"' },
    ]
    const { uploader, transport } = rig({ backend, transport: new StoringTransport(), concurrency: 1 })
    await uploader.uploadFile(fileOf(12))
    expect(transport.stored).toEqual([1, 3])
    expect(backend.completed[0]?.[1]).toEqual({ number: 2, size: 4, etag: '"there"', isOnRecord: true })
  })

  test('may be all parts, and then nothing is sent', async () => {
    const backend = new FakeBackend()
    backend.found = [{ number: 1, size: 4, etag: undefined }]
    const { uploader, transport } = rig({ backend, transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(4))
    expect([transport.stored, backend.calls]).toEqual([[], ['open', 'complete']])
  })
})

describe('a refusal that means that the part is stored', () => {
  test('leaves a receipt without an ETag', async () => {
    const backend = new FakeBackend()
    backend.judge = ({ status }) => (status === 409 ? 'stored' : undefined)
    const { uploader, transport } = rig({ backend, transport: new StoringTransport() })
    transport.fault = (number) => (number === 2 ? { status: 409, headers: {}, body: '' } : undefined)
    await uploader.uploadFile(fileOf(12))
    expect(transport.stored.toSorted()).toEqual([1, 3])
    expect(backend.completed[0]?.[1]).toMatchObject({ number: 2, size: 4, etag: '' })
  })
})

describe('many files', () => {
  test('take turns, so that a small one does not wait for a large one to end', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport(), partSize: 4, concurrency: 2 })
    const order: string[] = []
    const large = ['a', 'b', 'c'].map((name) => uploader.uploadFile(fileOf(400, name)))
    const small = uploader.uploadFile(fileOf(3, 'small'))
    for (const [index, one] of large.entries()) void one.then(() => order.push(`large ${index}`))
    void small.then(() => order.push('small'))
    await Promise.all([...large, small])
    expect(order[0]).toBe('small')
    expect(transport.mostOpen).toBe(2)
  })

  test('let a late file pass the parts that a large one has in the queue', async () => {
    const { uploader, transport } = rig({ concurrency: 1 })
    const large = uploader.uploadFile(fileOf(40, 'large'))
    const first = await transport.next()
    const late = uploader.uploadFile(fileOf(4, 'late'))
    await flush()
    first.store()
    const next = await transport.next()
    expect(next.target.url).toContain('session-2')
    next.store()
    await late
    await large.cancel()
  })

  test('wait in line, and do nothing until it is their turn', async () => {
    const { uploader, backend, transport } = rig({ concurrency: 1, partSize: 4 })
    const uploads = await uploader.uploadFiles(
      Array.from({ length: 50 }, (_, index) => fileOf(4, `f${index}`)),
    )
    await flush()
    expect(backend.opened).toHaveLength(4)
    expect(uploads.filter(({ state }) => state.status === 'waiting')).toHaveLength(46)
    expect(uploader.progress).toMatchObject({ total: 200, files: { total: 50, done: 0 } })
    for (let sent = 0; sent < 50; sent++) (await transport.next()).store()
    await Promise.all(uploads)
    expect(uploader.progress).toMatchObject({ confirmed: 200, files: { total: 50, done: 50 } })
  })

  test('give the place of one that is paused or cancelled in line to the next', async () => {
    const { uploader, transport } = rig({ concurrency: 1, partSize: 4 })
    const uploads = Array.from({ length: 7 }, (_, index) => uploader.uploadFile(fileOf(4, `f${index}`)))
    await flush()
    uploads[4]?.pause({ finishParts: true })
    uploads[5]?.catch(() => {})
    await uploads[5]?.cancel()
    for (let sent = 0; sent < 5; sent++) (await transport.next()).store()
    await Promise.all([0, 1, 2, 3, 6].map((index) => uploads[index]))
    uploads[4]?.resume()
    ;(await transport.next()).store()
    await uploads[4]
  })

  test('do not wait for the clean-up of one that was cancelled in line', async () => {
    const file = fileOf(4, 'left')
    const before = rig()
    before.uploader.uploadFile(file)
    await before.transport.next()
    const { uploader, backend, transport } = rig({
      concurrency: 1,
      partSize: 4,
      checkpoints: before.checkpoints,
    })
    const release = backend.holdNext('abort')
    for (let index = 0; index < 4; index++) uploader.uploadFile(fileOf(4, `f${index}`))
    const waiting = uploader.uploadFile(file)
    uploader.uploadFile(fileOf(4, 'next'))
    const cancelled = waiting.cancel()
    await flush()
    expect(backend.calls).toContain('abort')
    ;(await transport.next()).store()
    await flush()
    expect(backend.opened.at(-1)?.name).toBe('next')
    release()
    await cancelled
    await uploader.stop()
  })

  test("do not include one over the backend's limit, which is refused before any call", async () => {
    const { uploader, backend } = rig()
    const limit = 1000 * 10_000
    const file = new File([new Uint8Array(limit + 1)], 'huge')
    await expect(uploader.uploadFile(file)).rejects.toMatchObject({ code: 'too-large', limit })
    expect(backend.calls).toEqual([])
  })
})

describe('a page without an origin of its own', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test.each(['about:srcdoc', 'about:blank', 'file:///home/me/page.html'])('can upload (%s)', async (href) => {
    vi.stubGlobal('location', { origin: 'null', href })
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(8))
    expect(transport.stored).toEqual([1, 2])
  })
})

describe('a storage that gives no readable answer', () => {
  /** Every request fails until it is mended, as with a bucket without a CORS rule. */
  class RefusingTransport extends StoringTransport {
    isMended = false
    readonly #isReached: boolean

    constructor(isReached: boolean) {
      super()
      this.#isReached = isReached
    }

    reaches = async (): Promise<boolean> => this.#isReached

    override send(...args: Parameters<StoringTransport['send']>): Promise<PartResponse> {
      return this.isMended ? super.send(...args) : Promise.reject(new NetworkError('cut'))
    }
  }

  test.each([
    [
      'gives one warning about CORS within seconds if the storage can be reached, and the upload continues',
      true,
    ],
    ['gives no warning about CORS if the storage cannot be reached', false],
  ])('%s', async (_, isReached) => {
    const transport = new RefusingTransport(isReached)
    const { uploader, clock } = rig({ transport })
    const upload = uploader.uploadFile(fileOf(40))
    const warnings: UploadWarning[] = []
    upload.on('warning', (warning) => warnings.push(warning))
    await clock.advance(10_000)
    expect(upload.state.status).toBe('uploading')
    const { message } = new CorsError('https://storage.test')
    const cors = { code: 'cors', message, cause: { name: 'CorsError' } }
    expect(warnings).toMatchObject(isReached ? [cors] : [])
    transport.isMended = true
    await clock.advance(60_000)
    expect(upload.state.status).toBe('done')
    expect(warnings).toHaveLength(isReached ? 1 : 0)
  })

  test('but answered before gives no warning while it is waited for', async () => {
    const transport = new RefusingTransport(true)
    transport.isMended = true
    const { uploader, clock } = rig({ transport })
    await uploader.uploadFile(fileOf(4, 'before'))
    transport.isMended = false
    const upload = uploader.uploadFile(fileOf(40))
    const warned = vi.fn()
    upload.on('warning', warned)
    await clock.advance(10_000)
    expect(warned).not.toHaveBeenCalled()
    await upload.cancel()
  })
})

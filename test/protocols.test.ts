/**
 * What the engine does for protocols other than S3's: cuts, records, targets without an ETag, refusals of their own.
 */
import { describe, expect, test } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { SessionLostError } from '../src/errors.ts'
import type { PartReceipt, RefusalMeaning, StoredSoFar } from '../src/ports.ts'
import type { Upload } from '../src/upload.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { fileOf, type Rig, rig } from './fakes/uploader.ts'

function warningsOf(upload: Upload): string[] {
  const seen: string[] = []
  upload.on('warning', ({ code }) => seen.push(code))
  return seen
}

/** A page that uploads the given number of parts and is then closed. What it has stored stays. */
async function leave({ uploader, transport }: Rig, parts: number): Promise<void> {
  const upload = uploader.uploadFile(fileOf(16))
  for (const request of await transport.take(parts)) request.store()
  await flush()
  upload.pause()
  await flush()
}

describe('a file that the server has cut itself', () => {
  const cuts = [
    { number: 0, offset: 0, size: 3 },
    { number: 7, offset: 3, size: 6 },
    { number: 2, offset: 9, size: 1 },
  ]

  test('is sent in those parts, under those numbers, and completed in the order of the numbers', async () => {
    const backend = new FakeBackend({ partSize: 6 })
    backend.cuts = cuts
    const { uploader, transport } = rig({ backend })
    const file = fileOf(10)
    const upload = uploader.uploadFile(file)
    const sent = []
    for (let part = 0; part < cuts.length; part++) {
      const request = await transport.next()
      sent.push({ number: request.number, bytes: [...new Uint8Array(await request.body.arrayBuffer())] })
      request.store()
    }
    const bytes = [...new Uint8Array(await file.arrayBuffer())]
    expect(sent.sort((a, b) => a.number - b.number)).toEqual([
      { number: 0, bytes: bytes.slice(0, 3) },
      { number: 2, bytes: bytes.slice(9) },
      { number: 7, bytes: bytes.slice(3, 9) },
    ])
    await upload
    expect(backend.completed[0]?.map(({ number }) => number)).toEqual([0, 2, 7])
  })

  test('is resumed after a reload in the same parts', async () => {
    const checkpoints = memoryCheckpoints()
    const backend = new FakeBackend({ partSize: 6 })
    backend.cuts = [
      { number: 5, offset: 0, size: 10 },
      { number: 6, offset: 10, size: 6 },
    ]
    await leave(rig({ backend, checkpoints }), 1)
    // What the server would answer now does not count.
    backend.cuts = undefined
    const { uploader, transport } = rig({ backend, checkpoints, verify: 'none' })
    const upload = uploader.uploadFile(fileOf(16))
    const request = await transport.next()
    expect([request.number, request.body.size]).toEqual([6, 6])
    request.store()
    await upload
  })

  test.each([
    [
      'that leave a gap',
      [
        { number: 1, offset: 0, size: 3 },
        { number: 2, offset: 4, size: 6 },
      ],
    ],
    [
      'that overlap',
      [
        { number: 1, offset: 0, size: 6 },
        { number: 2, offset: 5, size: 5 },
      ],
    ],
    ['that end too early', [{ number: 1, offset: 0, size: 9 }]],
    [
      'of one number',
      [
        { number: 1, offset: 0, size: 5 },
        { number: 1, offset: 5, size: 5 },
      ],
    ],
    ['that are empty', []],
  ])('is refused with cuts %s, before a byte leaves', async (_, wrong) => {
    const backend = new FakeBackend({ partSize: 6 })
    backend.cuts = wrong
    const { uploader, transport } = rig({ backend })
    await expect(uploader.uploadFile(fileOf(10))).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'open',
      field: 'cuts',
    })
    expect(transport.sent).toEqual([])
  })
})

describe('a part size of the server', () => {
  test.each([
    [1, 'at most 10000 parts, got 10001'],
    [0, '>= 1'],
    [1.5, '>= 1'],
  ])('of %s is refused if invalid or too small, before a byte leaves', async (partSize, expected) => {
    const { uploader, transport } = rig({ backend: new FakeBackend({ partSize }) })
    const upload = uploader.uploadFile(fileOf(10_001))
    await expect(upload).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'open',
      field: 'partSize',
      message: expect.stringMatching(`${expected}.*, got ${partSize} \\(number\\)$`),
    })
    expect(transport.sent).toEqual([])
  })

  test('leaves the choice to the engine if it is null, as if it were not given', async () => {
    const backend = new FakeBackend({ partSize: null as unknown as number })
    const transport = new StoringTransport()
    await rig({ backend, transport }).uploader.uploadFile(fileOf(10))
    expect(transport.stored).toEqual([1])
  })
})

describe('an expiry from the server', () => {
  test.each([Number.NaN, null, 0])('of %s is ignored, and the upload can be resumed', async (none) => {
    const checkpoints = memoryCheckpoints()
    const backend = new FakeBackend()
    backend.expiresIn = none as number
    await leave(rig({ backend, checkpoints }), 1)
    const transport = new StoringTransport()
    const { uploader } = rig({ backend, checkpoints, transport, verify: 'none' })
    expect(await uploader.interrupted()).toMatchObject([{ confirmed: 4 }])
    await uploader.uploadFile(fileOf(16))
    expect([...transport.stored].sort()).toEqual([2, 3, 4])
  })
})

describe("a list that is the server's record of what clients have reported", () => {
  async function resumed(recorded: readonly { number: number; etag: string | undefined }[]) {
    const checkpoints = memoryCheckpoints()
    const backend = new FakeBackend()
    backend.source = 'record'
    backend.listed = []
    await leave(rig({ backend, checkpoints }), 2)
    backend.listed = recorded.map((part) => ({ ...part, size: 4 }))
    const { uploader, transport } = rig({
      backend,
      checkpoints,
      verify: 'none',
      transport: new StoringTransport(),
    })
    await uploader.uploadFile(fileOf(16))
    return { stored: [...transport.stored].sort(), completed: backend.completed[0] ?? [] }
  }

  test('takes nothing away, so that an acknowledged part that it lacks is not sent again', async () => {
    const { stored } = await resumed([])
    expect(stored).toEqual([3, 4])
  })

  test('adds the parts that only the server knows, even without their ETags', async () => {
    const { stored, completed } = await resumed([{ number: 4, etag: undefined }])
    expect(stored).toEqual([3])
    expect(completed.find(({ number }) => number === 4)).toEqual({
      number: 4,
      size: 4,
      etag: '',
      isOnRecord: true,
    })
  })

  test('does not overrule the ETag of our own receipt, and complete() learns which parts are on record', async () => {
    const { completed } = await resumed([{ number: 1, etag: '"of an earlier attempt"' }])
    expect(completed.map(({ number, etag, isOnRecord }) => [number, etag, isOnRecord ?? false])).toEqual([
      [1, '"etag-1"', true],
      [2, '"etag-2"', false],
      [3, expect.any(String), false],
      [4, expect.any(String), false],
    ])
  })
})

test('a part that was sent again is not the one on record, so complete() gets it as new', async () => {
  const checkpoints = memoryCheckpoints()
  const backend = new FakeBackend()
  backend.source = 'record'
  backend.listed = []
  await leave(rig({ backend, checkpoints }), 2)
  // Not what the file has: the part was damaged on the way, and the page died before it could compare.
  backend.listed = [{ number: 4, size: 4, etag: `"${'0'.repeat(32)}"` }]
  const transport = new StoringTransport()
  await rig({ backend, checkpoints, transport, verify: 'etag' }).uploader.uploadFile(fileOf(16))
  expect(transport.stored).toContain(4)
  expect(backend.completed[0]?.find(({ number }) => number === 4)).not.toHaveProperty('isOnRecord')
})

describe('a server that wants to hear of stored parts', () => {
  class Recording extends FakeBackend {
    readonly recorded: number[][] = []
    readonly reported: StoredSoFar[] = []
    failures = 0
    async record(_: unknown, receipts: readonly PartReceipt[]): Promise<void> {
      this.recorded.push(receipts.map(({ number }) => number))
      if (this.failures-- > 0) throw new Error('not now')
    }
    async report(_: unknown, stored: StoredSoFar): Promise<void> {
      this.reported.push(stored)
    }
  }

  test('hears of several at once, a while after the first of them', async () => {
    const backend = new Recording()
    const { uploader, transport, clock } = rig({ backend, verify: 'none' })
    const upload = uploader.uploadFile(fileOf(16))
    for (const request of await transport.take(2)) request.store()
    await flush()
    expect(backend.recorded).toEqual([])
    await clock.advance(2_000)
    expect(backend.recorded).toEqual([[1, 2]])
    expect(backend.reported).toEqual([{ bytes: 8, parts: 2 }])
    for (const request of await transport.take(2)) request.store()
    await upload
    expect(clock.sleeping).toBe(0)
  })

  test('hears again, more rarely, after it has failed, and the upload does not fail', async () => {
    const backend = new Recording()
    backend.failures = 1
    const { uploader, transport, clock } = rig({ backend, verify: 'none' })
    const upload = uploader.uploadFile(fileOf(16))
    const [first, second] = await transport.take(2)
    first?.store()
    await flush()
    await clock.advance(2_000)
    await clock.advance(3_999)
    expect(backend.recorded).toEqual([[1]])
    await clock.advance(1)
    expect(backend.recorded).toEqual([[1], [1]])
    second?.store()
    for (const request of await transport.take(2)) request.store()
    await upload
  })

  test('hears nothing of a file that ends before that', async () => {
    const backend = new Recording()
    const { uploader, clock } = rig({ backend, verify: 'none', transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(16))
    expect(backend.recorded).toEqual([])
    expect(clock.sleeping).toBe(0)
  })
})

describe('a target', () => {
  test('that needs no ETag counts as stored without one', async () => {
    const backend = new FakeBackend()
    backend.target = { needsEtag: false }
    const { uploader, transport } = rig({ backend })
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).respond({ status: 204 })
    await upload
    expect(backend.completed[0]).toEqual([{ number: 1, size: 4, etag: '' }])
  })

  const meanings: readonly [RefusalMeaning, string[]][] = [
    ['target-expired', ['open', 'sign', 'sign', 'complete']],
    ['session-lost', ['open', 'sign', 'abort', 'open', 'sign', 'complete']],
    ['try-again', ['open', 'sign', 'complete']],
  ]
  test.each(meanings)(
    'whose refusal means %s to the backend leads to the calls %j',
    async (meaning, calls) => {
      const backend = new FakeBackend()
      backend.judge = ({ status, serviceCode }) =>
        status === 422 && serviceCode === 'odd' ? meaning : undefined
      const { uploader, transport, clock } = rig({ backend, verify: 'none' })
      const upload = uploader.uploadFile(fileOf(4))
      ;(await transport.next()).respond({ status: 422, body: '{"code":"odd"}' })
      await clock.advance(1_000)
      ;(await transport.next()).store()
      await upload
      expect(backend.calls).toEqual(calls)
    },
  )

  test('that is answered with 401 is signed again, since its headers are old', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).respond({ status: 401 })
    ;(await transport.next()).store()
    await upload
    expect(backend.signed).toEqual([[1], [1]])
  })
})

describe('a refusal that may pass', () => {
  test('but never does is the outcome, as the storage has said it', async () => {
    const backend = new FakeBackend()
    backend.judge = () => 'try-again'
    const { uploader, transport, clock } = rig({ backend, retry: { attempts: 2 } })
    const upload = uploader.uploadFile(fileOf(4))
    const outcome = upload.catch((error: unknown) => error)
    const body = '{"code":"odd","message":"Not now"}'
    ;(await transport.next()).respond({ status: 422, body })
    await clock.advance(1_000)
    ;(await transport.next()).respond({ status: 422, body })
    expect(await outcome).toMatchObject({
      name: 'HttpError',
      code: 'http',
      status: 422,
      serviceCode: 'odd',
      retryable: true,
    })
  })

  test('with 401 leads to as many targets as any other, and is then reported as it is', async () => {
    const { uploader, transport, backend } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    const outcome = upload.catch((error: unknown) => error)
    for (let attempt = 0; attempt < 4; attempt++) (await transport.next()).respond({ status: 401 })
    expect(await outcome).toMatchObject({ name: 'HttpError', code: 'unauthorized', status: 401 })
    expect(backend.signed).toHaveLength(4)
  })
})

describe("a file above the backend's maximum size", () => {
  test('is refused before it is read', async () => {
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    Object.assign(backend, { limits: { ...backend.limits, maxFileSize: 10 } })
    const { uploader, hasher } = rig({ backend })
    await expect(uploader.uploadFile(fileOf(11))).rejects.toMatchObject({ code: 'too-large', limit: 10 })
    expect(hasher.digested).toEqual([])
    expect(backend.calls).toEqual([])
  })
})

describe('the details that the server gives of the stored file', () => {
  test('are in the result', async () => {
    const backend = new FakeBackend()
    backend.details = { id: 'f1' }
    const { uploader } = rig({ backend, transport: new StoringTransport() })
    expect(await uploader.uploadFile(fileOf(4))).toEqual({
      key: 'the-key',
      size: 4,
      checksums: {},
      details: { id: 'f1' },
    })
  })
})

describe('a session that the server will not keep long enough', () => {
  async function warningsAt(seconds: number, expiresIn: number): Promise<string[]> {
    const backend = new FakeBackend()
    backend.expiresIn = expiresIn
    const { uploader, transport, clock } = rig({ backend, verify: 'none' })
    const upload = uploader.uploadFile(fileOf(40))
    const warnings = warningsOf(upload)
    for (let part = 0; part < 3; part++) {
      const request = await transport.next()
      await clock.advance(seconds * 1000)
      request.store()
      await flush()
    }
    await upload.cancel()
    upload.catch(() => {})
    return warnings
  }

  test('causes one early warning', async () => {
    expect(await warningsAt(2, 10_000)).toEqual(['session-expiring'])
  })

  test('causes no warning before anything is stored, since bytes sent so far only show how fast buffers are', async () => {
    const backend = new FakeBackend()
    backend.expiresIn = 10_000
    const { uploader, transport, clock } = rig({ backend, verify: 'none' })
    const upload = uploader.uploadFile(fileOf(40))
    const warnings = warningsOf(upload)
    const request = await transport.next()
    await clock.advance(1_500)
    request.progress(3)
    await clock.advance(200)
    expect(upload.progress).toMatchObject({ confirmed: 0, inFlight: 3 })
    expect([Number(upload.progress.eta) > 10_000, warnings]).toEqual([true, []])
    request.store()
    await clock.advance(200)
    expect(warnings).toEqual(['session-expiring'])
    await upload.cancel()
    upload.catch(() => {})
  })

  test('causes no warning if everything is stored, however long completing takes', async () => {
    const backend = new FakeBackend()
    backend.expiresIn = 10_000
    const release = backend.holdNext('complete')
    const { uploader, clock } = rig({ backend, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    const warnings = warningsOf(upload)
    await flush()
    await clock.advance(20_000)
    release()
    await upload
    expect(warnings).toEqual([])
  })

  test('causes no warning if it lasts', async () => {
    expect(await warningsAt(2, 3_600_000)).toEqual([])
  })
})

describe("a mistake in an application's own backend", () => {
  const target = { number: 1, url: 'https://storage.test/1', method: 'PUT', headers: {} }

  test.each([
    ['open', undefined, 'session', 'undefined'],
    ['open', { partSize: 4 }, 'session', 'undefined'],
    ['open', { session: 1, partSize: 4, targets: 'none' }, 'targets', '"none" (string)'],
    ['open', { session: 1, partSize: 4, targets: [undefined] }, 'targets', '[null] (array)'],
    ['sign', undefined, 'targets', 'undefined'],
    ['sign', { 1: 'https://storage.test/1' }, 'targets', '{"1":"https://storage.test/1"} (Object)'],
    ['sign', [undefined], 'targets', '[null] (array)'],
    ['sign', ['https://storage.test/1?key=1'], 'targets', '["https://storage.test/1"] (array)'],
    ['sign', [{ ...target, number: '1' }], 'targets', '[{"number":"1",'],
    ['sign', [{ ...target, url: undefined }], 'targets', '[{"number":1,"method"'],
    ['sign', [{ ...target, url: '' }], 'targets', '[{"number":1,"url":""'],
    ['sign', [{ ...target, url: new URL(target.url) }], 'targets', '[{"number":1,"url"'],
    ['sign', [{ ...target, method: undefined }], 'targets', '[{"number":1,"url"'],
    ['sign', [{ ...target, headers: null }], 'targets', '[{"number":1,"url"'],
    ['complete', undefined, 'key', 'undefined'],
    ['complete', {}, 'key', 'undefined'],
    ['complete', { key: 5 }, 'key', '5 (number)'],
  ] as const)('is named in the error: of %s, %j', async (step, value, field, received) => {
    const backend = Object.assign(new FakeBackend(), { [step]: async () => value })
    const { uploader } = rig({ backend, transport: new StoringTransport() })
    const error = await uploader.uploadFile(fileOf(4)).then(String, (reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'BackendError', field })
    expect(String(error)).toContain(`, got ${received}`)
  })

  test('does not send anything again if complete() has forgotten to return its key', async () => {
    const backend = new FakeBackend()
    const { complete } = backend
    Object.assign(backend, { complete: async () => undefined })
    const { uploader, transport } = rig({ backend, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(4))
    await expect(upload).rejects.toMatchObject({ field: 'key' })
    Object.assign(backend, { complete })
    backend.failNext('complete', new SessionLostError(undefined))
    upload.resume()
    await expect(upload).rejects.toMatchObject({ code: 'unsure' })
    expect(transport.stored).toEqual([1])
  })
})

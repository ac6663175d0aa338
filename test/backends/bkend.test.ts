import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type BkendOptions, bkend } from '../../src/backends/bkend.ts'
import { bkendAccess } from '../../src/backends/bkend-access.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import type { ApiTransport, FileDescription, Json, Part } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { Uploader } from '../../src/uploader.ts'
import { flush } from '../fakes/clock.ts'
import { FakePartTransport, StoringTransport } from '../fakes/part-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { FakeHasher } from '../fakes/uploader.ts'

const base = 'https://api.test'
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(() => {
  server.resetHandlers()
  vi.useRealTimers()
})
afterAll(() => server.close())

const apiKey = `pk_${'ab'.repeat(32)}`
const call = { signal: new AbortController().signal, api: apiTransport }
const parts: Part[] = [{ number: 1, offset: 0, size: 10 }]
const file: FileDescription = {
  name: 'photo.png',
  relativePath: '',
  size: 1000,
  lastModified: 1,
  type: 'image/png',
  digest: undefined,
  params: { album: '42' },
  pictureSize: async () => undefined,
}
const large = { ...file, size: 20 * 1024 * 1024 }
const whole = { size: file.size, checksums: {} }
const single = {
  url: 'https://s3.test/k?X-Amz-Expires=900',
  key: 'files/k',
  filename: 'photo.png',
  contentType: 'image/png',
}
const multi = { uploadId: 'u1', key: 'files/k', filename: 'photo.png' }
const session = {
  key: 'files/k',
  uploadId: 'u1',
  file: { originalName: 'photo.png', mimeType: 'image/png', size: 1000 },
}
const registered = {
  id: 'f1',
  s3Key: 'files/k',
  originalName: 'photo.png',
  mimeType: 'image/png',
  size: 1000,
}
const receipts = [
  { number: 1, size: 10, etag: '"a"' },
  { number: 2, size: 10, etag: 'b' },
]

type Seen = { readonly endpoint: string; readonly headers: Headers; readonly body: unknown }

/** Gives each endpoint its answer, by `METHOD /path`. A list of answers is given one after the other. */
function answering(answers: Readonly<Record<string, unknown>>): Seen[] {
  const seen: Seen[] = []
  const counts = new Map<string, number>()
  server.use(
    http.all(`${base}/*`, async ({ request }) => {
      const text = await request.text()
      const endpoint = `${request.method} ${new URL(request.url).pathname}`
      seen.push({ endpoint, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) })
      const answer = answers[endpoint]
      const count = counts.get(endpoint) ?? 0
      counts.set(endpoint, count + 1)
      const now: unknown = Array.isArray(answer) ? answer[Math.min(count, answer.length - 1)] : answer
      if (now instanceof Response) return now.clone() as HttpResponse<null>
      return HttpResponse.json(now as Json as never)
    }),
  )
  return seen
}

function failing(status: number, code?: string): Response {
  return HttpResponse.json({ success: false, error: { code, message: 'no' } }, { status })
}

function backend(options: Partial<BkendOptions> = {}): ReturnType<typeof bkend> {
  return bkend({ baseUrl: base, apiKey, accessToken: 'token', ...options })
}

const paths = {
  single: 'POST /v1/files/presigned-url',
  init: 'POST /v1/files/multipart/init',
  part: 'POST /v1/files/multipart/presigned-url',
  complete: 'POST /v1/files/multipart/complete',
  abort: 'POST /v1/files/multipart/abort',
  register: 'POST /v1/files',
  list: 'GET /v1/files',
  refresh: 'POST /v1/auth/refresh',
}

describe('a file of at most singleLimit bytes', () => {
  test('gets the URL of one PUT, with the type that was signed, and needs no ETag', async () => {
    const seen = answering({ [paths.single]: { ...single, contentType: 'image/x-png' } })
    const opened = await backend().open(file, call)
    expect(seen).toMatchObject([{ endpoint: paths.single }])
    expect(seen[0]?.body).toEqual({ filename: 'photo.png', contentType: 'image/png', fileSize: 1000 })
    expect(seen[0]?.headers.get('content-type')).toBe('application/json')
    const target = {
      number: 1,
      url: single.url,
      method: 'PUT',
      headers: { 'Content-Type': 'image/x-png' },
      validFor: 900_000,
      needsEtag: false,
    }
    expect(opened).toEqual({
      session: { ...session, uploadId: null },
      partSize: 1000,
      targets: [target],
    })
  })

  test.each([
    [10 * 1024 * 1024, undefined, paths.single],
    [10 * 1024 * 1024 + 1, undefined, paths.init],
    [0, 0, paths.single],
    [1, 0, paths.init],
    [100, 100, paths.single],
    [101, 100, paths.init],
  ])('%i bytes with a limit of %s: %s', async (size, singleLimit, endpoint) => {
    const seen = answering({ [paths.single]: single, [paths.init]: multi })
    const opened = await backend(singleLimit === undefined ? {} : { singleLimit }).open(
      { ...file, size },
      call,
    )
    expect(seen.map((one) => one.endpoint)).toEqual([endpoint])
    expect(opened.partSize).toBe(endpoint === paths.single ? Math.max(1, size) : undefined)
  })

  test.each([-1, 1.5, 5 * 1024 ** 3 + 1, Number.NaN])(
    'rejects a limit of %d with a RangeError',
    (singleLimit) => {
      expect(() => backend({ singleLimit })).toThrow(RangeError)
      expect(() => backend({ singleLimit })).toThrow(/^Expected `singleLimit` to be .*, got /)
    },
  )

  test('can be up to 5 GiB', () => {
    expect(() => backend({ singleLimit: 5 * 1024 ** 3 })).not.toThrow()
  })

  test('gets the same URL again while it is valid, and then the session is lost', async () => {
    answering({ [paths.single]: single })
    vi.useFakeTimers({ toFake: ['Date'] })
    const own = backend()
    const opened = await own.open(file, call)
    vi.setSystemTime(Date.now() + 600_000)
    expect(await own.sign(opened.session, parts, call)).toMatchObject([
      { url: single.url, validFor: 300_000 },
    ])
    vi.setSystemTime(Date.now() + 300_000)
    await expect(own.sign(opened.session, parts, call)).rejects.toMatchObject({ code: 'session-lost' })
  })

  test('has lost its session in another page, and after an abort', async () => {
    answering({ [paths.single]: single })
    const own = backend()
    const opened = await own.open(file, call)
    await expect(backend().sign(opened.session, parts, call)).rejects.toMatchObject({
      code: 'session-lost',
      message: expect.stringContaining('its single PUT is lost'),
    })
    await own.abort?.(opened.session, call)
    await expect(own.sign(opened.session, parts, call)).rejects.toMatchObject({ code: 'session-lost' })
  })

  test('takes its URL to be valid for 15 minutes if the URL does not say', async () => {
    answering({ [paths.single]: { ...single, url: 'https://s3.test/k' } })
    expect((await backend().open(file, call)).targets).toMatchObject([{ validFor: 900_000 }])
  })

  test('loses its session if its URL is refused as expired, while a part gets another URL', async () => {
    answering({ [paths.single]: single, [paths.part]: { url: 'https://s3.test/1', partNumber: 1 } })
    const own = backend()
    const [whole1] = (await own.open(file, call)).targets ?? []
    const [part] = await own.sign(session, parts, call)
    for (const [status, serviceCode] of [
      [403, 'AccessDenied'],
      [400, 'ExpiredToken'],
      [400, 'RequestTimeTooSkewed'],
    ] as const) {
      expect(own.judge?.({ status, serviceCode }, whole1 as never)).toBe('session-lost')
      expect(own.judge?.({ status, serviceCode }, part as never)).toBeUndefined()
    }
    expect(own.judge?.({ status: 400, serviceCode: 'EntityTooLarge' }, whole1 as never)).toBeUndefined()
  })
})

describe('the details of a file', () => {
  test('are the same for all files, or chosen for each by its params, and are kept in the session', async () => {
    const seen = answering({ [paths.init]: multi })
    const { session: opened } = await backend({
      visibility: 'shared',
      category: ({ type }) => (type.startsWith('image/') ? 'images' : undefined),
      bucket: (_, { album }) => (album === '42' ? 'media' : undefined),
      metadata: ({ name }) => ({ alt: `Picture ${name}`, tags: ['a'] }),
    }).open({ ...large, pictureSize: async () => ({ width: 640, height: 480 }) }, call)
    expect(seen[0]?.body).toEqual({
      filename: 'photo.png',
      contentType: 'image/png',
      fileSize: large.size,
      visibility: 'shared',
      category: 'images',
    })
    expect(opened).toEqual({
      key: 'files/k',
      uploadId: 'u1',
      file: {
        originalName: 'photo.png',
        mimeType: 'image/png',
        size: large.size,
        width: 640,
        height: 480,
        visibility: 'shared',
        bucket: 'media',
        metadata: { category: 'images', alt: 'Picture photo.png', tags: ['a'] },
      },
    })
  })

  test('are left out if none are chosen, and a file without a type is application/octet-stream', async () => {
    const seen = answering({ [paths.single]: { ...single, contentType: null } })
    const nothing = (): undefined => undefined
    const own = backend({ visibility: nothing, category: nothing, bucket: nothing, metadata: nothing })
    const opened = await own.open({ ...file, type: '' }, call)
    const contentType = 'application/octet-stream'
    expect(seen[0]?.body).toEqual({ filename: 'photo.png', contentType, fileSize: 1000 })
    expect(opened.session).toMatchObject({
      file: { originalName: 'photo.png', mimeType: contentType, size: 1000 },
    })
    expect(opened.targets).toMatchObject([{ headers: { 'Content-Type': contentType } }])
  })
})

describe('answers', () => {
  const own = backend()
  const open = () => own.open(file, call)
  const init = () => own.open(large, call)
  const sign = () => own.sign(session, parts, call)
  const complete = () => backend().complete(session, receipts, whole, call)
  const part = { url: 'https://s3.test/1', partNumber: 1 }

  test.each([
    [open, paths.single, 'presignedUrl', 'key', { ...single, key: undefined }],
    [open, paths.single, 'presignedUrl', 'key', { ...single, key: '' }],
    [open, paths.single, 'presignedUrl', 'url', { ...single, url: 'ftp://s3.test' }],
    [open, paths.single, 'presignedUrl', 'contentType', { ...single, contentType: 7 }],
    [open, paths.single, 'presignedUrl', 'contentType', { ...single, contentType: 'a\nb' }],
    [open, paths.single, 'presignedUrl', 'body', 'ok'],
    [init, paths.init, 'initMultipart', 'uploadId', { ...multi, uploadId: 7 }],
    [init, paths.init, 'initMultipart', 'key', { uploadId: 'u1' }],
    [init, paths.init, 'initMultipart', 'data', { success: true, data: [] }],
    [sign, paths.part, 'partUrl', 'url', { partNumber: 1 }],
    [sign, paths.part, 'partUrl', 'partNumber', { ...part, partNumber: 2 }],
    [sign, paths.part, 'partUrl', 'partNumber', { ...part, partNumber: '1' }],
    [complete, paths.register, 'registerFile', 'id', { ...registered, id: undefined }],
  ])(
    'that break the contract are errors that name endpoint and field (%#)',
    async (act, path, name, field, answer) => {
      answering({ [paths.complete]: { key: 'files/k' }, [path]: answer })
      await expect(act()).rejects.toMatchObject({ code: 'backend', endpoint: name, field })
    },
  )

  test('are unwrapped if they are wrapped', async () => {
    answering({ [paths.part]: { success: true, data: part } })
    expect(await sign()).toEqual([
      { number: 1, url: part.url, method: 'PUT', headers: {}, validFor: 900_000 },
    ])
  })

  test('are taken as they are if they only look wrapped', async () => {
    for (const more of [{ success: true }, { data: {} }, { success: 'yes', data: {} }]) {
      answering({ [paths.part]: { ...part, ...more } })
      expect(await sign()).toMatchObject([{ url: part.url }])
    }
  })

  test('may describe a file whose name looks like an S3 error', async () => {
    answering({ [paths.complete]: {}, [paths.register]: { ...registered, originalName: '<Error>.log' } })
    const { details } = await backend().complete(session, receipts, whole, call)
    expect(details).toMatchObject({ id: 'f1', originalName: '<Error>.log' })
  })

  test('with a 200 and `success: false` are errors with their code', async () => {
    const error = { code: 'file/invalid-parts-array', message: 'no' }
    answering({ [paths.complete]: { success: false, error } })
    await expect(complete()).rejects.toMatchObject({
      name: 'HttpError',
      serviceCode: 'file/invalid-parts-array',
    })
    answering({ [paths.complete]: { success: false, error: { code: 'file/not-found' } } })
    await expect(complete()).rejects.toMatchObject({ code: 'session-lost' })
  })

  test.each([
    { success: false, error: { code: 'data/rate-limit-exceeded', message: 'slow down' } },
    { statusCode: 429, error: 'data/rate-limit-exceeded', message: 'slow down' },
  ])('that are errors give their code, message and Retry-After: %j', async (body) => {
    answering({ [paths.single]: HttpResponse.json(body, { status: 429, headers: { 'retry-after': '7' } }) })
    await expect(open()).rejects.toMatchObject({
      code: 'throttled',
      status: 429,
      serviceCode: 'data/rate-limit-exceeded',
      retryAfter: 7000,
      message: 'presignedUrl answered 429 (data/rate-limit-exceeded: slow down)',
    })
  })
})

describe('completing', () => {
  const pageOf = (items: readonly object[], page: number, totalPages: number): object => ({
    items,
    pagination: {
      total: totalPages * 100,
      page,
      limit: 100,
      totalPages,
      hasNextPage: page < totalPages,
      hasPrevPage: page > 1,
    },
  })

  test('sends the ETags in quotes, registers the file, and returns its details', async () => {
    const more = {
      width: 1,
      visibility: 'private',
      metadata: { tags: ['a'] },
      createdAt: '2026-01-01T00:00:00Z',
    }
    const seen = answering({
      [paths.complete]: { key: 'files/k', location: 'https://s3.test/files/k' },
      [paths.register]: HttpResponse.json(
        { ...registered, ...more, unknown: 1, bucket: '', ownerId: null },
        { status: 201 },
      ),
    })
    expect(await backend().complete(session, receipts, whole, call)).toEqual({
      key: 'files/k',
      details: { ...registered, ...more },
    })
    const etags = [
      { partNumber: 1, etag: '"a"' },
      { partNumber: 2, etag: '"b"' },
    ]
    expect(seen.map(({ endpoint, body }) => [endpoint, body])).toEqual([
      [paths.complete, { key: 'files/k', uploadId: 'u1', parts: etags }],
      [paths.register, { s3Key: 'files/k', ...session.file }],
    ])
  })

  test('takes the key under the name that the official examples use', async () => {
    answering({ [paths.complete]: {}, [paths.register]: { id: 'f1', key: 'files/k' } })
    const { details } = await backend().complete(session, receipts, whole, call)
    expect(details).toEqual({ id: 'f1', s3Key: 'files/k' })
  })

  test('returns everything that bkend says about the file, unless its key is invalid', async () => {
    const all = {
      ...registered,
      width: 640,
      height: 480,
      visibility: 'public',
      bucket: 'media',
      ownerId: 'u',
      ownerType: 'user',
      metadata: { alt: 'a' },
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-02T00:00:00Z',
    }
    answering({ [paths.complete]: {}, [paths.register]: [all, { id: 'f1', key: null }] })
    const details = async () => (await backend().complete(session, receipts, whole, call)).details
    expect([await details(), await details()]).toStrictEqual([all, { id: 'f1' }])
  })

  test('does not fail over odd details of a registered file, and leaves them out', async () => {
    const odd = { ...registered, size: '1000', metadata: 'x', originalName: 1, createdAt: 1_767_225_600_000 }
    answering({ [paths.complete]: {}, [paths.register]: odd })
    const { details } = await backend().complete(session, receipts, whole, call)
    const { size: _, originalName: __, ...others } = registered
    expect(details).toEqual(others)
    answering({ [paths.list]: pageOf([odd], 1, 1) })
    expect(await backend().status?.(session, call)).toEqual({
      state: 'completed',
      key: 'files/k',
      details: others,
    })
  })

  test('loses its session if bkend cannot find the object to register, and completes it again from the start', async () => {
    const lost = failing(404, 'file/not-found')
    const seen = answering({ [paths.complete]: {}, [paths.register]: [lost, failing(404), registered] })
    const own = backend()
    const complete = () => own.complete(session, receipts, whole, call)
    await expect(complete()).rejects.toMatchObject({ code: 'session-lost' })
    await expect(complete()).rejects.toMatchObject({ code: 'http', status: 404 })
    await complete()
    expect(seen.map(({ endpoint }) => endpoint)).toEqual([
      paths.complete,
      paths.register,
      paths.complete,
      paths.register,
      paths.register,
    ])
  })

  test('only registers, if it is repeated after registering failed', async () => {
    const seen = answering({ [paths.complete]: {}, [paths.register]: [failing(503), registered] })
    const own = backend()
    await expect(own.complete(session, receipts, whole, call)).rejects.toMatchObject({
      status: 503,
      retryable: true,
    })
    await own.complete(session, receipts, whole, call)
    expect(seen.map(({ endpoint }) => endpoint)).toEqual([paths.complete, paths.register, paths.register])
  })

  test.each([HttpResponse.error(), failing(502), new HttpResponse('<html>')])(
    'takes an unknown upload for completed and registers it, if it is repeated after an inconclusive answer (%#)',
    async (lost) => {
      answering({ [paths.complete]: [lost, failing(404, 'file/not-found')], [paths.register]: registered })
      const own = backend()
      await expect(own.complete(session, receipts, whole, call)).rejects.toThrow()
      expect(await own.complete(session, receipts, whole, call)).toEqual({
        key: 'files/k',
        details: registered,
      })
    },
  )

  test.each([failing(403, 'file/access-denied'), failing(429)])(
    'takes an unknown upload for lost and registers nothing, if it is repeated after a refusal (%#)',
    async (refused) => {
      const seen = answering({ [paths.complete]: [refused, failing(404, 'file/not-found')] })
      const own = backend()
      await expect(own.complete(session, receipts, whole, call)).rejects.toMatchObject({ name: 'HttpError' })
      await expect(own.complete(session, receipts, whole, call)).rejects.toMatchObject({
        code: 'session-lost',
      })
      expect(seen.map(({ endpoint }) => endpoint)).toEqual([paths.complete, paths.complete])
    },
  )

  test('takes an unknown upload for lost, if it is repeated after an inconclusive answer and then a refusal', async () => {
    const answers = [failing(502), failing(400, 'file/invalid-parts-array'), failing(404, 'file/not-found')]
    answering({ [paths.complete]: answers })
    const own = backend()
    const outcomes: unknown[] = []
    for (const _ of answers)
      outcomes.push(await own.complete(session, receipts, whole, call).catch((error) => error))
    expect(outcomes).toMatchObject([{ status: 502 }, { status: 400 }, { code: 'session-lost' }])
  })

  const other = { ...registered, id: 'other', s3Key: 'files/other' }

  test('finds an already registered file by its key, on whichever page of the list it is', async () => {
    const searches: string[] = []
    server.events.on('request:start', ({ request }) => {
      if (request.method === 'GET') searches.push(new URL(request.url).search)
    })
    answering({
      [paths.complete]: {},
      [paths.register]: failing(409, 'file/s3-key-already-exists'),
      [paths.list]: [pageOf([other], 1, 2), pageOf([other, registered], 2, 2)],
    })
    expect(await backend().complete(session, receipts, whole, call)).toEqual({
      key: 'files/k',
      details: registered,
    })
    server.events.removeAllListeners()
    expect(searches).toEqual(
      [1, 2].map((page) => `?search=photo.png&sortBy=createdAt&sortDirection=desc&limit=100&page=${page}`),
    )
  })

  test('looks for an already registered file among the newest five hundred of its name', async () => {
    const pages = [1, 2, 3, 4].map((page) => pageOf([other], page, 9))
    const answers = { [paths.complete]: {}, [paths.register]: failing(409, 'file/s3-key-already-exists') }
    const seen = answering({ ...answers, [paths.list]: [...pages, pageOf([registered], 5, 9)] })
    expect(await backend().complete(session, receipts, whole, call)).toMatchObject({ details: registered })
    answering({ ...answers, [paths.list]: [...pages, pageOf([other], 5, 9), pageOf([registered], 6, 9)] })
    expect(await backend().complete(session, receipts, whole, call)).toEqual({ key: 'files/k' })
    expect(seen.filter(({ endpoint }) => endpoint === paths.list)).toHaveLength(5)
  })

  test.each([
    ['nothing of it', pageOf([other], 1, 1)],
    ['nothing of it on the first pages of very many', pageOf([other], 1, 1000)],
    ['no list', failing(403, 'file/access-denied')],
    ['a list that is none', { items: 'x' }],
  ])('succeeds without details if the file is already registered and there is %s', async (what, answer) => {
    const seen = answering({
      [paths.complete]: {},
      [paths.register]: failing(409, 'file/s3-key-already-exists'),
      [paths.list]: answer,
    })
    expect(await backend().complete(session, receipts, whole, call)).toStrictEqual({ key: 'files/k' })
    const pages = what.includes('very many') ? 5 : 1
    expect(seen.filter(({ endpoint }) => endpoint === paths.list)).toHaveLength(pages)
  })

  test('can be retried if the details of a registered file are temporarily unavailable', async () => {
    const list = [failing(503), pageOf([registered], 1, 1)]
    answering({
      [paths.complete]: {},
      [paths.register]: failing(409, 'file/s3-key-already-exists'),
      [paths.list]: list,
    })
    const own = backend()
    await expect(own.complete(session, receipts, whole, call)).rejects.toMatchObject({
      status: 503,
      retryable: true,
    })
    expect(await own.complete(session, receipts, whole, call)).toMatchObject({ details: registered })
  })

  test('can be checked by `status`, which says whether the file is registered', async () => {
    answering({ [paths.list]: [pageOf([registered], 1, 1), pageOf([], 1, 0)] })
    const own = backend()
    expect(await own.status?.(session, call)).toEqual({
      state: 'completed',
      key: 'files/k',
      details: registered,
    })
    expect(await own.status?.(session, call)).toEqual({ state: 'gone', isGuess: true })
  })
})

describe('an upload that the server does not know', () => {
  const calls = {
    partUrl: () => backend().sign(session, parts, call),
    completeMultipart: () => backend().complete(session, receipts, whole, call),
  }

  test.each(Object.entries(calls))('is a SessionLostError in %s', async (_, request) => {
    for (const answer of [
      failing(404),
      failing(410),
      failing(400),
      failing(404, 'file/not-found'),
      failing(400, 'NoSuchUpload'),
    ]) {
      answering({ [paths.part]: answer, [paths.complete]: answer })
      await expect(request()).rejects.toMatchObject({ code: 'session-lost' })
    }
  })

  test.each([404, 410, 400])('counts as aborted (%i)', async (status) => {
    const seen = answering({ [paths.abort]: failing(status) })
    await backend().abort?.(session, call)
    expect(seen).toMatchObject([{ endpoint: paths.abort, body: { key: 'files/k', uploadId: 'u1' } }])
  })

  test('is an error if it cannot be aborted', async () => {
    answering({ [paths.abort]: failing(500) })
    await expect(backend().abort?.(session, call)).rejects.toMatchObject({ status: 500 })
  })

  test('has nothing to abort if it is a single PUT', async () => {
    const seen = answering({})
    await backend().abort?.({ ...session, uploadId: null }, call)
    expect(seen).toEqual([])
  })
})

describe('the key and the tokens', () => {
  test('are sent with every call', async () => {
    const seen = answering({ [paths.single]: single })
    let count = 0
    await backend({ accessToken: async () => `t${++count}`, headers: { 'x-own': '1' } }).open(file, call)
    const headers = seen[0]?.headers
    expect(headers?.get('x-api-key')).toBe(apiKey)
    expect(headers?.get('authorization')).toBe('Bearer t1')
    expect(headers?.get('x-own')).toBe('1')
  })

  test("give way to the application's own headers, in upper or lower case", async () => {
    const seen = answering({ [paths.single]: single })
    const own = { Authorization: 'Bearer own', 'X-API-Key': 'own' }
    for (const headers of [own, new Headers(own)])
      await backend({ accessToken: 't', headers }).open(file, call)
    expect(seen.map(({ headers }) => [headers.get('authorization'), headers.get('x-api-key')])).toEqual(
      Array(2).fill(['Bearer own', 'own']),
    )
  })

  test.each([
    [
      'sk_secret',
      /publishable key \(pk_…\), got a secret key \(sk_…\): whoever opens the page could read it/,
    ],
    ['sk_1pk_2', /got a secret key/],
    ['secret', /got string$/],
    ['task_1', /got string$/],
    ['mypk_1', /got string$/],
    ['', /got string$/],
    [7 as unknown as string, /got number$/],
  ])('are refused with a TypeError that does not show the key, if the key is invalid: %j', (key, message) => {
    expect(() => bkend({ apiKey: key })).toThrow(TypeError)
    expect(() => bkend({ apiKey: key })).toThrow(message)
    expect(() => bkend({ apiKey: key })).not.toThrow(/secret$/)
  })

  test('are refreshed once for all refused calls, and the next refresh uses the new refresh token', async () => {
    const tokens = (number: number): object => ({ accessToken: `a${number}`, refreshToken: `r${number}` })
    const seen = answering({
      [paths.single]: [failing(401), failing(401), single, single, failing(401), single],
      [paths.refresh]: [tokens(1), { success: true, data: tokens(2) }],
    })
    const told: unknown[] = []
    const own = backend({ accessToken: 'a0', refreshToken: 'r0', onTokens: (pair) => void told.push(pair) })
    await Promise.all([own.open(file, call), own.open(file, call)])
    await own.open(file, call)
    const refreshes = seen.filter(({ endpoint }) => endpoint === paths.refresh)
    expect(refreshes.map(({ body }) => body)).toEqual([{ refreshToken: 'r0' }, { refreshToken: 'r1' }])
    expect(refreshes[0]?.headers.get('x-api-key')).toBe(apiKey)
    expect(refreshes[0]?.headers.has('authorization')).toBe(false)
    expect(told).toEqual([tokens(1), tokens(2)])
    const used = seen.filter(({ endpoint }) => endpoint === paths.single)
    expect(used.map(({ headers }) => headers.get('authorization'))).toEqual(
      ['a0', 'a0', 'a1', 'a1', 'a1', 'a2'].map((token) => `Bearer ${token}`),
    )
  })

  test("are the application's if it gives functions for them", async () => {
    const seen = answering({
      [paths.single]: [failing(401), single, failing(401), single],
      [paths.refresh]: { accessToken: 'new', refreshToken: 'r1' },
    })
    const kept = { accessToken: 'old', refreshToken: 'r0' }
    const own = backend({
      accessToken: () => kept.accessToken,
      refreshToken: async () => kept.refreshToken,
      onTokens: (tokens) => void Object.assign(kept, tokens),
    })
    await own.open(file, call)
    expect(kept).toEqual({ accessToken: 'new', refreshToken: 'r1' })
    // Another tab may have refreshed the tokens, so the functions are asked in any case.
    Object.assign(kept, { accessToken: 'newer', refreshToken: 'r2' })
    await own.open(file, call)
    await own.open(file, call)
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer old',
      null,
      'Bearer new',
      'Bearer newer',
      null,
      'Bearer new',
      'Bearer new',
    ])
    const refreshes = seen.filter(({ endpoint }) => endpoint === paths.refresh)
    expect(refreshes.map(({ body }) => body)).toEqual([{ refreshToken: 'r0' }, { refreshToken: 'r2' }])
  })

  test('are refreshed once for all backends that share an access', async () => {
    const seen = answering({
      [paths.single]: [failing(401), failing(401), single],
      [paths.refresh]: { accessToken: 'a1', refreshToken: 'r1' },
    })
    const access = bkendAccess({ baseUrl: base, apiKey, accessToken: 'a0', refreshToken: 'r0' })
    await Promise.all([
      bkend(access).open(file, call),
      bkend({ ...access, visibility: 'public' }).open(file, call),
    ])
    expect(seen.filter(({ endpoint }) => endpoint === paths.refresh)).toHaveLength(1)
  })

  test('are left to the application if it has an onUnauthorized', async () => {
    const seen = answering({ [paths.single]: [failing(401), single] })
    const onUnauthorized = vi.fn()
    await backend({ refreshToken: 'r0', onUnauthorized }).open(file, call)
    expect(onUnauthorized).toHaveBeenCalledOnce()
    expect(seen).toHaveLength(2)
  })

  test('fail every waiting call with the same error if they cannot be refreshed', async () => {
    answering({
      [paths.single]: failing(401),
      [paths.refresh]: failing(401, 'common/authentication-required'),
    })
    const own = backend({ refreshToken: 'r0' })
    for (const open of [own.open(file, call), own.open(file, call)]) {
      await expect(open).rejects.toMatchObject({ code: 'unauthorized', endpoint: 'refresh' })
    }
    answering({ [paths.single]: failing(401), [paths.refresh]: { accessToken: 'a' } })
    await expect(own.open(file, call)).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'refresh',
      field: 'refreshToken',
    })
  })

  test('are still refreshed for the other calls if the call that started it is aborted', async () => {
    const aborting = new AbortController()
    answering({
      [paths.single]: [failing(401), failing(401), single],
      [paths.refresh]: { accessToken: 'a', refreshToken: 'r' },
    })
    const api: ApiTransport = {
      send: (request, one) => {
        if (request.url.endsWith('/refresh')) aborting.abort('enough')
        return apiTransport.send(request, one)
      },
    }
    const own = backend({ refreshToken: 'r0' })
    const first = own.open(file, { api, signal: aborting.signal })
    const second = own.open(file, { ...call, api })
    await expect(first).rejects.toBe('enough')
    await expect(second).resolves.toMatchObject({ session: { key: 'files/k' } })
  })
})

describe('endpoints', () => {
  test('can have other methods and paths, or be functions', async () => {
    const seen = answering({ 'PUT /own/start': multi, 'POST /own/finish': {}, 'POST /own/file': registered })
    const own = backend({
      endpoints: {
        initMultipart: 'PUT /own/start',
        partUrl: (body) => ({ url: 'https://s3.test/1', partNumber: body['partNumber'] }),
        completeMultipart: '/own/finish',
        registerFile: '/own/file',
      },
    })
    const opened = await own.open(large, call)
    await own.sign(opened.session, parts, call)
    await own.complete(opened.session, receipts, whole, call)
    expect(seen.map(({ endpoint }) => endpoint)).toEqual([
      'PUT /own/start',
      'POST /own/finish',
      'POST /own/file',
    ])
  })

  test('that decide where the file goes and who sees it are part of the name, so that no upload is resumed in place of another', () => {
    const names = [
      { bucket: 'images' as const },
      { visibility: 'public' as const },
      { bucket: () => 'images' as const, visibility: () => 'public' as const },
    ].map((options) => bkend({ apiKey, baseUrl: '/b', ...options }).name)
    expect(names).toEqual(['bkend /b images', 'bkend /b public', 'bkend /b'])
  })

  test("are at bkend's own address without a baseUrl", () => {
    expect(bkend({ apiKey }).name).toBe('bkend https://api-client.bkend.ai')
    expect(() => bkend({ apiKey, baseUrl: 'ftp://x' })).toThrow(/`baseUrl`/)
    expect(() => bkend({ apiKey, endpoints: { refresh: 'ftp://x' } })).toThrow(/`endpoints.refresh`/)
  })
})

describe('signing', () => {
  /** An API whose calls each take a turn of the event loop, and which counts the calls that are under way. */
  function countingApi(): {
    readonly api: ApiTransport
    readonly most: () => number
    readonly calls: () => number
    readonly isIdle: () => boolean
  } {
    let open = 0
    let most = 0
    let calls = 0
    const answer = (url: string, json: Json | undefined): object => {
      if (url.endsWith('/init')) return multi
      const { partNumber } = json as { partNumber?: number }
      return partNumber === undefined ? registered : { url: `https://s3.test/${partNumber}`, partNumber }
    }
    const api: ApiTransport = {
      send: async ({ url, json }) => {
        if (url.endsWith('/multipart/presigned-url')) calls += 1
        open += 1
        most = Math.max(most, open)
        await new Promise((resolve) => setTimeout(resolve, 5))
        open -= 1
        return { status: 200, headers: {}, body: JSON.stringify(answer(url, json)) }
      },
    }
    return { api, most: () => most, calls: () => calls, isIdle: () => open === 0 }
  }

  test('makes one call per part, as many at once as the engine signs ahead, and no more', async () => {
    const { api, most, calls } = countingApi()
    const uploader = new Uploader({
      backend: bkend({ apiKey }),
      api,
      transport: new StoringTransport(),
      checkpoints: memoryCheckpoints(),
      tabs: new FakeBrowser().tab(),
      hasher: new FakeHasher(),
      partSize: 5 * 1024 * 1024,
    })
    await uploader.uploadFile(new File([new Uint8Array(200 * 1024 * 1024)], 'large.bin'))
    expect(calls()).toBe(40)
    expect(most()).toBeGreaterThanOrEqual(6)
    expect(most()).toBeLessThanOrEqual(20)
  })

  test('signs up to 18 parts ahead of what is being sent, as the documents say, and no more', async () => {
    const { api, calls, isIdle } = countingApi()
    const transport = new FakePartTransport()
    const uploader = new Uploader({
      backend: bkend({ apiKey }),
      api,
      transport,
      concurrency: 6,
      checkpoints: memoryCheckpoints(),
      tabs: new FakeBrowser().tab(),
      hasher: new FakeHasher(),
      partSize: 5 * 1024 * 1024,
    })
    const upload = uploader.uploadFile(new File([new Uint8Array(150 * 1024 * 1024)], 'large.bin'))
    const sent = await transport.take(6)
    await vi.waitUntil(() => calls() >= sent.length + 18 && isIdle())
    await flush()
    expect(calls()).toBe(sent.length + 18)
    await uploader.stop()
    await upload.catch(() => {})
  })
})

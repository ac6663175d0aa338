import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type PresignedOptions, presigned } from '../../src/backends/presigned.ts'
import type { FileDescription, Part } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { until } from '../until.ts'
import { failureOf } from './app-server.ts'

const base = 'https://app.test/api'
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

const call = { signal: new AbortController().signal, api: apiTransport }
const session = { key: 'uploads/abc/video.mp4', uploadId: 'VXBs' }
const parts: Part[] = [1, 2, 3].map((number) => ({ number, offset: (number - 1) * 10, size: 10 }))
const file: FileDescription = {
  name: 'video.mp4',
  relativePath: '',
  size: 104_857_600,
  lastModified: 1,
  type: 'video/mp4',
  digest: 'a1b2c3d4e5f60718',
  params: {},
  pictureSize: async () => undefined,
}
const whole = { size: file.size, checksums: {} }

type Seen = { method: string; path: string; headers: Headers; body: unknown }

/** Gives this answer to every request to the application's server, and records the request. */
function answering(answer: () => Response): Seen[] {
  const seen: Seen[] = []
  server.use(
    http.all('https://app.test/*', async ({ request }) => {
      const text = await request.text()
      const path = request.url.slice('https://app.test'.length)
      seen.push({
        method: request.method,
        path,
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      })
      return answer()
    }),
  )
  return seen
}

function backend(options: PresignedOptions = {}): ReturnType<typeof presigned> {
  return presigned({ baseUrl: base, ...options })
}

const signedUrl = (number: number): string => `https://storage.test/key/${number}`
const started = { ...session, partSize: 10_485_760 }

describe('the name', () => {
  test('differs by server and by the path that starts uploads, so that no upload is resumed or reported done in place of another', () => {
    expect(presigned().name).toBe('presigned')
    expect(backend().name).toBe(`presigned ${base}`)
    const startUpload = '/avatars/start?token=canary'
    expect(presigned({ endpoints: { startUpload } }).name).toMatch(/^presigned \/avatars\/start\?[a-z\d]+$/)
    expect(backend({ endpoints: { startUpload: 'PUT /documents/start' } }).name).toBe(
      `presigned ${base} PUT /documents/start`,
    )
    expect(backend({ endpoints: { startUpload: () => started } }).name).toBe(`presigned ${base}`)
  })
})

describe('startUpload', () => {
  test('posts fileName, fileHash and fileSize with the params merged flat', async () => {
    const seen = answering(() => HttpResponse.json(started))
    const opened = await backend().open({ ...file, params: { album: '42', public: true } }, call)
    expect(seen).toMatchObject([{ method: 'POST', path: '/api/start-upload' }])
    expect(seen[0]?.headers.get('content-type')).toBe('application/json')
    expect(seen[0]?.body).toEqual({
      fileName: 'video.mp4',
      fileHash: 'a1b2c3d4e5f60718',
      fileSize: 104_857_600,
      album: '42',
      public: true,
    })
    expect(opened).toEqual({ session, partSize: 10_485_760, targets: [] })
  })

  test("lets the contract's own fields win over params of the same name", async () => {
    const seen = answering(() => HttpResponse.json(started))
    await backend().open({ ...file, params: { fileName: 'evil', fileSize: 1 } }, call)
    expect(seen[0]?.body).toMatchObject({ fileName: 'video.mp4', fileSize: 104_857_600 })
  })

  test('uses URLs that come with the answer as targets, without asking for them', async () => {
    const urls = { 1: `${signedUrl(1)}?X-Amz-Expires=900`, 2: signedUrl(2) }
    answering(() => HttpResponse.json({ ...started, urls }))
    expect(await backend().open(file, call)).toMatchObject({
      session,
      targets: [
        { number: 1, url: urls[1], method: 'PUT', headers: {}, validFor: 900_000 },
        { number: 2, url: urls[2] },
      ],
    })
  })

  test.each([undefined, null, {}, { first: 'x', 0: 'y' }])(
    'returns no targets if the answer has no usable URLs: %j',
    async (urls) => {
      answering(() => HttpResponse.json({ ...started, urls }))
      expect(await backend().open(file, call)).toMatchObject({ session, targets: [] })
    },
  )

  test('asks for the xxHash64 of the file, or for the digest that a function of the application makes', () => {
    const own = async (): Promise<string> => 'mine'
    expect(backend().fileDigest?.(file)).toBe('xxhash64')
    expect(backend({ fileHash: own }).fileDigest?.(file)).toBe(own)
  })

  test.each([
    ['uploadId', { ...started, uploadId: undefined }, 'a non-empty string, got undefined'],
    ['uploadId', { ...started, uploadId: '' }, 'a non-empty string, got ""'],
    ['uploadId', { ...started, uploadId: 7 }, 'got 7 (number)'],
    ['key', { ...started, key: null }, 'got null'],
    ['key', { ...started, key: 'a/../b' }, 'a string without `.` or `..` between its slashes, got "a/../b"'],
    ['key', { ...started, key: 'a/./b' }, 'a string without `.` or `..` between its slashes, got "a/./b"'],
    ['uploadId', { ...started, uploadId: '.' }, 'a string without `.` or `..` between its slashes, got "."'],
    ['uploadId', { ...started, uploadId: '..' }, 'a string without `.` or `..` between its slashes, got'],
    ['partSize', { ...started, partSize: 0 }, 'a whole number of bytes above 0, got 0'],
    ['partSize', { ...started, partSize: -5 }, 'got -5'],
    ['partSize', { ...started, partSize: 1.5 }, 'got 1.5'],
    ['partSize', { ...started, partSize: '10485760' }, 'got "10485760" (string)'],
    ['urls', { ...started, urls: ['https://storage.test/1'] }, 'an object, got ['],
    ['urls.1', { ...started, urls: { 1: 7 } }, 'an https URL, got 7'],
    ['body', [], 'a JSON object, got [] (array)'],
    ['body', 'ok', 'a JSON object, got "ok" (string)'],
    ['body', null, 'a JSON object, got null'],
  ])('rejects an answer with a bad %s, and names the field: %j', async (field, answer, message) => {
    answering(() => HttpResponse.json(answer as never))
    const error = await backend()
      .open(file, call)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      name: 'BackendError',
      code: 'backend',
      endpoint: 'startUpload',
      field,
      retryable: false,
    })
    expect(String(error)).toContain(message)
  })

  test.each([
    ['<!doctype html><title>Sign in</title>', 'text/html'],
    ['', 'application/json'],
  ])('rejects an answer that is not JSON, and shows it: %j', async (body, type) => {
    answering(() => new HttpResponse(body, { headers: { 'content-type': type } }))
    const error = await backend()
      .open(file, call)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'backend',
      endpoint: 'startUpload',
      field: 'body',
      retryable: true,
    })
    expect(String(error)).toContain(`expected \`body\` to be JSON, got "${body}`)
  })
})

describe('getUploadUrls', () => {
  const urls = {
    '1': 'https://s3.test/1?X-Amz-Expires=900&a=b',
    '2': 'https://s3.test/2',
    '3': 'https://s3.test/3',
  }

  test('posts key, uploadId and the part numbers, and makes each URL a PUT without headers', async () => {
    const seen = answering(() => HttpResponse.json({ urls }))
    const targets = await backend().sign(session, parts, call)
    expect(seen).toMatchObject([
      { method: 'POST', path: '/api/get-upload-urls', body: { ...session, parts: [1, 2, 3] } },
    ])
    expect(targets).toEqual([
      { number: 1, url: urls['1'], method: 'PUT', headers: {}, validFor: 900_000 },
      { number: 2, url: urls['2'], method: 'PUT', headers: {}, validFor: undefined },
      { number: 3, url: urls['3'], method: 'PUT', headers: {}, validFor: undefined },
    ])
  })

  test.each([
    ['urls', {}, 'an object, got undefined'],
    ['urls', { urls: ['https://s3.test/1'] }, 'an object'],
    ['urls.3', { urls: { ...urls, '3': undefined } }, 'an https URL, got undefined'],
    ['urls.3', { urls: { ...urls, '3': '' } }, 'got ""'],
    ['urls.1', { urls: { ...urls, '1': 'javascript:alert(1)' } }, 'got "javascript:alert(1)" (string)'],
    ['urls.2', { urls: { ...urls, '2': 'data:text/plain,x' } }, 'an https URL'],
    ['urls.2', { urls: { ...urls, '2': 42 } }, 'got 42 (number)'],
    ['urls.2', { urls: { ...urls, '2': 'https://' } }, 'an https URL'],
  ])('rejects an answer with a bad %s, and names the field: %j', async (field, answer, message) => {
    answering(() => HttpResponse.json(answer as never))
    const error = await backend()
      .sign(session, parts, call)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'backend', endpoint: 'getUploadUrls', field })
    expect(String(error)).toContain(message)
  })
})

describe('a URL without TLS, on a page with TLS', () => {
  const signing = (url: string) => {
    vi.stubGlobal('location', { href: 'https://localhost:5173/' })
    answering(() => HttpResponse.json({ urls: { '1': url } }))
    return backend().sign(session, parts.slice(0, 1), call)
  }
  afterEach(() => vi.unstubAllGlobals())

  // Such as a store that runs beside the page's server during development. Browsers let these requests pass (W3C Secure
  // Contexts, section 3.1).
  test.each([
    'localhost',
    'localhost:9000',
    'LOCALHOST:9000',
    'my-bucket.s3.localhost:9000',
    '127.0.0.1',
    '127.10.20.30:9000',
    '[::1]:9000',
  ])('is accepted for this machine itself: %s', async (host) => {
    for (const url of [`http://${host}/bucket/key?partNumber=1`, `http://${host}`])
      expect(await signing(url)).toMatchObject([{ url }])
  })

  test.each([
    'store.test',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    '10.0.0.1',
    'localhost@evil.test',
    'localhost:80@evil.test',
    'evil.test/?http://localhost',
    '[::2]',
  ])('is refused for other hosts, as browsers do: %s', async (host) => {
    await expect(signing(`http://${host}/key`)).rejects.toMatchObject({ code: 'backend', field: 'urls.1' })
  })
})

describe('complete', () => {
  const receipts = [
    { number: 1, size: 10, etag: '"abc"' },
    { number: 2, size: 10, etag: 'def' },
  ]

  test('posts the parts to {complete}/{uploadId}/{key}, with ETags without their quotes', async () => {
    const seen = answering(() => HttpResponse.json({}))
    expect(await backend().complete(session, receipts, whole, call)).toEqual({ key: session.key })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/api/complete/VXBs/uploads/abc/video.mp4',
        body: {
          parts: [
            { PartNumber: 1, ETag: 'abc' },
            { PartNumber: 2, ETag: 'def' },
          ],
        },
      },
    ])
  })

  test.each([
    ['"abc"', 'abc'],
    ['abc', 'abc'],
    // Only an ETag that is quoted as a whole loses its quotes; any other, such as a weak one, is the storage's own
    // format.
    ['"abc"-2', '"abc"-2'],
    ['W/"abc"', 'W/"abc"'],
  ])('posts the ETag %s as %s', async (etag, ETag) => {
    const seen = answering(() => HttpResponse.json({}))
    await backend().complete(session, [{ number: 1, size: 10, etag }], whole, call)
    expect(seen[0]?.body).toEqual({ parts: [{ PartNumber: 1, ETag }] })
  })

  test("keeps a key's slashes as slashes and encodes everything else", async () => {
    const seen = answering(() => new HttpResponse(null, { status: 204 }))
    const key = "a b/ü#?%+&/日本(1)!'*.bin"
    await backend().complete({ key, uploadId: 'x/y+z=' }, receipts, whole, call)
    expect(seen[0]?.path).toBe(
      '/api/complete/x%2Fy%2Bz%3D/a%20b/%C3%BC%23%3F%25%2B%26/%E6%97%A5%E6%9C%AC%281%29%21%27%2A.bin',
    )
  })

  test.each(['', 'OK', '<b>OK</b>', '{"anything":1}'])('ignores the body of the reply: %j', async (body) => {
    answering(() => new HttpResponse(body))
    await expect(backend().complete(session, receipts, whole, call)).resolves.toEqual({ key: session.key })
  })

  test.each([201, 204, 299])('counts any 2xx as success: %i', async (status) => {
    answering(() => new HttpResponse(null, { status }))
    expect(await backend().complete(session, receipts, whole, call)).toMatchObject({ key: session.key })
  })

  test("reports a status that is not 2xx as an error with the server's message", async () => {
    answering(() => HttpResponse.json({ error: 'parts differ' }, { status: 409 }))
    await expect(backend().complete(session, receipts, whole, call)).rejects.toMatchObject({
      name: 'HttpError',
      code: 'http',
      endpoint: 'complete',
      status: 409,
      message: 'complete answered 409 (parts differ)',
    })
  })
})

describe('abort', () => {
  test('is absent if no endpoint is configured', () => {
    expect(backend().abort).toBeUndefined()
  })

  test('posts to {abort}/{uploadId}/{key}', async () => {
    const seen = answering(() => new HttpResponse(null, { status: 204 }))
    await backend({ endpoints: { abort: '/abort' } }).abort?.(session, call)
    expect(seen).toMatchObject([{ method: 'POST', path: '/api/abort/VXBs/uploads/abc/video.mp4' }])
  })

  test('puts the names in the query if the endpoint has them there, with every character that R2 uses in an uploadId', async () => {
    const seen = answering(() => HttpResponse.json({}))
    const r2 = { key: 'a/b&c.mp4', uploadId: 'APW/fA8+mj==' }
    await backend({ endpoints: { abort: '/abort?uploadId={uploadId}&key={key}' } }).abort?.(r2, call)
    await backend({ endpoints: { abort: '/abort' } }).abort?.(r2, call)
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/abort?uploadId=APW%2FfA8%2Bmj%3D%3D&key=a/b%26c.mp4',
      '/api/abort/APW%2FfA8%2Bmj%3D%3D/a/b%26c.mp4',
    ])
  })

  test('rejects with a retryable error if the server answers with a page of HTML', async () => {
    answering(() => new HttpResponse('<!doctype html><title>Offline</title>'))
    const told = backend({ endpoints: { abort: '/abort' } }).abort?.(session, call)
    await expect(told).rejects.toMatchObject({ code: 'backend', endpoint: 'abort', retryable: true })
  })

  test.each([404, 410])('succeeds if the upload is gone already (%i)', async (status) => {
    answering(() => HttpResponse.json({ error: 'no such upload' }, { status }))
    await backend({ endpoints: { abort: '/abort' } }).abort?.(session, call)
  })

  test('does not succeed on a 404 that may come from a proxy', async () => {
    answering(() => new HttpResponse('404 page not found', { status: 404 }))
    await expect(backend({ endpoints: { abort: '/abort' } }).abort?.(session, call)).rejects.toMatchObject({
      code: 'session-lost',
    })
  })

  test('rejects if the server fails', async () => {
    answering(() => new HttpResponse(null, { status: 500 }))
    await expect(backend({ endpoints: { abort: '/abort' } }).abort?.(session, call)).rejects.toMatchObject({
      status: 500,
    })
  })
})

describe('listParts', () => {
  const listing = { endpoints: { listParts: '/list-parts' } }

  test('is absent if no endpoint is configured', () => {
    expect(backend().reopen).toBeUndefined()
  })

  test('reads all pages', async () => {
    const pages = [
      { parts: [{ PartNumber: 1, Size: 5, ETag: '"a"' }], next: 1 },
      { parts: [{ PartNumber: 2, Size: 5, ETag: '"b"' }], next: 2 },
      { parts: [], next: null },
    ]
    const seen = answering(() => HttpResponse.json(pages[seen.length - 1]))
    expect(await backend(listing).reopen?.(session, file, call)).toEqual({
      parts: [
        { number: 1, size: 5, etag: '"a"' },
        { number: 2, size: 5, etag: '"b"' },
      ],
      source: 'storage',
    })
    expect(seen.map(({ path, body }) => [path, body])).toEqual(
      [0, 1, 2].map((after) => ['/api/list-parts/VXBs/uploads/abc/video.mp4', { after }]),
    )
  })

  test('accepts an empty page after the last possible part', async () => {
    const pages = [
      { parts: [{ PartNumber: 10_000, Size: 5, ETag: 'a' }], next: 10_000 },
      { parts: [], next: null },
    ]
    const seen = answering(() => HttpResponse.json(pages[seen.length - 1]))
    const listed = await backend(listing).reopen?.(session, file, call)
    expect([listed?.parts.length, seen.length]).toEqual([1, 2])
  })

  test.each([
    ['parts', { next: null }, 'a list, got undefined'],
    ['PartNumber', { parts: [{ PartNumber: 0, Size: 5, ETag: 'a' }] }, 'a whole number >= 1, got 0'],
    ['Size', { parts: [{ PartNumber: 1, Size: '5', ETag: 'a' }] }, 'got "5" (string)'],
    ['ETag', { parts: [{ PartNumber: 1, Size: 5 }] }, 'a non-empty string'],
    ['next', { parts: [], next: 0 }, 'a whole number >= 1, got 0'],
    ['next', { parts: [], next: 10_001 }, 'a part number, got 10001'],
  ])('with a bad %s is an error that names it: %j', async (field, answer, message) => {
    answering(() => HttpResponse.json(answer as never))
    const error = await Promise.resolve(backend(listing).reopen?.(session, file, call)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'backend', endpoint: 'listParts', field })
    expect(String(error)).toContain(message)
  })
})

describe('an upload that the server no longer knows', () => {
  const own = backend({ endpoints: { listParts: '/list-parts' } })
  const calls = {
    getUploadUrls: () => own.sign(session, parts, call),
    complete: () => own.complete(session, [{ number: 1, size: 1, etag: 'e' }], whole, call),
    listParts: async () => own.reopen?.(session, file, call),
  }

  test.each(Object.entries(calls))('is a SessionLostError in %s', async (_, request) => {
    for (const answer of [
      () => new HttpResponse(null, { status: 404 }),
      () => new HttpResponse(null, { status: 410 }),
      () => HttpResponse.json({ error: 'x', code: 'NoSuchUpload' }, { status: 400 }),
    ]) {
      answering(answer)
      await expect(request()).rejects.toMatchObject({ name: 'SessionLostError', code: 'session-lost' })
    }
  })
})

describe('endpoints', () => {
  test.each([
    ['https://app.test/api/', '/go', '/api/go'],
    ['https://app.test/api', 'go', '/api/go'],
    ['https://app.test', '/go/', '/go/'],
    ['https://app.test/api', 'https://app.test/else/where', '/else/where'],
  ])('join a path to the base, and keep a full URL: %s + %s', async (baseUrl, startUpload, path) => {
    const seen = answering(() => HttpResponse.json(started))
    await presigned({ baseUrl, endpoints: { startUpload } }).open(file, call)
    expect(seen[0]?.path).toBe(path)
  })

  test('let a function make the call, and check its answer like any other', async () => {
    const bodies: unknown[] = []
    const remember =
      (answer: unknown) =>
      async (body: unknown): Promise<unknown> => {
        bodies.push(body)
        return answer
      }
    const urls = { '1': 'https://s3.test/1', '2': 'https://s3.test/2', '3': 'https://s3.test/3' }
    const own = backend({
      endpoints: {
        startUpload: remember(started),
        getUploadUrls: remember({ urls }),
        complete: remember(undefined),
        abort: remember(undefined),
      },
    })
    await own.open(file, call)
    await own.sign(session, parts, call)
    await own.complete(session, [{ number: 1, size: 1, etag: '"e"' }], whole, call)
    await own.abort?.(session, call)
    expect(bodies).toMatchObject([
      { fileName: 'video.mp4' },
      { ...session, parts: [1, 2, 3] },
      { ...session, parts: [{ PartNumber: 1, ETag: 'e' }] },
      session,
    ])
    const bad = backend({ endpoints: { startUpload: () => ({ key: 'k' }) } })
    await expect(bad.open(file, call)).rejects.toMatchObject({ code: 'backend', field: 'uploadId' })
  })

  test('pass the signal of the call to a function', async () => {
    const calls: unknown[] = []
    const startUpload = (_: unknown, one: unknown): unknown => {
      calls.push(one)
      return started
    }
    const own = backend({ endpoints: { startUpload } })
    await own.open(file, call)
    expect(calls).toEqual([{ signal: call.signal }])
  })

  test('let a function return a Response, whose status counts as usual', async () => {
    const receipts = [{ number: 1, size: 1, etag: '"e"' }]
    const answers = (answer: () => Response) =>
      backend({ endpoints: { startUpload: answer, complete: answer } })
    expect(await answers(() => Response.json(started)).open(file, call)).toMatchObject({ session })
    for (const [status, failure] of [
      [500, { code: 'http', status: 500, retryable: true, message: 'complete answered 500 (no)' }],
      [404, { code: 'session-lost' }],
      [200, { code: 'http', status: 200, message: 'complete answered 200 (no)' }],
    ] as const) {
      const failing = answers(() => Response.json({ error: 'no' }, { status }))
      await expect(failing.complete(session, receipts, whole, call)).rejects.toMatchObject(failure)
    }
    // A Response without CORS (`no-cors`) has no status, so nobody knows the outcome.
    await expect(answers(() => Response.error()).open(file, call)).rejects.toMatchObject({ status: 0 })
    let isStale = true
    const own = backend({
      endpoints: {
        startUpload: () => (isStale ? new Response('', { status: 401 }) : Response.json(started)),
      },
      onUnauthorized: () => {
        isStale = false
      },
    })
    expect(await own.open(file, call)).toMatchObject({ session })
  })

  test('report what a function throws as it is, even if it has a status of its own, as the errors of other clients do', async () => {
    const thrown = Object.assign(new Error('not mine'), { status: 404 })
    const own = backend({ endpoints: { getUploadUrls: () => Promise.reject(thrown) } })
    expect(await failureOf(own.sign(session, parts, call))).toBe(thrown)
  })

  test.each([
    [
      'baseUrl',
      { baseUrl: 'javascript:alert(1)' },
      /Expected `baseUrl` to be an http\(s\) URL or a path, got "javascript/,
    ],
    ['baseUrl', { baseUrl: 'http://' }, /`baseUrl`/],
    ['baseUrl', { baseUrl: 5 as unknown as string }, /`baseUrl` .* got 5 \(number\)/],
    ['complete', { endpoints: { complete: 'ftp://x' } }, /`endpoints.complete`/],
    [
      'fileSize',
      { fileSize: 'text' as 'string' },
      'Expected `fileSize` to be one of number, string, got "text"',
    ],
    ['abort', { endpoints: { abort: null as unknown as string } }, /`endpoints.abort`/],
  ])('refuse a bad %s with a TypeError at once', (_, options, message) => {
    expect(() => presigned(options)).toThrow(TypeError)
    expect(() => presigned(options)).toThrow(message)
  })
})

describe('headers', () => {
  test('are sent with every call', async () => {
    const seen = answering(() => HttpResponse.json(started))
    await backend({ headers: { authorization: 'Bearer a' } }).open(file, call)
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer a')
  })

  test('come from a function, if there is one, before every request', async () => {
    const seen = answering(() => HttpResponse.json(started))
    let count = 0
    const own = backend({ headers: async () => ({ authorization: `Bearer ${++count}` }) })
    await own.open(file, call)
    await own.open(file, call)
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer 1', 'Bearer 2'])
  })

  test('are reported as invalid if no request can carry them, not as a server that is unreachable', async () => {
    const seen = answering(() => HttpResponse.json(started))
    const error = await failureOf(backend({ headers: { 'x-user': '日本' } }).open(file, call))
    expect(error).toBeInstanceOf(TypeError)
    expect(seen).toEqual([])
  })

  test('never become part of a target or of a session', async () => {
    answering(() => HttpResponse.json(started))
    const own = backend({ headers: { authorization: 'Bearer canary' } })
    expect(JSON.stringify(await own.open(file, call))).not.toContain('canary')
    answering(() => HttpResponse.json({ urls: { '1': 'https://s3.test/1' } }))
    expect(JSON.stringify(await own.sign(session, parts.slice(0, 1), call))).not.toContain('canary')
  })
})

describe('a call', () => {
  test('is a retryable NetworkError if no server answers', async () => {
    answering(() => HttpResponse.error())
    await expect(backend().open(file, call)).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      message: 'POST https://app.test/api/start-upload: the server could not be reached',
    })
  })

  test('rejects with the reason if it is aborted', async () => {
    answering(() => HttpResponse.json(started))
    const aborted = { ...call, signal: AbortSignal.abort('enough') }
    await expect(backend().open(file, aborted)).rejects.toBe('enough')
  })

  test('is made once: the engine retries, not the backend', async () => {
    const seen = answering(() => new HttpResponse(null, { status: 503, headers: { 'retry-after': '9' } }))
    await expect(backend().open(file, call)).rejects.toMatchObject({ status: 503, retryAfter: 9_000 })
    expect(seen).toHaveLength(1)
  })
})

describe('a token that the server no longer accepts', () => {
  /** Accepts only the newest token. */
  function rejecting(valid: () => string): Seen[] {
    const seen: Seen[] = []
    server.use(
      http.post('https://app.test/*', async ({ request }) => {
        const path = request.url.slice('https://app.test'.length)
        seen.push({ method: 'POST', path, headers: request.headers, body: await request.json() })
        const isValid = request.headers.get('authorization') === valid()
        return isValid ? HttpResponse.json(started) : new HttpResponse('', { status: 401 })
      }),
    )
    return seen
  }

  test('is refreshed once for all waiting calls, and each of them is made once more', async () => {
    let token = 'old'
    let refreshes = 0
    const seen = rejecting(() => 'new')
    const one = backend({
      headers: () => ({ authorization: token }),
      onUnauthorized: async () => {
        refreshes += 1
        await until(() => expect(seen).toHaveLength(4))
        token = 'new'
      },
    })
    await Promise.all([1, 2, 3, 4].map(() => one.open(file, call)))
    expect([refreshes, seen.length]).toEqual([1, 8])
    await one.open(file, call)
    expect([refreshes, seen.length]).toEqual([1, 9])
  })

  test('is refreshed each time it has expired, by an onUnauthorized that gets the means to make calls', async () => {
    let token = 'first'
    let valid = 'second'
    const given: unknown[] = []
    rejecting(() => valid)
    const one = backend({
      headers: () => ({ authorization: token }),
      onUnauthorized: (how) => {
        given.push(how)
        token = valid
      },
    })
    await one.open(file, call)
    valid = 'third'
    await one.open(file, call)
    expect(given).toEqual([{ api: apiTransport }, { api: apiTransport }])
  })

  test('fails the call at once if nothing can refresh it', async () => {
    const seen = rejecting(() => 'new')
    await expect(backend().open(file, call)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(seen).toHaveLength(1)
  })

  test('is not refreshed again for a late answer to a call that was made before the refresh', async () => {
    let [token, refreshes] = ['old', 0]
    const answers: (() => void)[] = []
    server.use(
      http.post('https://app.test/*', async ({ request }) => {
        if (request.headers.get('authorization') === 'new') return HttpResponse.json(started)
        await new Promise<void>((resolve) => answers.push(resolve))
        return new HttpResponse('', { status: 401 })
      }),
    )
    const one = backend({
      headers: () => ({ authorization: token }),
      onUnauthorized: () => {
        refreshes += 1
        token = 'new'
      },
    })
    const [first, second] = [one.open(file, call), one.open(file, call)]
    await until(() => expect(answers).toHaveLength(2))
    answers[0]?.()
    await Promise.race([first, second])
    answers[1]?.()
    expect(await Promise.all([first, second])).toMatchObject([{ session }, { session }])
    expect(refreshes).toBe(1)
  })

  test('does not hold back a call that is aborted, and is still refreshed for the others', async () => {
    let signedIn = (): void => {}
    const seen = rejecting(() => 'new')
    let token = 'old'
    const waiting = new Promise<void>((resolve) => {
      signedIn = resolve
    })
    const one = backend({ headers: () => ({ authorization: token }), onUnauthorized: () => waiting })
    const aborting = new AbortController()
    const first = failureOf(one.sign(session, parts, { ...call, signal: aborting.signal }))
    const second = one.open(file, call)
    await until(() => expect(seen).toHaveLength(2))
    aborting.abort(new Error('enough'))
    expect((await first).message).toBe('enough')
    token = 'new'
    signedIn()
    expect(await second).toMatchObject({ session })
    expect(seen).toHaveLength(3)
  })

  test('leaves no listener on the signal of a call', async () => {
    let token = 'old'
    rejecting(() => 'new')
    const one = backend({
      headers: () => ({ authorization: token }),
      onUnauthorized: () => {
        token = 'new'
      },
    })
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await one.open(file, { ...call, signal })
    const left = added.mock.calls.filter(
      ([, listener, options]) =>
        !(typeof options === 'object' && options.signal?.aborted) &&
        !removed.mock.calls.some(([, other]) => other === listener),
    )
    expect([added.mock.calls.length > 0, left]).toEqual([true, []])
  })

  test('fails the call after a second 401, or with the error of the refresh itself', async () => {
    rejecting(() => 'never')
    const unauthorized = { code: 'unauthorized', status: 401, retryable: false }
    await expect(backend({ onUnauthorized: () => {} }).open(file, call)).rejects.toMatchObject(unauthorized)
    const failing = backend({ onUnauthorized: () => Promise.reject(new Error('signed out')) })
    await expect(failing.open(file, call)).rejects.toThrow('signed out')
  })
})

describe('an error inside a 2xx of complete', () => {
  const receipts = [{ number: 1, size: 10, etag: '"a"' }]
  const completing = (body: string) => {
    answering(() => new HttpResponse(body, { status: 200 }))
    return backend().complete(session, receipts, whole, call)
  }

  test.each([
    '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>again</Message></Error>',
    '{"error":{"code":"InternalError","message":"again"}}',
    '{"success":false,"error":{"code":"InternalError","message":"again"}}',
  ])('may be retried if it is temporary: %s', async (body) => {
    await expect(completing(body)).rejects.toMatchObject({
      code: 'http',
      status: 200,
      serviceCode: 'InternalError',
      retryable: true,
    })
  })

  test.each(['{"success":false}', '{"success":false,"message":"again"}'])(
    'fails without a retry if the body says no more than that: %s',
    async (body) => {
      await expect(completing(body)).rejects.toMatchObject({ code: 'http', status: 200, retryable: false })
    },
  )

  test.each(['<!doctype html><title>App</title>', '\n<!DOCTYPE HTML>\n<html>', '<html lang="en">'])(
    'is reported if the body is a page, as from a server that answers every path with one: %j',
    async (body) => {
      await expect(completing(body)).rejects.toMatchObject({
        code: 'backend',
        endpoint: 'complete',
        field: 'body',
      })
    },
  )

  test('is found even if a function of the application has read the body', async () => {
    for (const said of [{ success: false }, { error: 'no' }, '<Error><Code>InvalidPart</Code></Error>']) {
      const own = backend({ endpoints: { complete: () => said } })
      await expect(own.complete(session, receipts, whole, call)).rejects.toMatchObject({ code: 'http' })
    }
    const circular: { self?: unknown } = {}
    circular.self = circular
    for (const said of [{ key: 'k' }, circular, new Map(), undefined, 7n]) {
      const own = backend({ endpoints: { complete: () => said } })
      await expect(own.complete(session, receipts, whole, call)).resolves.toEqual({ key: session.key })
    }
  })

  test('is not retried if its code rules that out', async () => {
    await expect(completing('<Error><Code>InvalidPart</Code></Error>')).rejects.toMatchObject({
      serviceCode: 'InvalidPart',
      retryable: false,
    })
    await expect(completing('<Error><Code>NoSuchUpload</Code></Error>')).rejects.toMatchObject({
      code: 'session-lost',
    })
  })

  test.each([
    '',
    'OK',
    '{"key":"k"}',
    '{"error":null}',
    // How PHP writes an empty value.
    '{"success":true,"error":[]}',
    '<p>Stored</p>',
    '{"key":"<Error>.log"}',
    '{"key":"<html>"}',
    '<CompleteMultipartUploadResult/>',
  ])('is not suspected in %j', async (body) => {
    await expect(completing(body)).resolves.toEqual({ key: session.key })
  })
})

describe('status', () => {
  const asking = (answer: () => Response) => {
    const seen = answering(answer)
    const { status } = backend({ endpoints: { status: '/status' } })
    return { seen, state: status?.(session, call) }
  }

  test("posts to the upload's path and reads the state", async () => {
    for (const state of ['open', 'gone'] as const)
      expect(await asking(() => HttpResponse.json({ state })).state).toEqual({ state })
    const { seen, state } = asking(() => HttpResponse.json({ state: 'completed' }))
    expect(await state).toEqual({ state: 'completed', key: session.key })
    expect(seen[0]?.path).toBe('/api/status/VXBs/uploads/abc/video.mp4')
  })

  test('takes 404 for an upload that is gone, and refuses any unknown state', async () => {
    const error = { error: 'no such upload' }
    expect(await asking(() => HttpResponse.json(error, { status: 404 })).state).toEqual({ state: 'gone' })
    const ofProxy = asking(() => new HttpResponse('404 page not found', { status: 404 }))
    await expect(ofProxy.state).rejects.toMatchObject({ code: 'session-lost' })
    await expect(asking(() => HttpResponse.json({ state: 'fine' })).state).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'status',
      field: 'state',
    })
  })

  test('is absent if no endpoint is configured', () => {
    expect(backend().status).toBeUndefined()
  })
})

describe('its endpoints', () => {
  test('may have other methods and paths, with the names wherever the server wants them', async () => {
    const seen = answering(() => HttpResponse.json(started))
    const own = backend({
      endpoints: {
        startUpload: 'PUT /begin',
        complete: 'PATCH /{key}/parts-of/{uploadId}',
        abort: 'DELETE /gone',
      },
    })
    await own.open(file, call)
    await own.complete(session, [], whole, call)
    await own.abort?.(session, call)
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /api/begin',
      'PATCH /api/uploads/abc/video.mp4/parts-of/VXBs',
      'DELETE /api/gone/VXBs/uploads/abc/video.mp4',
    ])
  })

  test('send their fields in the query if the method is GET, which has no body', async () => {
    const seen = answering(() => HttpResponse.json({ state: 'open', parts: [], next: null }))
    const own = backend({
      endpoints: {
        startUpload: 'GET /start',
        status: 'GET /status',
        listParts: 'GET /parts/{uploadId}?shard=7',
      },
    })
    await own.open({ ...file, params: { album: 'a&b' } }, call).catch(() => {})
    expect(await own.status?.(session, call)).toEqual({ state: 'open' })
    expect(await own.reopen?.(session, file, call)).toEqual({ parts: [], source: 'storage' })
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/start?album=a%26b&fileName=video.mp4&fileHash=a1b2c3d4e5f60718&fileSize=104857600',
      'GET /api/status/VXBs/uploads/abc/video.mp4',
      'GET /api/parts/VXBs?shard=7&after=0',
    ])
  })

  test('keep their own query, and that of the base, at the end', async () => {
    const seen = answering(() => HttpResponse.json(started))
    const own = presigned({
      baseUrl: `${base}/?tenant=1`,
      endpoints: { complete: '/complete/?key=k', startUpload: '/start-upload?a=/b' },
    })
    await own.open(file, call)
    await own.sign(session, [], call).catch(() => {})
    await own.complete(session, [], whole, call)
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/start-upload?a=/b&tenant=1',
      '/api/get-upload-urls?tenant=1',
      '/api/complete/VXBs/uploads/abc/video.mp4?key=k&tenant=1',
    ])
  })

  test.each(['FETCH /begin', 'POST /a b', 'a b', 'ftp://x'])(
    'are refused at once if they are invalid: %j',
    (startUpload) => {
      expect(() => presigned({ endpoints: { startUpload } })).toThrow(
        `Expected \`endpoints.startUpload\` to be an http(s) URL or a path, got "${startUpload}"`,
      )
    },
  )

  test('send the size as text if the server insists on that', async () => {
    const seen = answering(() => HttpResponse.json(started))
    await backend({ fileSize: 'string' }).open(file, call)
    expect(seen[0]?.body).toMatchObject({ fileSize: '104857600' })
  })
})

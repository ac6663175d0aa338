import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fragno } from '../../src/backends/fragno.ts'
import { fragnoFile } from '../../src/backends/fragno-file.ts'
import type { FragnoOptions } from '../../src/backends/fragno-options.ts'
import type { FragnoUpload } from '../../src/backends/fragno-session.ts'
import { presignedTarget } from '../../src/backends/presigned-target.ts'
import type { FileDescription, Part } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { fragnoContract } from '../demo/contract/fragno.ts'

const origin = 'https://app.test'
const base = `${origin}/api/uploads`
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

const call = { signal: new AbortController().signal, api: apiTransport }
const digest = 'ab'.repeat(32)
const file: FileDescription = {
  name: 'video.mp4',
  relativePath: '',
  size: 25,
  lastModified: 1,
  type: 'video/mp4',
  digest,
  params: {},
  pictureSize: async () => undefined,
}
const whole = { size: file.size, checksums: {} }
const parts: Part[] = [1, 2, 3].map((number) => ({ number, offset: (number - 1) * 10, size: 10 }))
const receipts = [1, 2, 3].map((number) => ({ number, size: number < 3 ? 10 : 5, etag: `"e${number}"` }))

const strategies = ['direct-single', 'direct-multipart', 'proxy'] as const
type Strategy = (typeof strategies)[number]

/** The query of follow-up calls: values that the adapter could not make up. */
const sticky = '?provider=s3&shard=7%2F1'

const paths: Readonly<Record<Strategy, FragnoUpload['paths']>> = {
  'direct-single': pathsOf('status', 'progress', 'complete', 'abort'),
  'direct-multipart': {
    ...pathsOf('status', 'progress', 'complete', 'abort', 'parts'),
    partsComplete: `/uploads/u1/parts/complete${sticky}`,
  },
  proxy: pathsOf('status', 'progress', 'complete', 'abort', 'content'),
}

function pathsOf(...names: readonly string[]): FragnoUpload['paths'] {
  return Object.fromEntries(names.map((name) => [name, `/uploads/u1/${name}${sticky}`]))
}

function sessionOf(strategy: Strategy): FragnoUpload {
  const partSize = strategy === 'direct-multipart' ? 10 : 25
  return { uploadId: 'u1', fileKey: 'a/b', provider: 's3', strategy, partSize, paths: paths[strategy] }
}

const special: Readonly<Record<Strategy, object>> = {
  'direct-single': { uploadUrl: 'https://s3.test/one', uploadHeaders: { 'Content-Type': 'video/mp4' } },
  'direct-multipart': { partSizeBytes: 10, maxParts: 10_000 },
  proxy: {},
}

function upload(strategy: Strategy): Readonly<Record<string, unknown>> {
  const endpoints = Object.entries(paths[strategy]).map(([name, path]) => [`${name}Endpoint`, path])
  return { mode: 'single', transport: 'direct', ...special[strategy], ...Object.fromEntries(endpoints) }
}

function created(strategy: Strategy): Readonly<Record<string, unknown>> {
  return {
    uploadId: 'u1',
    fileKey: 'a/b',
    provider: 's3',
    status: 'created',
    strategy,
    expiresAt: '2026-08-22T11:00:00.000Z',
    upload: upload(strategy),
  }
}

const stored = {
  fileKey: 'a/b',
  uploaderId: null,
  filename: 'video.mp4',
  sizeBytes: 25,
  contentType: 'video/mp4',
  checksum: { algo: 'sha256', value: digest },
  visibility: 'private',
  tags: null,
  metadata: null,
  status: 'ready',
  provider: 's3',
  createdAt: '2026-08-22T10:00:00.000Z',
  updatedAt: '2026-08-22T10:00:00.000Z',
  completedAt: '2026-08-22T10:00:00.000Z',
  deletedAt: null,
  errorCode: null,
  errorMessage: null,
}

type Seen = { readonly request: string; readonly headers: Headers; readonly body: unknown }
type Responder = (request: string) => Response

/** Gives this answer to every request, and records the request. */
function answering(answer: Responder): Seen[] {
  const seen: Seen[] = []
  server.use(
    http.all(`${origin}/*`, async ({ request }) => {
      const text = await request.text()
      const line = `${request.method} ${request.url.slice(base.length)}`
      seen.push({ request: line, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) })
      return answer(line)
    }),
  )
  return seen
}

/** Answers by method and the beginning of the path; a request without an answer gets a 500. */
function routes(answers: Readonly<Record<string, () => Response>>): Seen[] {
  return answering((line) => {
    const known = Object.entries(answers).find(([start]) => line.startsWith(start))
    return known?.[1]() ?? HttpResponse.json({ error: 'not expected here' }, { status: 500 })
  })
}

const json = (body: unknown) => () => HttpResponse.json(body as never)

const statuses = fragnoContract.codes

const routerCodes = [
  'ROUTE_NOT_FOUND',
  'INVALID_REQUEST_BODY',
  'UNSUPPORTED_MEDIA_TYPE',
  'INTERNAL_SERVER_ERROR',
]

/** The framework's own errors have their text in `error`, the fragment's in `message`. */
function refusing(code: string): () => Response {
  const words = `this is ${code}`
  const body = routerCodes.includes(code) ? { error: words, code } : { message: words, code }
  return () => HttpResponse.json(body, { status: statuses[code] ?? 500 })
}

function backend(options: Partial<FragnoOptions> = {}): ReturnType<typeof fragno> {
  return fragno({ baseUrl: base, ...options })
}

function failure(promise: Promise<unknown> | undefined): Promise<unknown> {
  return Promise.resolve(promise).then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  )
}

describe('create', () => {
  test('posts every detail of the file that is known, and leaves out the rest', async () => {
    const seen = routes({ 'POST /uploads': json(created('direct-multipart')) })
    await backend().open(file, call)
    expect(seen.map(({ request, body }) => ({ request, body }))).toEqual([
      {
        request: 'POST /uploads',
        body: {
          fileKey: `${digest}/video.mp4`,
          filename: 'video.mp4',
          sizeBytes: 25,
          contentType: 'video/mp4',
          checksum: { algo: 'sha256', value: digest },
        },
      },
    ])
  })

  test('names a file without digest and type by its size and date, and calls it application/octet-stream', async () => {
    const seen = routes({ 'POST /uploads': json(created('direct-multipart')) })
    await backend().open({ ...file, digest: undefined, type: '', relativePath: 'dir/video.mp4' }, call)
    expect(seen[0]?.body).toEqual({
      fileKey: '25-1/dir/video.mp4',
      filename: 'video.mp4',
      sizeBytes: 25,
      contentType: 'application/octet-stream',
    })
  })

  test('leaves invisible characters, which no key may have, out of the name of a file', async () => {
    const seen = routes({ 'POST /uploads': json(created('direct-multipart')) })
    await backend().open({ ...file, name: 'a\u0007b\n.mp4' }, call)
    expect(seen[0]?.body).toMatchObject({ fileKey: `${digest}/a_b_.mp4` })
  })

  test.each([
    ['/photos/a.jpg', 'photos/a.jpg'],
    ['./a.jpg', 'a.jpg'],
    ['photos/../.a//b..jpg/', 'photos/.a/b..jpg'],
  ])('makes a default key of %s that the server accepts', async (relativePath, path) => {
    const seen = answering(json(created('direct-single')))
    await backend().open({ ...file, relativePath }, call)
    expect(seen[0]?.body).toMatchObject({ fileKey: `${digest}/${path}` })
  })

  test('makes the same key every time, so that the server finds the upload again', async () => {
    const seen = routes({ 'POST /uploads': json(created('direct-multipart')) })
    const described = { ...file, params: { album: '42' } }
    for (let visit = 0; visit < 2; visit++) await backend({ tags: ['x'] }).open(described, call)
    expect(JSON.stringify(seen[1]?.body)).toBe(JSON.stringify(seen[0]?.body))
    expect(seen[0]?.body).toMatchObject({ tags: ['x'], metadata: { album: '42' } })
  })

  test.each([
    [
      'direct-single',
      25,
      [{ number: 1, url: 'https://s3.test/one', needsEtag: false, credentials: undefined }],
    ],
    ['direct-multipart', 10, []],
    [
      'proxy',
      25,
      [{ number: 1, url: `${base}/uploads/u1/content${sticky}`, needsEtag: false, credentials: 'include' }],
    ],
  ] as const)(
    'reads the answer %s as parts of %i bytes, with their signed URLs',
    async (strategy, partSize, targets) => {
      routes({ 'POST /uploads': json(created(strategy)) })
      const opened = await backend({ credentials: 'include' }).open(file, call)
      expect(opened.session).toEqual(sessionOf(strategy))
      expect([opened.partSize, opened.parts]).toEqual([partSize, []])
      const shown = (opened.targets ?? []).map(({ number, url, needsEtag, credentials }) => ({
        number,
        url,
        needsEtag,
        credentials,
      }))
      expect(shown).toEqual(targets)
    },
  )

  const elsewhere = [
    '/../admin',
    '/a/..',
    '/./a',
    '/a/%2E%2e/b',
    '/a/.%2e?x',
    '/.\t./a',
    '/a\\..\\b',
    '/..#a',
  ]
  const bad = (...row: [field: string, change: object, message: string]) => row

  test.each(['/a/..b/...', '/a?next=/../b', '/a%2F..%2Fb'])(
    'keeps a path with dot segments below the mount: %s',
    async (abortEndpoint) => {
      routes({ 'POST /uploads': json(changed({ abortEndpoint })) })
      const { session } = await backend().open(file, call)
      expect(session).toMatchObject({ paths: { abort: abortEndpoint } })
    },
  )

  test('takes a brace in a path literally', async () => {
    routes({ 'POST /uploads': json(changed({ abortEndpoint: '/{uploadId}/a' })) })
    const { session } = await backend().open(file, call)
    const seen = answering(json({}))
    await backend().abort?.(session, call)
    expect(seen[0]?.request).toMatch(/^POST \/%7BuploadId(}|%7D)\/a$/)
  })

  test.each([
    ['uploadId', { uploadId: '' }, 'a non-empty string, got ""'],
    ['fileKey', { fileKey: 7 }, 'got 7 (number)'],
    ['provider', { provider: undefined }, 'got undefined'],
    ['strategy', { strategy: 'torrent' }, 'one of direct-single, direct-multipart, proxy, got "torrent"'],
    ['expiresAt', { expiresAt: 'soon' }, 'a date, got "soon"'],
    ['upload', { upload: null }, 'an object, got null'],
    ['partSizeBytes', changed({ partSizeBytes: '10' }), 'got "10" (string)'],
    ['partSizeBytes', changed({ partSizeBytes: 0 }), 'a whole number of bytes above 0, got 0'],
    ['statusEndpoint', changed({ statusEndpoint: undefined }), 'a non-empty string'],
    ['abortEndpoint', changed({ abortEndpoint: 'https://evil.test/abort' }), 'a path below the mount'],
    ['abortEndpoint', changed({ abortEndpoint: '//evil.test/abort' }), 'a path below the mount'],
    ['uploadUrl', changed({ uploadUrl: 'javascript:1' }, 'direct-single'), 'an https URL'],
    ['uploadHeaders.a', changed({ uploadHeaders: { a: 1 } }, 'direct-single'), 'a string, got 1'],
    ['uploadHeaders', changed({ uploadHeaders: ['a'] }, 'direct-single'), 'an object, got'],
    ['abortEndpoint', changed({ abortEndpoint: '/\\evil.test/abort' }), 'a path below the mount'],
    ['abortEndpoint', changed({ abortEndpoint: '/\t/evil.test/abort' }), 'a path below the mount'],
    ['contentEndpoint', changed({ contentEndpoint: 'uploads/u1' }, 'proxy'), 'a path below the mount'],
    ...elsewhere.map((abortEndpoint) =>
      bad('abortEndpoint', changed({ abortEndpoint }), 'a path below the mount'),
    ),
  ])('rejects an answer with a bad %s, and names the field: %j', async (field, change, message) => {
    routes({ 'POST /uploads': json({ ...created('direct-multipart'), ...change }) })
    const error = await failure(backend().open(file, call))
    expect(error).toMatchObject({ name: 'BackendError', endpoint: 'create', field })
    expect(String(error)).toContain(message)
  })

  test('leaves out headers that a page cannot set, and keeps all others unchanged', async () => {
    const uploadHeaders = {
      Host: 's3.test',
      'content-length': '25',
      'X-Amz-Meta-A': 'b',
      'sec-x': '1',
      Date: 'd',
    }
    const single = { ...created('direct-single'), upload: { ...upload('direct-single'), uploadHeaders } }
    routes({ 'POST /uploads': json(single) })
    const { targets } = await backend().open(file, call)
    expect(targets?.[0]?.headers).toEqual({ 'X-Amz-Meta-A': 'b' })
  })

  test.each([
    ['the server shows its clock', { date: 'Sat, 22 Aug 2026 10:15:00 GMT' }, 2_700_000],
    ['it does not', {}, undefined],
    ['it is past that already', { date: 'Sat, 22 Aug 2026 12:00:00 GMT' }, undefined],
  ] as const)(
    'returns the lifetime of the session by the clock of the server: %s',
    async (_, headers, expiresIn) => {
      routes({ 'POST /uploads': () => HttpResponse.json(created('direct-multipart'), { headers }) })
      const opened = await backend().open(file, call)
      expect(opened.expiresIn).toBe(expiresIn)
    },
  )

  test('takes the recorded parts of an upload that the server found again', async () => {
    const recorded = [{ partNumber: 2, etag: '"e2"', sizeBytes: 10, createdAt: '2026-08-22T10:00:00.000Z' }]
    const seen = routes({
      'POST /uploads': json({ ...created('direct-multipart'), status: 'in_progress' }),
      'GET /uploads/u1/parts': json({ parts: recorded }),
    })
    const opened = await backend().open(file, call)
    expect(opened.parts).toEqual([{ number: 2, size: 10, etag: '"e2"' }])
    expect(seen[1]?.request).toBe(`GET /uploads/u1/parts${sticky}`)
  })

  test.each(Object.keys(statuses))('reports the answer %s as an error', async (code) => {
    const seen = routes({
      'POST /uploads': refusing(code),
      'GET /files': json({ files: [], hasNextPage: false }),
    })
    const error = await failure(backend().open(file, call))
    const advised = {
      UPLOAD_ALREADY_ACTIVE: 'abort it, let it expire, or choose another fileKey',
      UPLOAD_METADATA_MISMATCH: 'abort it, let it expire, or choose another fileKey',
      FILE_ALREADY_EXISTS: 'delete it, or choose another fileKey',
    }[code]
    expect(error).toMatchObject({
      name: 'HttpError',
      endpoint: 'create',
      status: statuses[code],
      serviceCode: code,
      retryable: ['STORAGE_ERROR', 'INTERNAL_SERVER_ERROR'].includes(code),
    })
    expect(String(error)).toContain(advised ?? `this is ${code}`)
    // After this code the adapter looks up which file holds the key.
    expect(seen).toHaveLength(code === 'FILE_ALREADY_EXISTS' ? 2 : 1)
  })
})

function changed(change: object, strategy: Strategy = 'direct-multipart'): object {
  return { ...created(strategy), upload: { ...upload(strategy), ...change } }
}

describe('a key that is already taken', () => {
  const request = { fileKey: 'a/b', metadata: { a: 1, b: { c: [1, 2] } }, provider: 's3' }
  const there = { ...stored, metadata: { b: { c: [1, 2] }, a: 1 } }

  function taken(files: readonly object[]): Seen[] {
    return routes({
      'POST /uploads': refusing('FILE_ALREADY_EXISTS'),
      'GET /files': json({ files, hasNextPage: false }),
    })
  }

  test('is an upload that is done if this very file has it', async () => {
    const seen = taken([{ ...stored, fileKey: 'a/b2' }, there])
    const own = backend(request)
    const { session, partSize, parts: known } = await own.open(file, call)
    expect([partSize, known]).toEqual([25, [{ number: 1, size: 25, etag: undefined }]])
    expect(await own.complete(session, [], whole, call)).toEqual({ key: 'a/b', details: there })
    expect(await own.status?.(session, call)).toEqual({ state: 'completed', key: 'a/b', details: there })
    expect(await own.reopen?.(session, file, call)).toEqual({ parts: known, source: 'record' })
    expect(await own.sign(session, [], call)).toEqual([])
    await own.abort?.(session, call)
    await own.record?.(session, receipts, call)
    await own.report?.(session, { bytes: 1, parts: 1 }, call)
    expect(seen.map((one) => one.request)).toEqual(['POST /uploads', 'GET /files?prefix=a%2Fb&provider=s3'])
  })

  test.each([
    ['content', { checksum: { algo: 'sha256', value: 'cd'.repeat(32) } }],
    ['notation of the checksum', { checksum: { algo: 'md5', value: digest } }],
    ['size', { sizeBytes: 26 }],
    ['name', { filename: 'other.mp4' }],
    ['type', { contentType: 'text/plain' }],
    ['metadata', { metadata: { a: 2 } }],
    ['state', { status: 'deleted' }],
  ])('is an error if a file of another %s has it', async (_, change) => {
    taken([{ ...there, ...change }])
    expect(await failure(backend(request).open(file, call))).toMatchObject({
      serviceCode: 'FILE_ALREADY_EXISTS',
    })
  })

  test('is not looked up without a checksum', async () => {
    const seen = taken([there])
    const error = await failure(backend(request).open({ ...file, digest: undefined }, call))
    expect(error).toMatchObject({ serviceCode: 'FILE_ALREADY_EXISTS' })
    expect(seen).toHaveLength(1)
  })
})

describe('the digest', () => {
  test.each([
    [{}, 1024 ** 3, 'sha256'],
    [{}, 1024 ** 3 + 1, undefined],
    [{ checksum: 'md5' }, 5, 'md5'],
    [{ checksum: 'none' }, 5, undefined],
    [{ checksumLimit: 4 }, 5, undefined],
    [{ checksumLimit: 0 }, 1, undefined],
    [{ checksumLimit: Number.POSITIVE_INFINITY }, 2 ** 50, 'sha256'],
  ] as const)('for options %j and %i bytes is %s', (options, size, algorithm) => {
    expect(backend(options).fileDigest?.({ ...file, size })).toBe(algorithm)
  })
})

describe('sign', () => {
  test("posts the part numbers to the server's address, and takes each part's headers", async () => {
    // Part 3 was not asked for.
    const answered = [3, 1, 2, 4].map((partNumber) => ({
      partNumber,
      url: `https://s3.test/${partNumber}`,
      ...(partNumber === 2 && { headers: { 'X-A': 'b', host: 's3.test' } }),
    }))
    const seen = routes({ 'POST /uploads/u1/parts': json({ parts: answered }) })
    const targets = await backend().sign(sessionOf('direct-multipart'), parts, call)
    expect(seen.map(({ request, body }) => ({ request, body }))).toEqual([
      { request: `POST /uploads/u1/parts${sticky}`, body: { partNumbers: [1, 2, 3] } },
    ])
    expect(targets).toMatchObject([
      { number: 3, url: 'https://s3.test/3', method: 'PUT' },
      { number: 1, url: 'https://s3.test/1', method: 'PUT' },
      { number: 2, url: 'https://s3.test/2', method: 'PUT' },
    ])
    expect(targets.map(({ headers }) => headers)).toEqual([{}, {}, { 'X-A': 'b' }])
  })

  test.each([
    ['parts', {}, 'a list, got undefined'],
    ['partNumber', { parts: [{ partNumber: '1', url: 'https://s3.test/1' }] }, 'got "1" (string)'],
    ['url of part 1', { parts: [{ partNumber: 1, url: '' }] }, 'an https URL'],
    ['headers', { parts: [{ partNumber: 1, url: 'https://s3.test/1', headers: 'x' }] }, 'an object'],
  ])('rejects an answer with a bad %s, and names the field', async (field, answer, message) => {
    routes({ 'POST /uploads/u1/parts': json(answer) })
    const error = await failure(backend().sign(sessionOf('direct-multipart'), parts, call))
    expect(error).toMatchObject({ name: 'BackendError', endpoint: 'parts', field })
    expect(String(error)).toContain(message)
  })

  test.each(['direct-single', 'proxy'] as const)(
    'asks for the status of a %s upload, which has the target',
    async (strategy) => {
      const seen = routes({ 'GET /uploads/u1/status': json(created(strategy)) })
      const [target] = await backend().sign(sessionOf(strategy), parts.slice(0, 1), call)
      expect(seen.map(({ request }) => request)).toEqual([`GET /uploads/u1/status${sticky}`])
      expect(target?.url).toBe(
        strategy === 'proxy' ? `${base}/uploads/u1/content${sticky}` : 'https://s3.test/one',
      )
    },
  )

  test('for a PUT through the server uses current headers, and the type that the server requires', async () => {
    let count = 0
    const headers = () => ({ Authorization: `Bearer ${++count}`, 'Content-Type': 'application/json' })
    routes({ 'GET /uploads/u1/status': json(created('proxy')) })
    const [target] = await backend({ headers }).sign(sessionOf('proxy'), parts.slice(0, 1), call)
    expect(target?.method).toBe('PUT')
    expect(target?.headers).toEqual({ authorization: 'Bearer 2', 'content-type': 'application/octet-stream' })
    const given = new Headers({ authorization: 'Bearer' })
    const [other] = await backend({ headers: given }).sign(sessionOf('proxy'), parts.slice(0, 1), call)
    expect(other?.headers).toEqual({ authorization: 'Bearer', 'content-type': 'application/octet-stream' })
  })

  test.each(['aborted', 'failed', 'expired'])(
    'says that the session is lost if the status of the upload is %s',
    async (status) => {
      routes({ 'GET /uploads/u1/status': json({ ...created('proxy'), status }) })
      const error = await failure(backend().sign(sessionOf('proxy'), parts.slice(0, 1), call))
      expect(error).toMatchObject({ name: 'SessionLostError' })
      expect(String(error)).toContain(`its status is ${status}`)
    },
  )
})

describe('a refusal of the PUT', () => {
  test.each([
    ['FILE_ALREADY_EXISTS', 'stored'],
    ['UPLOAD_INVALID_STATE', 'session-lost'],
    ['UPLOAD_EXPIRED', 'session-lost'],
    ['STORAGE_ERROR', undefined],
    ['NoSuchUpload', undefined],
    [undefined, undefined],
  ] as const)('with %s means %s', (serviceCode, meaning) => {
    const target = presignedTarget(1, 'https://storage.test/1')
    expect(backend().judge?.({ status: 409, serviceCode }, target)).toBe(meaning)
  })

  test.each([
    [403, undefined],
    [400, 'ExpiredRequest'],
  ])("with %i %s of a single PUT's only URL means that the session is over", async (status, serviceCode) => {
    for (const strategy of strategies) {
      answering(json({ ...created(strategy), parts: [{ partNumber: 1, url: 'https://s3.test/1' }] }))
      const [target] = await backend().sign(sessionOf(strategy), parts.slice(0, 1), call)
      if (target === undefined) throw new Error('Expected a target')
      const meaning = strategy === 'direct-single' ? 'session-lost' : undefined
      expect(backend().judge?.({ status, serviceCode }, target), strategy).toBe(meaning)
    }
  })
})

describe('a session', () => {
  const multipart = sessionOf('direct-multipart')
  const recorded = [{ partNumber: 1, etag: '"e1"', sizeBytes: 10, createdAt: '2026-08-22T10:00:00.000Z' }]

  function reopening(status: object, list: () => Response = json({ parts: recorded })): Seen[] {
    return routes({
      'GET /uploads/u1/status': json({ ...created('direct-multipart'), ...status }),
      'GET /uploads/u1/parts': list,
    })
  }

  test('has the parts that clients have recorded when it is reopened', async () => {
    const seen = reopening({ status: 'in_progress' })
    expect(await backend().reopen?.(multipart, file, call)).toEqual({
      parts: [{ number: 1, size: 10, etag: '"e1"' }],
      source: 'record',
    })
    expect(seen.map(({ request }) => request)).toEqual([
      `GET /uploads/u1/status${sticky}`,
      `GET /uploads/u1/parts${sticky}`,
    ])
  })

  test.each([
    ['ROUTE_NOT_FOUND', refusing('ROUTE_NOT_FOUND')],
    ['a plain 404', () => new HttpResponse(null, { status: 404 })],
  ])('goes on with the local receipts if the server has no list: %s', async (_, list) => {
    reopening({}, list)
    expect(await backend().reopen?.(multipart, file, call)).toEqual({ parts: [], source: 'record' })
  })

  test.each(['direct-single', 'proxy'] as const)(
    'of one request is sent again, without asking for a list: %s',
    async (strategy) => {
      const seen = routes({ 'GET /uploads/u1/status': json(created(strategy)) })
      expect(await backend().reopen?.(sessionOf(strategy), file, call)).toEqual({
        parts: [],
        source: 'record',
      })
      expect(seen).toHaveLength(1)
    },
  )

  test('is not taken for empty if its list fails in another way', async () => {
    reopening({}, refusing('INTERNAL_SERVER_ERROR'))
    expect(await failure(backend().reopen?.(multipart, file, call))).toMatchObject({ status: 500 })
  })

  test.each([
    ['partNumber', { partNumber: 0 }],
    ['etag', { etag: '' }],
    ['sizeBytes', { sizeBytes: '10' }],
  ])('whose list has a bad %s is an error that names the field', async (field, change) => {
    reopening({}, json({ parts: [{ ...recorded[0], ...change }] }))
    expect(await failure(backend().reopen?.(multipart, file, call))).toMatchObject({
      name: 'BackendError',
      endpoint: 'listParts',
      field,
    })
  })

  test('has all its parts and the details of the file if it is completed', async () => {
    const seen = routes({
      'GET /uploads/u1/status': json({ ...created('direct-multipart'), status: 'completed' }),
      'GET /files/by-key': json(stored),
    })
    const reopened = await backend().reopen?.(multipart, file, call)
    const sizes = reopened?.parts.map(({ number, size, etag }) => [number, size, etag])
    expect(sizes).toEqual([
      [1, 10, undefined],
      [2, 10, undefined],
      [3, 5, undefined],
    ])
    const unproven = receipts.map((receipt) => ({ ...receipt, etag: receipt.number === 2 ? '' : 'e' }))
    expect(await backend().complete(multipart, unproven, whole, call)).toEqual({
      key: 'a/b',
      details: stored,
    })
    // Without all ETags there is nothing to complete with, but here nothing needs to be completed.
    const status = `GET /uploads/u1/status${sticky}`
    expect(seen.map(({ request }) => request)).toEqual([
      status,
      status,
      'GET /files/by-key?provider=s3&key=a%2Fb',
    ])
  })

  test.each([
    ['aborted', {}],
    ['failed', {}],
    ['expired', {}],
    ['in_progress', { date: 'Sat, 22 Aug 2026 11:00:00 GMT' }],
  ])('with the status %s is lost, and gone: %j', async (status, headers) => {
    const answer = { ...created('direct-multipart'), status }
    routes({ 'GET /uploads/u1/status': () => HttpResponse.json(answer, { headers }) })
    expect(await failure(backend().reopen?.(multipart, file, call))).toMatchObject({
      name: 'SessionLostError',
      message: expect.stringContaining(`its status is ${status === 'in_progress' ? 'expired' : status}`),
    })
    expect(await backend().status?.(multipart, call)).toEqual({ state: 'gone' })
  })

  test('that the server called expired is gone, even if neither its status nor a clock shows that', async () => {
    routes({
      'GET /uploads/u1/status': json(created('direct-multipart')),
      'POST /uploads/u1/complete': refusing('UPLOAD_EXPIRED'),
    })
    const one = backend()
    expect(await one.status?.(multipart, call)).toEqual({ state: 'open' })
    await failure(one.complete(multipart, receipts, whole, call))
    expect(await one.status?.(multipart, call)).toEqual({ state: 'gone' })
    expect(await one.status?.({ ...multipart, uploadId: 'u2' }, call)).toEqual({ state: 'open' })
  })

  test("is open until it expires by the server's clock, whatever this machine's clock says", async () => {
    routes({
      'GET /uploads/u1/status': () =>
        HttpResponse.json(created('direct-multipart'), {
          headers: { date: 'Sat, 22 Aug 2026 10:59:59 GMT' },
        }),
    })
    expect(await backend().status?.(multipart, call)).toEqual({ state: 'open' })
  })

  test('is reported as completed even if the file cannot be described', async () => {
    for (const answer of [refusing('ROUTE_NOT_FOUND'), refusing('INTERNAL_SERVER_ERROR'), json([])]) {
      routes({
        'GET /uploads/u1/status': json({ ...created('direct-multipart'), status: 'completed' }),
        'GET /files/by-key': answer,
      })
      expect(await backend().status?.(multipart, call)).toEqual({ state: 'completed', key: 'a/b' })
    }
  })

  test('is not reported as completed if it is stopped while the file is being described', async () => {
    const stopping = new AbortController()
    routes({
      'GET /uploads/u1/status': json({ ...created('direct-multipart'), status: 'completed' }),
      'GET /files/by-key': () => {
        stopping.abort(new Error('enough'))
        return HttpResponse.json(stored)
      },
    })
    const status = backend().status?.(multipart, { ...call, signal: stopping.signal })
    expect(String(await failure(status))).toBe('Error: enough')
  })

  test('of a file that exists but is described badly is an error that names the field', async () => {
    const complete = backend().complete({ file: { ...stored, fileKey: '' } }, [], whole, call)
    expect(await failure(complete)).toMatchObject({ code: 'backend', endpoint: 'file', field: 'fileKey' })
  })

  test('with a status outside the contract is an error that names it', async () => {
    routes({ 'GET /uploads/u1/status': json({ ...created('direct-multipart'), status: 'asleep' }) })
    expect(await failure(backend().status?.(multipart, call))).toMatchObject({
      name: 'BackendError',
      endpoint: 'status',
      field: 'status',
    })
  })

  test('records its parts with their sizes, and with ETags unchanged', async () => {
    const seen = routes({ 'POST /uploads/u1/parts/complete': json({ bytesUploaded: 25, partsUploaded: 3 }) })
    await backend().record?.(multipart, receipts, call)
    expect(seen.map(({ request, body }) => ({ request, body }))).toEqual([
      {
        request: `POST /uploads/u1/parts/complete${sticky}`,
        body: {
          parts: [
            { partNumber: 1, etag: '"e1"', sizeBytes: 10 },
            { partNumber: 2, etag: '"e2"', sizeBytes: 10 },
            { partNumber: 3, etag: '"e3"', sizeBytes: 5 },
          ],
        },
      },
    ])
  })

  test('reports its progress, unless the server sees that itself', async () => {
    const seen = routes({ 'POST /uploads/u1/progress': json({ bytesUploaded: 20, partsUploaded: 2 }) })
    for (const strategy of strategies) {
      await backend().report?.(sessionOf(strategy), { bytes: 20, parts: 2 }, call)
      if (strategy !== 'direct-multipart') await backend().record?.(sessionOf(strategy), receipts, call)
    }
    const report = {
      request: `POST /uploads/u1/progress${sticky}`,
      body: { bytesUploaded: 20, partsUploaded: 2 },
    }
    expect(seen.map(({ request, body }) => ({ request, body }))).toEqual([report, report])
  })
})

describe('complete', () => {
  test.each([
    ['direct-single', {}],
    [
      'direct-multipart',
      {
        parts: [
          { partNumber: 1, etag: '"e1"' },
          { partNumber: 2, etag: '"e2"' },
          { partNumber: 3, etag: '"e3"' },
        ],
      },
    ],
  ] as const)('posts for %s %j', async (strategy, body) => {
    const seen = routes({ 'POST /uploads/u1/complete': json(stored) })
    const done = await backend().complete(sessionOf(strategy), receipts, whole, call)
    expect(seen.map((one) => [one.request, one.body])).toEqual([[`POST /uploads/u1/complete${sticky}`, body]])
    expect(done).toEqual({ key: 'a/b', details: stored })
  })

  test.each([
    ['published', { kind: 'published', file: stored }, { key: 'a/b', details: stored }],
    ['prepared', { kind: 'prepared', write: { uploadId: 'u1', fileKey: 'a/b' } }, { key: 'a/b' }],
  ])('understands an answer that is %s', async (_, answer, result) => {
    routes({ 'POST /uploads/u1/complete': json(answer) })
    expect(await backend().complete(sessionOf('direct-multipart'), receipts, whole, call)).toEqual(result)
  })

  test.each([
    ['fileKey', { ...stored, fileKey: '' }],
    ['kind', { kind: 'lost' }],
    ['file', { kind: 'published' }],
    ['body', []],
  ])('rejects an answer with a bad %s, and names the field', async (field, answer) => {
    routes({ 'POST /uploads/u1/complete': json(answer) })
    const error = await failure(backend().complete(sessionOf('direct-multipart'), receipts, whole, call))
    expect(error).toMatchObject({ name: 'BackendError', endpoint: 'complete', field })
  })

  test('asks for the outcome of an upload that went through the server', async () => {
    const seen = routes({
      'GET /uploads/u1/status': json({ ...created('proxy'), status: 'completed' }),
      'GET /files/by-key': json(stored),
    })
    const done = await backend().complete(sessionOf('proxy'), receipts.slice(0, 1), whole, call)
    expect(done).toEqual({ key: 'a/b', details: stored })
    expect(seen).toHaveLength(2)
  })

  test('rejects if an upload that went through the server is not completed', async () => {
    routes({ 'GET /uploads/u1/status': json(created('proxy')) })
    expect(
      await failure(backend().complete(sessionOf('proxy'), receipts.slice(0, 1), whole, call)),
    ).toMatchObject({
      name: 'BackendError',
      endpoint: 'status',
      field: 'status',
      message: expect.stringContaining('to be completed, got "created"'),
    })
  })

  test.each([
    ['UPLOAD_NOT_FOUND', 'SessionLostError', 'session-lost'],
    ['UPLOAD_EXPIRED', 'SessionLostError', 'session-lost'],
    ['INVALID_CHECKSUM', 'FileChangedError', 'file-changed'],
    ['FILE_ALREADY_EXISTS', 'HttpError', 'http'],
    ['UPLOAD_INVALID_STATE', 'HttpError', 'http'],
    ['PROVIDER_MISMATCH', 'HttpError', 'http'],
    ['STORAGE_ERROR', 'HttpError', 'http'],
    ['INTERNAL_SERVER_ERROR', 'HttpError', 'http'],
    ['FRAGNO_VALIDATION_ERROR', 'HttpError', 'http'],
    ['ROUTE_NOT_FOUND', 'HttpError', 'http'],
  ])('after the answer %s rejects with %s', async (serviceCode, name, code) => {
    const seen = routes({
      'POST /uploads/u1/complete': refusing(serviceCode),
      'GET /uploads/u1/status': json(created('direct-multipart')),
    })
    const error = await failure(backend().complete(sessionOf('direct-multipart'), receipts, whole, call))
    expect(error).toMatchObject({ name, code })
    // Only an internal failure of the server may have taken effect.
    expect(seen).toHaveLength((statuses[serviceCode] ?? 0) < 500 ? 1 : 2)
    expect(String(error)).toContain(`this is ${serviceCode}`)
  })

  test('makes no further call if no answer came, since the engine finds out the outcome', async () => {
    const seen = answering(() => HttpResponse.error())
    expect(
      await failure(backend().complete(sessionOf('direct-multipart'), receipts, whole, call)),
    ).toMatchObject({ name: 'NetworkError' })
    expect(seen).toHaveLength(1)
  })

  test.each([
    ['STORAGE_ERROR', 'completed', { key: 'a/b', details: stored }],
    ['STORAGE_ERROR', 'failed', { name: 'SessionLostError' }],
    ['STORAGE_ERROR', 'in_progress', { name: 'HttpError', status: 502 }],
    ['INTERNAL_SERVER_ERROR', 'completed', { key: 'a/b', details: stored }],
  ])('after %s asks for the outcome: %s', async (code, status, outcome) => {
    routes({
      'POST /uploads/u1/complete': refusing(code),
      'GET /uploads/u1/status': json({ ...created('direct-multipart'), status }),
      'GET /files/by-key': json(stored),
    })
    const done = await backend()
      .complete(sessionOf('direct-multipart'), receipts, whole, call)
      .catch((error: unknown) => error)
    expect(done).toMatchObject(outcome)
  })

  test('stays a STORAGE_ERROR if the status cannot be read either', async () => {
    routes({ 'POST /uploads/u1/complete': refusing('STORAGE_ERROR') })
    expect(
      await failure(backend().complete(sessionOf('direct-single'), receipts.slice(0, 1), whole, call)),
    ).toMatchObject({ name: 'HttpError', serviceCode: 'STORAGE_ERROR' })
  })
})

describe('every follow-up call', () => {
  const multipart = sessionOf('direct-multipart')
  const calls = {
    parts: () => backend().sign(multipart, parts, call),
    status: async () => backend().reopen?.(multipart, file, call),
    complete: () => backend().complete(multipart, receipts, whole, call),
    partsComplete: async () => backend().record?.(multipart, receipts, call),
    progress: async () => backend().report?.(multipart, { bytes: 1, parts: 1 }, call),
  }
  const all = Object.entries(calls)

  test.each(all)('is a SessionLostError if the server does not know the upload: %s', async (_, request) => {
    for (const code of ['UPLOAD_NOT_FOUND', 'UPLOAD_EXPIRED']) {
      answering(refusing(code))
      expect(await failure(request())).toMatchObject({ name: 'SessionLostError' })
    }
  })

  test.each(all)('is not taken for a lost session if its address is wrong: %s', async (_, request) => {
    answering(refusing('ROUTE_NOT_FOUND'))
    expect(await failure(request())).toMatchObject({ name: 'HttpError', status: 404 })
  })

  test.each(all)('is an error if the provider is another: %s', async (_, request) => {
    answering(refusing('PROVIDER_MISMATCH'))
    expect(await failure(request())).toMatchObject({
      name: 'HttpError',
      status: 409,
      serviceCode: 'PROVIDER_MISMATCH',
    })
  })

  test('for URLs is a SessionLostError in a state that has none', async () => {
    answering(refusing('UPLOAD_INVALID_STATE'))
    expect(await failure(calls.parts())).toMatchObject({ name: 'SessionLostError' })
  })
})

describe('abort', () => {
  const multipart = sessionOf('direct-multipart')

  function aborting(answer: () => Response, status = 'in_progress'): Seen[] {
    return routes({
      'POST /uploads/u1/abort': answer,
      'GET /uploads/u1/status': json({ ...created('direct-multipart'), status }),
    })
  }

  test('posts without a body', async () => {
    const seen = aborting(json({ ok: true }))
    await backend().abort?.(multipart, call)
    expect(seen.map(({ request, body, headers }) => [request, body, headers.get('content-type')])).toEqual([
      [`POST /uploads/u1/abort${sticky}`, undefined, null],
    ])
  })

  test.each([
    ['UPLOAD_NOT_FOUND', 'in_progress'],
    ['UPLOAD_EXPIRED', 'expired'],
    ['UPLOAD_INVALID_STATE', 'aborted'],
    ['UPLOAD_INVALID_STATE', 'completed'],
    ['STORAGE_ERROR', 'completed'],
    ['INTERNAL_SERVER_ERROR', 'aborted'],
  ])('succeeds if the answer is %s and the session is %s', async (code, status) => {
    aborting(refusing(code), status)
    await expect(backend().abort?.(multipart, call)).resolves.toBeUndefined()
  })

  test.each(['STORAGE_ERROR', 'PROVIDER_MISMATCH'])(
    'fails if the answer is %s and the session is open',
    async (code) => {
      aborting(refusing(code))
      expect(await failure(backend().abort?.(multipart, call))).toMatchObject({ serviceCode: code })
    },
  )
})

describe('options', () => {
  test('accept another path and method, or a function, for any call', async () => {
    const asked: unknown[] = []
    const seen = routes({
      'PUT /v2/create': json(created('direct-multipart')),
      'POST /v2/u1/a/b/state': json(created('direct-multipart')),
    })
    const own = backend({
      endpoints: {
        create: 'PUT /v2/create',
        status: 'POST /v2/{uploadId}/{fileKey}/state?p={provider}',
        listParts: async (body) => {
          asked.push(body)
          return { parts: [] }
        },
      },
    })
    const { session } = await own.open(file, call)
    await own.reopen?.(session, file, call)
    expect(seen.map(({ request }) => request)).toEqual(['PUT /v2/create', 'POST /v2/u1/a/b/state?p=s3'])
    expect(asked).toEqual([{ uploadId: 'u1', fileKey: 'a/b', provider: 's3' }])
  })

  test.each([
    ['baseUrl', { baseUrl: 'ftp://x' }, TypeError, /`baseUrl`/],
    ['create', { endpoints: { create: 'ftp://x' } }, TypeError, /`endpoints.create`/],
    ['abort', { endpoints: { abort: 5 as unknown as string } }, TypeError, /`endpoints.abort`/],
    [
      'checksum',
      { checksum: 'crc32' as 'md5' },
      TypeError,
      /`checksum` to be one of sha256, md5, none, got "crc32"/,
    ],
    ['checksumLimit', { checksumLimit: -1 }, RangeError, /`checksumLimit` .* got -1/],
    ['checksumLimit', { checksumLimit: Number.NaN }, RangeError, /`checksumLimit`/],
  ])('refuse a bad %s at once', (_, options, type, message) => {
    expect(() => backend(options)).toThrow(type)
    expect(() => backend(options)).toThrow(message)
  })

  test('that decide where a file goes are part of the name, so that no upload is resumed in place of another', () => {
    const names = [
      {},
      { provider: 'r2' },
      { fileKey: 'a' },
      { fileKey: () => 'a' },
      { provider: 'r2', fileKey: 'b' },
      { visibility: 'public' as const },
      { visibility: () => 'public' as const },
    ].map((options) => backend(options).name)
    expect(names).toEqual([
      `fragno ${base}`,
      `fragno ${base} r2`,
      `fragno ${base} a`,
      `fragno ${base}`,
      `fragno ${base} r2 b`,
      `fragno ${base} public`,
      `fragno ${base}`,
    ])
  })

  test('keep headers out of the session', async () => {
    for (const strategy of strategies) {
      routes({ 'POST /uploads': json(created(strategy)) })
      const { session } = await backend({ headers: { authorization: 'Bearer canary' } }).open(file, call)
      expect(JSON.stringify(session)).not.toContain('canary')
      expect(JSON.stringify(session)).not.toContain('s3.test')
    }
  })
})

describe('the file of the details', () => {
  test('is read field by field', () => {
    expect(fragnoFile(stored)).toEqual(stored)
    expect(fragnoFile({ ...stored, more: 1 })).toEqual(stored)
    expect(fragnoFile(undefined)).toBeUndefined()
    const failed = {
      ...stored,
      status: 'deleted',
      checksum: { algo: 'md5', value: 'a' },
      deletedAt: '2026-08-23T10:00:00.000Z',
      errorCode: 'STORAGE_ERROR',
      errorMessage: 'no room',
    }
    expect(fragnoFile(failed)).toEqual(failed)
  })

  test('has null for fields that the newest source does not send', () => {
    const { createdAt, updatedAt, completedAt, deletedAt, ...rest } = stored
    const none = { createdAt: null, updatedAt: null, completedAt: null, deletedAt: null }
    expect([createdAt, updatedAt, completedAt, deletedAt]).not.toContain(undefined)
    expect(fragnoFile(rest)).toEqual({ ...rest, ...none })
  })

  test('may have empty texts and lists, which the application may have given it', () => {
    const empty = { ...stored, uploaderId: '', tags: [], metadata: {} }
    expect(fragnoFile(empty)).toEqual(empty)
  })

  test.each([
    ['fileKey', { fileKey: null }],
    ['sizeBytes', { sizeBytes: -1 }],
    ['algo', { checksum: { algo: 'crc32', value: 'x' } }],
    ['visibility', { visibility: 'secret' }],
    ['tags` to be a list of strings or null', { tags: [1] }],
    ['tags` to be a list of strings or null', { tags: 'a' }],
    ['metadata', { metadata: ['a'] }],
    ['uploaderId', { uploaderId: 7 }],
    ['status', { status: 'lost' }],
    ['createdAt', { createdAt: 1 }],
  ])('is an error that names the field if its %s is bad: %j', (field, change) => {
    expect(() => fragnoFile({ ...stored, ...change })).toThrow(`details: expected \`${field}`)
  })
})

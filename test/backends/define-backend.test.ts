import { describe, expect, test } from 'vitest'
import { defineBackend, type ServerCalls } from '../../src/backends/define-backend.ts'
import { presignedTarget } from '../../src/backends/presigned-target.ts'
import type { ApiRequest, ApiResponse, BackendCall, FileDescription } from '../../src/ports.ts'

const file: FileDescription = {
  name: 'a.bin',
  relativePath: '',
  size: 10,
  lastModified: 1,
  type: '',
  digest: undefined,
  params: {},
  pictureSize: async () => undefined,
}

/** A server that gives this answer and records the requests. */
function answering(answer: Partial<ApiResponse>): { call: BackendCall; seen: ApiRequest[] } {
  const seen: ApiRequest[] = []
  const api: BackendCall['api'] = {
    send: async (request) => {
      seen.push(request)
      return { status: 200, headers: {}, body: '{}', ...answer }
    },
  }
  return { call: { signal: new AbortController().signal, api }, seen }
}

const define = (options: { baseUrl?: string; limits?: { maxBatch: number; maxParts?: undefined } } = {}) =>
  defineBackend<{ id: string }>({
    name: 'mine',
    ...options,
    headers: { 'x-key': 'k' },
    open: async ({ name }, server) => {
      const answer = await server.post('/things', { query: { name, none: undefined }, body: { name } })
      return { session: { id: answer.text('id') }, partSize: 5 }
    },
    sign: async ({ id }, parts, server) => {
      await server.get('/things/{id}', { path: { id } })
      return parts.map(({ number }) => presignedTarget(number, 'https://s.test/1'))
    },
    complete: async () => ({ key: 'k' }),
    abort: ({ id }, server) => server.delete('/things/{id}', { path: { id } }),
  })

describe('defineBackend', () => {
  test('puts the server in the name, and has the limits of S3 unless others are given', () => {
    const backend = define({ baseUrl: '/api', limits: { maxBatch: 7, maxParts: undefined } })
    expect(backend.name).toBe('mine /api')
    expect(backend.limits).toMatchObject({ maxBatch: 7, maxParts: 10_000, minPartSize: 5 * 1024 * 1024 })
  })

  test.each(['open', 'sign', 'complete'])(
    'throws at once if %s is missing, not after a file was sent',
    (step) => {
      const whole = { name: 'mine', open: define, sign: define, complete: define, [step]: undefined }
      expect(() => defineBackend(whole as never)).toThrow(
        new TypeError(`Expected \`definition\` to have a method \`${step}\`, got {"name":"mine"} (Object)`),
      )
    },
  )

  test('has only the methods that are defined, since the engine asks which exist', () => {
    const { reopen, record, report, status, fileDigest, wholeChecksum, judge } = define()
    expect([reopen, record, report, status, fileDigest, wholeChecksum, judge]).toEqual(
      Array(7).fill(undefined),
    )
  })

  test('joins paths to the base, fills in the names, adds the query and sends the headers', async () => {
    const { call, seen } = answering({ body: '{"id":"1"}' })
    await define({ baseUrl: 'https://app.test/api/' }).open(file, call)
    await define().sign({ id: 'a/b c' }, [], call)
    await define().abort?.({ id: '1' }, call)
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: 'https://app.test/api/things?name=a.bin',
        headers: { 'x-key': 'k' },
        json: { name: 'a.bin' },
      },
      { method: 'GET', url: '/things/a%2Fb%20c', headers: { 'x-key': 'k' } },
      { method: 'DELETE', url: '/things/1', headers: { 'x-key': 'k' } },
    ])
    expect(seen[1]).not.toHaveProperty('json')
  })

  test('passes what the engine gives to each of the functions, with a server to call', async () => {
    const { call, seen } = answering({})
    const got: unknown[][] = []
    const keep =
      <T>(answer: T) =>
      async (...given: unknown[]): Promise<T> => {
        const server = given.find(
          (one) => typeof one === 'object' && one !== null && 'patch' in one,
        ) as ServerCalls
        await server.patch('/things', { body: { n: got.length } })
        await server.put('/things')
        got.push(given.filter((one) => one !== server))
        return answer
      }
    const fileDigest = (): 'md5' => 'md5'
    const wholeChecksum = (): 'crc32c' => 'crc32c'
    const judge = (): 'stored' => 'stored'
    const backend = defineBackend<string>({
      name: 'mine',
      fileDigest,
      wholeChecksum,
      judge,
      open: keep({ session: 's', partSize: 5 }),
      sign: keep([]),
      complete: keep({ key: 'k' }),
      reopen: keep({ parts: [], source: 'record' } as const),
      record: keep(1),
      report: keep(1),
      status: keep({ state: 'open' } as const),
      abort: keep(1),
    })
    expect(backend).toMatchObject({ fileDigest, wholeChecksum, judge })
    const receipts = [{ number: 1, size: 5, etag: 'e' }]
    const whole = { size: 5, checksums: {} }
    const stored = { bytes: 5, parts: 1 }
    expect(await backend.complete('s', receipts, whole, call)).toEqual({ key: 'k' })
    expect(await backend.reopen?.('s', file, call)).toEqual({ parts: [], source: 'record' })
    expect(await backend.record?.('s', receipts, call)).toBeUndefined()
    expect(await backend.report?.('s', stored, call)).toBeUndefined()
    expect(await backend.status?.('s', call)).toEqual({ state: 'open' })
    expect(await backend.abort?.('s', call)).toBeUndefined()
    expect(got).toEqual([['s', receipts, whole], ['s', file], ['s', receipts], ['s', stored], ['s'], ['s']])
    expect(seen.slice(0, 2)).toMatchObject([
      { method: 'PATCH', url: '/things', json: { n: 0 } },
      { method: 'PUT', url: '/things' },
    ])
  })

  test('reports an upload that the server does not know as gone', async () => {
    const backend = defineBackend<string>({
      name: 'mine',
      open: async () => ({ session: '', partSize: 5 }),
      sign: async () => [],
      complete: async (_, __, server) => ({ key: (await server.post('/complete')).text('key') }),
      status: async (_, server) => ({ state: (await server.get('/status')).oneOf('state', ['open']) }),
    })
    const { call } = answering({ status: 400, body: '<Error><Code>NoSuchUpload</Code></Error>' })
    expect(await backend.status?.('', call)).toEqual({ state: 'gone' })
    await expect(backend.complete('', [], { size: 0, checksums: {} }, call)).rejects.toMatchObject({
      code: 'session-lost',
    })
  })

  test('rejects an answer without a needed field, and names the call and the field', async () => {
    const { call } = answering({ body: '{}' })
    await expect(define().open(file, call)).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'POST /things',
      field: 'id',
    })
  })

  test.each([404, 410])(
    'takes a %s for a lost session if there is a session, and for nothing left to abort',
    async (status) => {
      const { call } = answering({ status, body: '{}' })
      const backend = define()
      await expect(backend.sign({ id: '1' }, [], call)).rejects.toMatchObject({ code: 'session-lost' })
      await expect(backend.abort?.({ id: '1' }, call)).resolves.toBeUndefined()
      // A wrong address is not a lost upload.
      await expect(backend.open(file, call)).rejects.toMatchObject({ code: 'http', status })
    },
  )

  test('names a call in errors without the query of its path', async () => {
    const { call } = answering({ status: 500 })
    const backend = defineBackend({
      name: 'mine',
      open: async (_, server) => ({ session: (await server.get('/a?key=secret')).text('id'), partSize: 5 }),
      sign: async () => [],
      complete: async () => ({ key: 'k' }),
    })
    await expect(backend.open(file, call)).rejects.toThrow(/^GET \/a answered 500$/)
  })

  test('reads an empty answer as one without fields', async () => {
    const { call } = answering({ status: 204, body: '' })
    await expect(define().abort?.({ id: '1' }, call)).resolves.toBeUndefined()
  })

  test('throws if a name in a path has no value', async () => {
    const backend = defineBackend<string>({
      name: 'mine',
      open: async () => ({ session: '', partSize: 5 }),
      sign: async (_, __, server) => {
        await server.get('/things/{thing}', { path: { id: '1' } })
        return []
      },
      complete: async () => ({ key: 'k' }),
    })
    await expect(backend.sign('', [], answering({}).call)).rejects.toThrow(
      'Expected one of {id} in the path /things/{thing}, got {thing}',
    )
  })

  test('refuses a base that is not an address, at once', () => {
    expect(() => define({ baseUrl: 'ftp://x' })).toThrow('Expected `baseUrl` to be an http(s) URL or a path')
  })
})

test.each([
  ['X-Amz-Expires=900', 900_000],
  ['X-Goog-Expires=60', 60_000],
  ['X-Amz-Expires=0', undefined],
  ['expires=900', undefined],
])('a presigned URL with %s is valid for %s ms', (query, validFor) => {
  const url = `https://s.test/a?partNumber=1&${query}`
  expect(presignedTarget(1, url)).toEqual({ number: 1, url, method: 'PUT', headers: {}, validFor })
})

import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, call, type Fields } from '../calls.ts'
import { demoForTests } from '../rig.ts'
import { BkendClient } from './client.ts'

// Real servers and real bytes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

const mebibyte = 1024 * 1024

let demo: Demo
let client: BkendClient
let other: BkendClient

beforeAll(async () => {
  demo = await demoForTests()
  client = await BkendClient.signIn(demo)
  other = await BkendClient.signIn(demo, 'someone-else')
})
afterAll(() => demo.close())
afterEach(async () => {
  await client.control('PATCH /settings', { answers: 'bare', errors: 'nested' })
})

const upload = { filename: 'a.txt', contentType: 'text/plain' }

function list(query: Fields = {}, as = client): Promise<Called> {
  return as.call('GET /v1/files', query)
}

describe('an uploaded file comes back byte for byte', () => {
  test('if it was sent in several parts', async () => {
    const bytes = randomBytes(6 * mebibyte)
    const begun = await client.init('several.bin')
    const etags = [
      await client.putPart(begun, 1, bytes.subarray(0, 5 * mebibyte)),
      await client.putPart(begun, 2, bytes.subarray(5 * mebibyte)),
    ]
    const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }))
    const completed = await client.call('POST /v1/files/multipart/complete', { ...begun, parts })
    expect(completed.body).toEqual({ key: begun.key, location: expect.stringContaining(begun.key) })
    const file = { s3Key: begun.key, originalName: 'b', mimeType: 'a/b', size: bytes.length }
    const { body } = await client.call('POST /v1/files', file)
    expect(bytes.equals(await client.download(String(body['id'])))).toBe(true)
  })

  test.each(['plain.txt', '日本語 ファイル.mov', '100% #1? a+b & c=d.bin', '%2F%252e.txt'])(
    'if it was sent in one PUT, whatever its name: %s',
    async (name) => {
      const { fileId } = await client.file(name, {}, 'the bytes')
      expect((await client.download(fileId)).toString()).toBe('the bytes')
    },
  )

  test('if it is empty', async () => {
    const { fileId } = await client.file('empty.txt', {}, '')
    expect(await client.download(fileId)).toHaveLength(0)
  })
})

describe('a signed URL', () => {
  async function put(type: string | undefined): Promise<Response> {
    const { body } = await client.call('POST /v1/files/presigned-url', upload)
    const headers = type === undefined ? {} : { 'content-type': type }
    return fetch(String(body['url']), { method: 'PUT', headers, body: Buffer.from('data') })
  }

  test.each([
    ['text/plain', 200],
    ['text/html', 403],
    [undefined, 403],
  ])('accepts only the Content-Type that it was signed for: %s is %d', async (type, status) => {
    expect((await put(type)).status).toBe(status)
  })

  test.each([
    ['POST /v1/files/presigned-url', async () => upload, 'PUT'],
    [
      'POST /v1/files/multipart/presigned-url',
      async () => ({ ...(await client.init()), partNumber: 1 }),
      'PUT',
    ],
    ['POST /v1/files/:fileId/download-url', () => client.file('a.txt'), 'GET'],
  ] as const)('expires when it is told to: %s', async (endpoint, fields, method) => {
    const given = await fields()
    await client.control('POST /faults', { endpoint, effect: { kind: 'expired-url' } })
    const { body } = await client.call(endpoint, pick(endpoint, given))
    const headers = { 'content-type': 'text/plain' }
    const response = await fetch(String(body['url']), {
      method,
      headers,
      ...(method === 'PUT' && { body: 'a' }),
    })
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('Request has expired')
  })

  /** A registered file has more fields than the path needs. */
  function pick(endpoint: string, fields: Fields): Fields {
    return endpoint.includes(':fileId') ? { fileId: fields['fileId'] } : fields
  }

  test('is not given for a part of an aborted upload', async () => {
    const begun = await client.init()
    const aborted = await client.call('POST /v1/files/multipart/abort', begun)
    expect(aborted.body).toEqual({ success: true, key: begun.key })
    const called = await client.call('POST /v1/files/multipart/presigned-url', { ...begun, partNumber: 1 })
    expect(called).toMatchObject({ status: 404, body: { error: { code: 'file/not-found' } } })
  })
})

describe('the caller', () => {
  test.each([
    ['no API key', { 'x-api-key': '' }, 'Expected the header X-API-Key, got none'],
    [
      'another API key',
      { 'x-api-key': `pk_${'0'.repeat(64)}` },
      'Expected the publishable key of this project',
    ],
    ['a secret key', { 'x-api-key': 'sk_1' }, 'Expected a publishable key'],
    ['no token', { authorization: '' }, 'Expected the header Authorization: Bearer {accessToken}'],
    ['another scheme', { authorization: 'Basic abc' }, 'Expected the header Authorization: Bearer'],
    ['an unknown token', { authorization: 'Bearer abc' }, 'The access token is unknown or has expired'],
  ])('is refused with 401: %s', async (_, headers, message) => {
    const called = await client.call('GET /v1/files', {}, headers)
    const error = { code: 'common/authentication-required', message: expect.stringContaining(message) }
    expect(called).toMatchObject({ status: 401, body: { error } })
  })

  test('is refused once the tokens have expired, and helped by a refresh', async () => {
    const visitor = await BkendClient.signIn(demo)
    await client.control('POST /expire-tokens')
    expect((await list({}, visitor)).status).toBe(401)
    const { refreshToken } = visitor
    const refreshed = await visitor.call('POST /v1/auth/refresh', { refreshToken }, { authorization: '' })
    const authorization = `Bearer ${refreshed.body['accessToken']}`
    expect((await visitor.call('GET /v1/files', {}, { authorization })).status).toBe(200)
    await signInAgain()
  })

  test('can refresh once with each refresh token', async () => {
    const { refreshToken } = await BkendClient.signIn(demo)
    const statuses = [1, 2].map(
      async () => (await client.call('POST /v1/auth/refresh', { refreshToken })).status,
    )
    expect((await Promise.all(statuses)).toSorted()).toEqual([200, 401])
  })

  test('must sign in again after everybody was signed out', async () => {
    const { refreshToken } = client
    await client.control('POST /sign-out-all')
    expect((await list()).status).toBe(401)
    expect((await client.call('POST /v1/auth/refresh', { refreshToken })).status).toBe(401)
    await signInAgain()
  })

  test.each(['two words', '../x', '', 'a'.repeat(41)])('cannot be called %j', async (user) => {
    expect((await call(client.base, 'POST /session', { user })).status).toBe(400)
  })

  async function signInAgain(): Promise<void> {
    client = await BkendClient.signIn(demo)
    other = await BkendClient.signIn(demo, 'someone-else')
  }
})

describe('a registered file', () => {
  test('is returned as it was registered, with an id, its owner and the time', async () => {
    const more = {
      width: 3,
      height: 4,
      visibility: 'shared',
      bucket: 'images',
      metadata: { tags: [], alt: 'x' },
    }
    const { fileId, key } = await client.file('a.txt', more)
    expect((await client.call('GET /v1/files/:fileId', { fileId })).body).toEqual({
      ...more,
      id: fileId,
      s3Key: key,
      originalName: 'a.txt',
      mimeType: 'text/plain',
      size: 4,
      ownerId: 'visitor',
      ownerType: 'user',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
  })

  test('is private by default, and then invisible to others', async () => {
    const { fileId } = await client.file('a.txt')
    expect((await client.call('GET /v1/files/:fileId', { fileId })).body['visibility']).toBe('private')
    for (const endpoint of ['GET /v1/files/:fileId', 'DELETE /v1/files/:fileId', 'PATCH /v1/files/:fileId'])
      expect((await other.call(endpoint, { fileId })).body).toMatchObject({
        error: { code: 'file/not-found' },
      })
  })

  test('can be seen by others if it is not private, but only its owner can change it', async () => {
    const { fileId } = await client.file('a.txt', { visibility: 'public' })
    expect((await other.download(fileId)).toString()).toBe('data')
    const called = await other.call('PATCH /v1/files/:fileId', { fileId, originalName: 'b' })
    expect(called).toMatchObject({ status: 403, body: { error: { code: 'file/access-denied' } } })
  })

  test('changes only in the fields that an update names', async () => {
    const { fileId } = await client.file('a.txt', { metadata: { alt: 'x', tags: ['a'] } })
    const change = { originalName: 'b.txt', visibility: 'public', metadata: { alt: 'y' } }
    const { body } = await client.call('PATCH /v1/files/:fileId', { fileId, ...change })
    expect(body).toMatchObject({ ...change, metadata: { alt: 'y', tags: ['a'] }, size: 4 })
    expect((await client.call('PATCH /v1/files/:fileId', { fileId })).body).toEqual(body)
  })

  test('is deleted with its bytes', async () => {
    const { fileId, key } = await client.file('a.txt')
    expect((await client.call('DELETE /v1/files/:fileId', { fileId })).body).toEqual({})
    const again = { s3Key: key, originalName: 'a', mimeType: 'a/b', size: 4 }
    expect(await client.call('POST /v1/files', again)).toMatchObject({ status: 404 })
    expect((await client.call('GET /v1/files/:fileId', { fileId })).status).toBe(404)
  })

  test('is downloaded under its own name, for a stated time', async () => {
    const { fileId } = await client.file('ä.txt')
    const { body } = await client.call('POST /v1/files/:fileId/download-url', { fileId })
    expect(body).toMatchObject({ filename: 'ä.txt', contentType: 'text/plain', size: 4 })
    expect(Date.parse(String(body['expiresAt'])) - Date.now()).toBeGreaterThan(890_000)
    const response = await fetch(String(body['url']))
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%A4.txt")
  })
})

describe('the list', () => {
  let lister: BkendClient
  beforeAll(async () => {
    lister = await BkendClient.signIn(demo, 'lister')
    await lister.file('one.txt', { bucket: 'files' }, '333')
    await lister.file('two.txt', { visibility: 'shared' }, '1')
    await lister.file('three.md', { bucket: 'images', mimeType: 'text/markdown' }, '22')
  })

  const names = ({ body }: Called) =>
    (body['items'] as Fields[])
      .filter(({ ownerId }) => ownerId === 'lister')
      .map((file) => file['originalName'])

  test.each([
    [{}, ['three.md', 'two.txt', 'one.txt']],
    [{ sortDirection: 'asc' }, ['one.txt', 'two.txt', 'three.md']],
    [{ sortBy: 'size' }, ['one.txt', 'three.md', 'two.txt']],
    [{ sortBy: 'originalName', sortDirection: 'asc' }, ['one.txt', 'three.md', 'two.txt']],
    [{ search: 'T' }, ['three.md', 'two.txt', 'one.txt']],
    [{ search: 'tw' }, ['two.txt']],
    [{ visibility: 'shared' }, ['two.txt']],
    [{ bucket: 'images' }, ['three.md']],
    [{ mimeType: 'text/markdown' }, ['three.md']],
    [{ ownerType: 'user', ownerId: 'lister' }, ['three.md', 'two.txt', 'one.txt']],
    [{ ownerId: 'nobody' }, []],
  ])('for %j has the right files in the right order', async (query, expected) => {
    expect(names(await list({ limit: 100, ...query }, lister))).toEqual(expected)
  })

  test('comes page by page', async () => {
    const query = { ownerId: 'lister', limit: 2 }
    const pages = [await list(query, lister), await list({ ...query, page: 2 }, lister)]
    expect(pages.map(names)).toEqual([['three.md', 'two.txt'], ['one.txt']])
    const counts = { total: 3, limit: 2, totalPages: 2 }
    expect(pages.map(({ body }) => body['pagination'])).toEqual([
      { ...counts, page: 1, hasNextPage: true, hasPrevPage: false },
      { ...counts, page: 2, hasNextPage: false, hasPrevPage: true },
    ])
  })

  test('contains no private files of others', async () => {
    expect((await list({ ownerId: 'lister' }, other)).body['pagination']).toMatchObject({ total: 1 })
  })
})

describe('depending on its settings, the server answers', () => {
  test('with everything wrapped, except answers with their own `success`', async () => {
    await client.control('PATCH /settings', { answers: 'wrapped' })
    const { status, body } = await client.call('POST /v1/files/multipart/init', { ...upload, fileSize: 4 })
    const data = { uploadId: expect.any(String), key: expect.any(String), filename: 'a.txt' }
    expect({ status, body }).toEqual({ status: 200, body: { success: true, data } })
    const { uploadId, key } = body['data'] as Fields
    const aborted = await client.call('POST /v1/files/multipart/abort', { uploadId, key })
    expect(aborted.body).toEqual({ success: true, key })
  })

  test('with flat errors', async () => {
    await client.control('PATCH /settings', { errors: 'flat' })
    const { body } = await client.call('GET /v1/files/:fileId', { fileId: 'none' })
    expect(body).toEqual({ statusCode: 404, error: 'file/not-found', message: 'There is no file none' })
  })

  test.each([{ answers: 'both' }, { errors: 1 }, { colour: 'red' }, []])(
    'with an error to unknown settings: %j',
    async (settings) => {
      expect((await client.control('PATCH /settings', settings)).status).toBe(400)
      const { body } = await client.control('GET /settings')
      expect(body).toEqual({ answers: 'bare', errors: 'nested' })
    },
  )
})

describe('a page of another origin', () => {
  const origin = 'https://app.example'

  test("may call with the contract's headers", async () => {
    const response = await fetch(`${client.base}/v1/files/abc`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PATCH' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toBe('Authorization,Content-Type,X-API-Key')
    expect(response.headers.get('access-control-allow-methods')).toBe('GET,POST,PATCH,DELETE')
  })

  test.each([
    ['success', {}, 200],
    ['a refusal', { 'x-api-key': '' }, 401],
    ['no endpoint', {}, 404],
  ])('may read the answer: %s', async (what, more, status) => {
    const path = what === 'no endpoint' ? 'GET /v2/files' : 'GET /v1/files'
    const called = await client.call(path, {}, { origin, ...more })
    expect(called.status).toBe(status)
    expect(called.headers.get('access-control-allow-origin')).toBe('*')
    expect(called.headers.get('access-control-expose-headers')).toContain('Retry-After')
  })
})

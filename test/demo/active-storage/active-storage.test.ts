import { randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, call } from '../calls.ts'
import { ActiveStorageClient, blobOf, endpointOf, type Place, put, targetOf } from './client.ts'
import { withClients } from './rig.ts'

// Real servers and real bytes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

let demo: Demo
let client: ActiveStorageClient

withClients((one, its) => {
  client = one
  demo = its
})

const data = Buffer.from('data')
const blob = blobOf(data)
const places: readonly Place[] = ['vendor', 'rails']

describe('an uploaded file comes back byte for byte', () => {
  test.each(places)('through the endpoint of %s', async (place) => {
    const bytes = randomBytes(3_000_000)
    const created = await client.create(place, { blob: blobOf(bytes) })
    expect((await put(targetOf(created), bytes)).status).toBe(200)
    expect(bytes.equals(await client.download(created.body['signed_id']))).toBe(true)
  })

  test('if it is empty', async () => {
    const created = await client.create('vendor', { blob: blobOf(Buffer.alloc(0)) })
    expect((await put(targetOf(created), Buffer.alloc(0))).status).toBe(200)
    expect(await client.download(created.body['signed_id'])).toHaveLength(0)
  })

  test.each(['日本語 ファイル.mov', "it's 100% #1 & more!*.bin", '"a"\\b/c.txt', 'ü'])(
    'whatever its name: %s',
    async (name) => {
      const created = await client.create('rails', { blob: blobOf(data, name) })
      expect((await put(targetOf(created), data)).status).toBe(200)
      expect((await client.download(created.body['signed_id'])).equals(data)).toBe(true)
    },
  )

  test('after the same PUT twice, as after a lost answer', async () => {
    const created = await client.create('vendor', { blob })
    for (const _ of [1, 2]) expect((await put(targetOf(created), data)).status).toBe(200)
    expect((await client.download(created.body['signed_id'])).equals(data)).toBe(true)
  })
})

describe('the record', () => {
  test('has the requested fields, and those that the server adds', async () => {
    const { body } = await client.create('rails', {
      blob: { ...blobOf(data, 'x/y.txt'), metadata: { a: 1 } },
    })
    expect(body).toEqual({
      ...blob,
      filename: 'x-y.txt',
      metadata: { a: 1 },
      id: expect.any(Number),
      key: expect.stringMatching(/^[0-9a-z]{28}$/),
      service_name: expect.any(String),
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      signed_id: expect.stringMatching(/^[\w-]+--[0-9a-f]{64}$/),
      direct_upload: { url: expect.any(String), headers: expect.any(Object) },
    })
  })

  test('is a new one for each request', async () => {
    const [one, other] = [await client.create('vendor', { blob }), await client.create('vendor', { blob })]
    for (const field of ['id', 'key', 'signed_id']) expect(one.body[field]).not.toEqual(other.body[field])
  })

  test('is found only by its own signed id, and its bytes only once they are stored', async () => {
    const { body } = await client.create('vendor', { blob })
    expect((await client.find(`${body['signed_id']}0`)).status).toBe(404)
    expect((await client.find(body['id'])).status).toBe(404)
    expect((await client.find(body['signed_id'])).status).toBe(404)
  })
})

describe('the PUT', () => {
  test.each([
    ['other bytes of the same size', Buffer.from('date'), {}, 400, 'BadDigest'],
    ['fewer bytes', Buffer.from('dat'), {}, 403, 'SignatureDoesNotMatch'],
    ['more bytes', Buffer.from('data!'), {}, 403, 'SignatureDoesNotMatch'],
    ['another type', data, { 'Content-Type': 'text/html' }, 403, 'SignatureDoesNotMatch'],
    [
      'another MD5',
      data,
      { 'Content-MD5': blobOf(Buffer.from('x'))['checksum'] },
      403,
      'SignatureDoesNotMatch',
    ],
    ['another disposition', data, { 'Content-Disposition': 'attachment' }, 403, 'SignatureDoesNotMatch'],
  ])('is refused with %s, and nothing is stored', async (_, bytes, more, status, code) => {
    const created = await client.create('vendor', { blob })
    const { url, headers } = targetOf(created)
    const response = await put({ url, headers: { ...headers, ...(more as Record<string, string>) } }, bytes)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(`<Code>${code}</Code>`)
    expect((await client.find(created.body['signed_id'])).status).toBe(404)
  })

  test.each(['Content-Type', 'Content-MD5', 'Content-Disposition'])('needs its header %s', async (name) => {
    const { url, headers } = targetOf(await client.create('vendor', { blob }))
    const fewer = Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name))
    // A Blob without a type adds no Content-Type of its own.
    expect((await put({ url, headers: fewer }, data)).status).toBe(403)
  })

  test('must come within five minutes', async () => {
    const { url } = targetOf(await client.create('rails', { blob }))
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('300')
  })
})

describe('an ordered fault', () => {
  const order = (place: Place, effect: object) =>
    client.control('POST /faults', { endpoint: endpointOf[place], effect })

  test.each(places)('can be a URL that has expired (%s), and the next URL works', async (place) => {
    await order(place, { kind: 'expired-url' })
    const response = await put(targetOf(await client.create(place, { blob })), data)
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('Request has expired')
    expect((await put(targetOf(await client.create(place, { blob })), data)).status).toBe(200)
  })

  test.each(places)('can be an answer without an address for the bytes (%s)', async (place) => {
    await order(place, { kind: 'no-direct-upload' })
    const { status, body } = await client.create(place, { blob })
    expect(status).toBe(200)
    expect(body).toMatchObject({ direct_upload: null, signed_id: expect.any(String) })
  })

  test.each(places)('can be a lost answer (%s), and the record exists', async (place) => {
    const before = await client.create(place, { blob })
    await order(place, { kind: 'cut-answer' })
    await expect(client.create(place, { blob })).rejects.toThrow('fetch failed')
    const after = await client.create(place, { blob })
    expect(after.body['id']).toBe(Number(before.body['id']) + 2)
  })
})

describe('the caller', () => {
  test.each([
    ['no key', ''],
    ['an unknown key', 'abc'],
  ])('is refused by the vendor with 401: %s', async (_, key) => {
    expect((await client.create('vendor', { blob }, { 'x-api-key': key })).status).toBe(401)
  })

  test('is refused by the vendor once the keys have expired', async () => {
    await client.control('POST /expire-keys')
    expect((await client.create('vendor', { blob })).status).toBe(401)
    const again = await ActiveStorageClient.open(demo)
    expect((await again.create('vendor', { blob })).status).toBe(200)
  })

  test.each([
    ['no token', { 'x-csrf-token': '' }],
    ['no cookie', { cookie: '' }],
    ['the token of nobody', { 'x-csrf-token': 'abc' }],
    ['the cookie of nobody', { cookie: '_longhaul_session=abc' }],
    ['a page of another origin', { origin: 'https://app.example' }],
  ])('is refused by Rails with 422: %s', async (_, headers) => {
    expect((await client.create('rails', { blob }, headers)).status).toBe(422)
  })

  test('is refused by Rails with the token of another session', async () => {
    const { body } = await call(client.base, 'POST /session')
    const headers = { 'x-csrf-token': String(body['csrfToken']) }
    expect((await client.create('rails', { blob }, headers)).status).toBe(422)
  })

  test('is refused by Rails once the sessions have expired', async () => {
    await client.control('POST /expire-sessions')
    expect((await client.create('rails', { blob })).status).toBe(422)
  })
})

describe('a page of another origin', () => {
  const origin = 'https://app.example'

  function preflight(place: Place): Promise<Response> {
    const path = endpointOf[place].replace('POST ', '')
    const headers = { origin, 'access-control-request-method': 'POST' }
    return fetch(client.base + path, { method: 'OPTIONS', headers })
  }

  function readable({ headers }: Called): string | null {
    return headers.get('access-control-allow-origin')
  }

  test('may call the vendor, and read failures too', async () => {
    expect((await preflight('vendor')).headers.get('access-control-allow-headers')).toBe(
      'Content-Type,X-API-Key',
    )
    expect(readable(await client.create('vendor', { blob }, { origin }))).toBe('*')
    expect(readable(await client.create('vendor', { blob }, { origin, 'x-api-key': '' }))).toBe('*')
  })

  test('may call Rails with cookies if its origin is in the settings', async () => {
    expect((await preflight('rails')).headers.get('access-control-allow-origin')).toBeNull()
    await client.control('PATCH /settings', { origins: [origin] })
    const { headers } = await preflight('rails')
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('access-control-allow-headers')).toContain('X-CSRF-Token')
    const called = await client.create('rails', { blob }, { origin })
    expect([called.status, readable(called)]).toEqual([200, origin])
  })

  test("differs from a page of the server's own origin, which may call Rails", async () => {
    expect((await client.create('rails', { blob }, { origin: demo.url })).status).toBe(200)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, call } from '../calls.ts'
import { demoForTests } from '../rig.ts'
import { BkendClient } from './client.ts'

// Real servers, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

const endpoint = 'POST /v1/files'

let demo: Demo
let client: BkendClient

beforeAll(async () => {
  demo = await demoForTests()
  client = await BkendClient.signIn(demo)
})
afterAll(() => demo.close())
afterEach(async () => {
  await client.control('DELETE /faults')
})

function order(effect: object, more: object = {}): Promise<Called> {
  return client.control('POST /faults', { endpoint, effect, ...more })
}

async function register(): Promise<() => Promise<Called>> {
  const file = { s3Key: await client.put('a.txt', 'data'), originalName: 'a', mimeType: 'a/b', size: 4 }
  return () => client.call(endpoint, file)
}

const conflict = { status: 409, body: { error: { code: 'file/s3-key-already-exists' } } }

describe('an ordered fault', () => {
  test('can be any documented error, with Retry-After, as often as was ordered', async () => {
    await order({ kind: 'error', code: 'data/rate-limit-exceeded', retryAfter: 2 }, { times: 2 })
    const registering = await register()
    for (const _ of [1, 2]) {
      const called = await registering()
      expect(called.status).toBe(429)
      expect(called.headers.get('retry-after')).toBe('2')
    }
    expect((await registering()).status).toBe(201)
  })

  test('does not apply to a caller who is turned away', async () => {
    await order({ kind: 'error', code: 'file/not-found' })
    expect((await client.call(endpoint, {}, { authorization: '' })).status).toBe(401)
    expect((await client.call(endpoint, {})).status).toBe(404)
  })

  test('can be any answer at all', async () => {
    await order({ kind: 'answer', status: 502, body: '<html>', headers: { 'content-type': 'text/html' } })
    await order({ kind: 'answer', status: 200, body: { id: 7 } })
    await order({ kind: 'answer', status: 503 })
    const registering = await register()
    const [first, second, third] = [await registering(), await registering(), await registering()]
    expect(first).toMatchObject({ status: 502, body: { text: '<html>' } })
    expect(first.headers.get('content-type')).toBe('text/html')
    expect(second).toMatchObject({ status: 200, body: { id: 7 } })
    expect(third).toMatchObject({ status: 503, body: { text: '' } })
    expect((await registering()).status).toBe(201)
  })

  test('can be a late answer', async () => {
    await order({ kind: 'delay', milliseconds: 150 })
    const registering = await register()
    const start = performance.now()
    expect((await registering()).status).toBe(201)
    expect(performance.now() - start).toBeGreaterThan(140)
  })

  test('can cut the connection before anything is done', async () => {
    await order({ kind: 'cut' })
    const registering = await register()
    await expect(registering()).rejects.toThrow('fetch failed')
    expect((await registering()).status).toBe(201)
  })

  test('can lose the answer after everything is done', async () => {
    await order({ kind: 'cut-answer' })
    const registering = await register()
    await expect(registering()).rejects.toThrow('fetch failed')
    expect(await registering()).toMatchObject(conflict)
  })

  test.each([
    { kind: 'error', code: 'file/upload-init-failed', when: 'after' },
    { kind: 'answer', status: 500, body: 'no', when: 'after' },
  ])('can replace the answer after everything is done: %j', async (effect) => {
    await order(effect)
    const registering = await register()
    const called = await registering()
    expect(called.status).toBe(500)
    expect(await registering()).toMatchObject(conflict)
  })

  test('can lose the answer of complete, and repeating it is answered as S3 does: with the same object', async () => {
    await client.control('POST /faults', {
      endpoint: 'POST /v1/files/multipart/complete',
      effect: { kind: 'cut-answer' },
    })
    const begun = await client.init()
    const parts = [{ partNumber: 1, etag: await client.putPart(begun, 1, Buffer.from('data')) }]
    const complete = () => client.call('POST /v1/files/multipart/complete', { ...begun, parts })
    await expect(complete()).rejects.toThrow('fetch failed')
    expect(await complete()).toMatchObject({ status: 200, body: { key: begun.key } })
    const file = { s3Key: begun.key, originalName: 'a', mimeType: 'a/b', size: 4 }
    expect((await client.call(endpoint, file)).status).toBe(201)
  })
})

describe('the list of faults', () => {
  const cut = { endpoint: '*', times: 3, effect: { kind: 'cut' } }

  test('has faults for any endpoint or for one, and shows how often each will still happen', async () => {
    await client.control('PUT /faults', [cut, { endpoint, effect: { kind: 'cut' } }])
    await expect(client.call('GET /v1/files')).rejects.toThrow('fetch failed')
    const { body } = await client.control('GET /faults')
    expect(body['rules']).toEqual([
      { ...cut, times: 2 },
      { endpoint, times: 1, effect: { kind: 'cut' } },
    ])
  })

  test('can be added to, replaced and cleared', async () => {
    const count = async (method: string, rules: unknown = {}) =>
      ((await client.control(`${method} /faults`, rules)).body['rules'] as unknown[]).length
    expect([await count('POST', cut), await count('POST', [cut, cut])]).toEqual([1, 3])
    expect([await count('PUT', cut), await count('DELETE'), await count('GET')]).toEqual([1, 0, 0])
  })

  test.each([
    ['no JSON', '{', 'JSON'],
    ['no object', [1], 'Expected `rule` to be an object'],
    [
      'an unknown endpoint',
      { endpoint: 'GET /', effect: { kind: 'cut' } },
      'Expected `endpoint` to be one of *, ',
    ],
    [
      'an unknown effect',
      { endpoint, effect: { kind: 'explode' } },
      'Expected `effect.kind` to be one of error',
    ],
    ['an effect that the endpoint has not', { endpoint, effect: { kind: 'expired-url' } }, '`effect.kind`'],
    [
      'an unknown code',
      { endpoint, effect: { kind: 'error', code: 'x' } },
      'Expected `effect.code` to be one of',
    ],
    [
      'no status',
      { endpoint, effect: { kind: 'answer' } },
      '`effect.status` to be a whole number from 200 to 599',
    ],
    ['no time', { endpoint, effect: { kind: 'delay' } }, '`effect.milliseconds` to be a whole number'],
    ['not once', { endpoint, times: 0, effect: { kind: 'cut' } }, '`times` to be a whole number from 1'],
    [
      'a field too many',
      { endpoint, effect: { kind: 'cut', when: 'after' } },
      'Unknown field `when` in effect',
    ],
    [
      'no header',
      { endpoint, effect: { kind: 'answer', status: 200, headers: { a: 1 } } },
      '`effect.headers.a`',
    ],
    [
      'no moment',
      { endpoint, effect: { kind: 'answer', status: 200, when: 'never' } },
      '`effect.when` to be one of before, after',
    ],
    [
      'a date that is none',
      { endpoint, effect: { kind: 'error', code: 'file/not-found', retryAfter: -1 } },
      '`effect.retryAfter`',
    ],
  ])('refuses an invalid fault: %s', async (_, rule, message) => {
    const called = await call(
      `${client.base}/_control`,
      'POST /faults',
      typeof rule === 'string' ? rule : JSON.stringify(rule),
    )
    expect(called).toMatchObject({ status: 400, body: { error: expect.stringContaining(message) } })
    expect((await client.control('GET /faults')).body['rules']).toEqual([])
  })

  test('cannot be reached from a page', async () => {
    const control = `${client.base}/_control`
    for (const endpoint of ['POST /faults', 'GET /faults', 'POST /expire-tokens', 'PATCH /settings'])
      expect((await call(control, endpoint, {}, { origin: demo.url })).status).toBe(403)
  })
})

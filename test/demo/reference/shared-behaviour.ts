/** Behaviour that all reference servers share, and that each must therefore show. */
import { describe, expect, test } from 'vitest'
import type { ContractList } from '../contract/contract-list.ts'
import { ReferenceClient } from './reference-client.ts'
import type { Rig } from './rig.ts'

export type SharedBehaviour = {
  readonly contract: ContractList
  rig(): Rig<object>
  /** An endpoint that always answers 200, unless a test changes that. */
  readonly request: string
  readonly body: unknown
  /** Where the error format has the code. */
  codeOf(body: Readonly<Record<string, unknown>>): unknown
}

const page = 'https://app.example'

export function sharedBehaviour(about: SharedBehaviour): void {
  describe('tokens', () => tokens(about))
  describe('a page of another origin', () => crossOrigin(about))
  describe('an ordered fault', () => orders(about))
  describe('_control', () => controlRoutes(about))
}

function tokens({ contract, rig, request, body }: SharedBehaviour): void {
  const status = async (authorization?: string): Promise<number> => {
    const headers = { authorization: authorization ?? '' }
    return (await rig().client.call(request, { body, headers })).status
  }

  test.each([undefined, 'Bearer', 'Bearer wrong', 'Basic ZGVtbzpkZW1v', 'demo-token'])(
    'are refused with 401 if they are %j',
    async (authorization) => expect(await status(authorization)).toBe(401),
  )

  test('expire on order, at once or after some requests, and a new one is accepted', async () => {
    const { control, demo } = rig()
    const client = new ReferenceClient(demo.url, contract)
    client.token = String((await client.done<{ token: string }>('POST /_token')).token)
    control.tokens.expire(2)
    const statuses = []
    for (let call = 0; call < 3; call += 1) statuses.push((await client.call(request, { body })).status)
    expect(statuses).toEqual([200, 200, 401])
    rig().client.token = control.tokens.issue()
    expect((await rig().client.call(request, { body })).status).toBe(200)
  })
}

function crossOrigin({ rig, request, body }: SharedBehaviour): void {
  const [method = '', path = ''] = request.split(' ')

  test('may send everything that the contract needs', async () => {
    const response = await fetch(rig().client.base + path, {
      method: 'OPTIONS',
      headers: {
        origin: page,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')?.split(',')).toContain(method)
    const headers = response.headers.get('access-control-allow-headers')?.toLowerCase().split(',')
    expect(headers).toEqual(expect.arrayContaining(['authorization', 'content-type']))
  })

  test.each([
    ['answers', {}],
    ['refusals', { authorization: 'Bearer wrong' }],
  ])('may read %s, and when to retry', async (_, refusal) => {
    const { headers } = await rig().client.call(request, { body, headers: { origin: page, ...refusal } })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')?.split(',')).toContain('Retry-After')
  })

  test('may read ordered errors', async () => {
    const { client, control } = rig()
    control.faults.add({ endpoint: '*', effect: { kind: 'answer', status: 503 } })
    const { status, headers } = await client.call(request, { body, headers: { origin: page } })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([503, '*'])
  })
}

function orders({ contract, rig, request, body, codeOf }: SharedBehaviour): void {
  test('can be every error of the contract, with its status and in its format', async () => {
    const { client, control } = rig()
    for (const [code, status] of Object.entries(contract.codes)) {
      control.faults.add({ endpoint: request, effect: { kind: 'error', code, message: 'as ordered' } })
      const answer = await client.call(request, { body })
      expect([answer.status, codeOf(answer.body)]).toEqual([status, code])
      expect(JSON.stringify(answer.body)).toContain('as ordered')
    }
  })

  test('happens as often as it was ordered, for its endpoint only, and says when to retry', async () => {
    const { client, control } = rig()
    const [code = ''] = Object.keys(contract.codes)
    control.faults.add({ endpoint: request, times: 2, effect: { kind: 'error', code, retryAfter: 3 } })
    const first = await client.call(request, { body })
    expect(first.headers.get('retry-after')).toBe('3')
    expect(control.faults.rules).toMatchObject([{ endpoint: request, times: 1 }])
    expect((await client.call('GET /nowhere')).status).toBe(404)
    expect((await client.call(request, { body })).status).not.toBe(200)
    expect((await client.call(request, { body })).status).toBe(200)
  })

  test('can be any answer at all', async () => {
    const { client, control } = rig()
    control.faults.add({ endpoint: request, effect: { kind: 'answer', status: 418, body: { tea: true } } })
    expect(await client.call(request, { body })).toMatchObject({ status: 418, body: { tea: true } })
    const html = {
      kind: 'answer',
      status: 502,
      body: '<h1>',
      headers: { 'content-type': 'text/html' },
    } as const
    control.faults.add({ endpoint: request, effect: { ...html, when: 'after' } })
    expect(await client.call(request, { body })).toMatchObject({ status: 502, body: { text: '<h1>' } })
  })

  test('can be a late answer', async () => {
    const { client, control } = rig()
    control.faults.add({ endpoint: request, effect: { kind: 'delay', milliseconds: 60 } })
    const started = performance.now()
    expect((await client.call(request, { body })).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(55)
  })

  test.each(['cut', 'cut-answer'] as const)('can be a missing answer: %s', async (kind) => {
    const { client, control } = rig()
    control.faults.add({ endpoint: request, effect: { kind } })
    await expect(client.call(request, { body })).rejects.toThrow('fetch failed')
    expect((await client.call(request, { body })).status).toBe(200)
  })

  test('can be undone', async () => {
    const { client, control } = rig()
    control.faults.add({ endpoint: request, effect: { kind: 'cut' } })()
    expect((await client.call(request, { body })).status).toBe(200)
  })
}

function controlRoutes({ contract, rig, request, body }: SharedBehaviour): void {
  const open = (route: string, options?: { body?: unknown; headers?: Record<string, string> }) =>
    rig().client.call(route.replace(' ', ' /_control'), options)

  test('orders, lists, replaces and clears faults', async () => {
    const fault = { endpoint: request, times: 2, effect: { kind: 'cut' } }
    expect((await open('POST /faults', { body: fault })).body).toEqual({ rules: [fault] })
    expect((await open('GET /faults')).body).toEqual({ rules: [fault] })
    const late = { endpoint: '*', times: 1, effect: { kind: 'delay', milliseconds: 1 } }
    expect((await open('PUT /faults', { body: [late] })).body).toEqual({ rules: [late] })
    expect((await open('DELETE /faults')).body).toEqual({ rules: [] })
    expect((await rig().client.call(request, { body })).status).toBe(200)
  })

  test.each([
    [{ endpoint: 'nothing', effect: { kind: 'cut' } }, 'Expected `endpoint` to be one of *'],
    [
      { endpoint: request, times: 0, effect: { kind: 'cut' } },
      'Expected `times` to be a whole number from 1',
    ],
    [{ endpoint: request, effect: { kind: 'explode' } }, 'Expected `effect.kind` to be one of error'],
    [{ endpoint: request, effect: { kind: 'error', code: 'NONE' } }, 'Expected `code` to be one of'],
    [
      { endpoint: request, effect: { kind: 'answer', status: 42 } },
      'Expected `status` to be a whole number from 200',
    ],
    [
      { endpoint: request, effect: { kind: 'answer', status: 500, when: 'never' } },
      'Expected `when` to be one of',
    ],
    [
      { endpoint: request, effect: { kind: 'delay', milliseconds: '1' } },
      'Expected `milliseconds` to be a whole',
    ],
    [{ endpoint: request, effect: { kind: 'cut', after: 1 } }, 'Unknown field `after` in effect'],
    [{ endpoint: request, effect: { kind: 'cut' }, often: 1 }, 'Unknown field `often` in rule'],
  ])('refuses %j', async (fault, message) => {
    const answer = await open('POST /faults', { body: fault })
    expect(answer.status).toBe(400)
    expect(answer.body['error']).toContain(message)
  })

  test('changes settings, or none of them if one is wrong', async () => {
    const before = (await open('GET /settings')).body
    const changed = await open('PATCH /settings', { body: { urlLifetime: 1_000 } })
    expect(changed.body).toEqual({ ...before, urlLifetime: 1_000 })
    const wrong = await open('PATCH /settings', { body: { urlLifetime: 2_000, colour: 'red' } })
    expect(wrong).toMatchObject({ status: 400, body: { error: expect.stringContaining('`colour`') } })
    expect((await open('GET /settings')).body['urlLifetime']).toBe(1_000)
  })

  test('expires tokens and sessions', async () => {
    expect((await open('POST /expire-tokens', { body: { after: 1 } })).status).toBe(200)
    const statuses = [await rig().client.call(request, { body }), await rig().client.call(request, { body })]
    expect(statuses.map(({ status }) => status)).toEqual([200, 401])
    rig().client.token = rig().control.tokens.issue()
    expect((await open('POST /expire-sessions')).status).toBe(200)
  })

  test('cannot be called by pages', async () => {
    const answer = await open('GET /settings', { headers: { origin: new URL(rig().demo.url).origin } })
    expect(answer.status).toBe(403)
  })

  test("knows the contract's endpoints", () => {
    expect([...rig().control.faults.terms.endpoints].sort()).toEqual(Object.keys(contract.endpoints).sort())
  })
}

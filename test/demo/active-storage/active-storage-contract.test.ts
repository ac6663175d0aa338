import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, coverageAt, type Fields } from '../calls.ts'
import { activeStorageContract } from '../contract/active-storage.ts'
import { demoForTests } from '../rig.ts'
import { ActiveStorageClient, blobEndpoint, blobOf, endpointOf, type Place, put, targetOf } from './client.ts'

// Real servers, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

type Listed = (typeof activeStorageContract.endpoints)[number]
type Endpoint = Listed['route']
type ListedError = (typeof activeStorageContract.errors)[number]
type OnOrder = Extract<ListedError, { onOrder: true }>['code']

let demo: Demo
let client: ActiveStorageClient

beforeAll(async () => {
  demo = await demoForTests()
  client = await ActiveStorageClient.open(demo)
})
afterAll(() => demo.close())
afterEach(async () => {
  await client.control('PATCH /settings', { validation: 'list' })
})

const data = Buffer.from('data')
const blob = blobOf(data)
const places: readonly Place[] = ['vendor', 'rails']

/** A request that succeeds, for each endpoint. */
const good: Readonly<Record<Endpoint, () => Promise<Called>>> = {
  [endpointOf.vendor]: () => client.create('vendor', { blob }),
  [endpointOf.rails]: () => client.create('rails', { blob: { ...blob, metadata: { album: '42' } } }),
  [blobEndpoint]: async () => {
    const created = await client.create('vendor', { blob })
    await put(targetOf(created), data)
    return client.find(created.body['signed_id'])
  },
}

describe('the endpoint answers as documented', () => {
  test.each(activeStorageContract.endpoints)('$route', async ({ route, status, answer }) => {
    const called = await good[route]()
    expect(called.status).toBe(status)
    expect(Object.keys(called.body)).toEqual(expect.arrayContaining([...answer]))
  })

  test.each(places)('and has each header for the PUT (%s)', async (place) => {
    const { headers } = targetOf(await client.create(place, { blob }))
    expect(Object.keys(headers)).toEqual(activeStorageContract.headers)
    expect(headers).toMatchObject({ 'Content-Type': 'text/plain', 'Content-MD5': blob['checksum'] })
  })
})

/** Invalid values for a field, each with a part of the message. */
type Wrong = readonly [value: unknown, message: string]
type Field = Listed['fields'][number]

const text = (field: string): Wrong[] => [
  [7, `Expected \`blob.${field}\` to be a string, got 7`],
  ['', `Expected \`blob.${field}\` to be a string that is not empty, got ""`],
  [undefined, `Expected \`blob.${field}\` to be a string, got nothing`],
]

/** One entry for each field; the types make sure that none is missing. */
const wrong: Readonly<Record<Field, readonly Wrong[]>> = {
  filename: text('filename'),
  content_type: [
    ...text('content_type'),
    ['text', 'Expected `blob.content_type` to be a MIME type, got "text"'],
  ],
  byte_size: ['4', -1, 0.5, 5 * 1024 ** 3 + 1, undefined].map((value) => [
    value,
    `Expected \`blob.byte_size\` to be a whole number from 0 to 5368709120, got ${JSON.stringify(value) ?? 'nothing'}`,
  ]),
  checksum: [
    ...text('checksum'),
    ['8d777f385d3dfec8815d20f7496026dc', 'the Base64 of an MD5 (16 bytes), got "8d777f'],
    ['jXd/OF09/siBXSD3SWAm3A', 'the Base64 of an MD5 (16 bytes)'],
    // The SHA-256 that the document mentions, which no storage accepts as a Content-MD5.
    ['Om6wdlC7KpsBPq4IWv3m7ObAKbFzkT7ZTOVL9nkHUBQ=', 'the Base64 of an MD5 (16 bytes)'],
  ],
  metadata: [
    [7, 'Expected `blob.metadata` to be an object, got 7'],
    [['a'], 'Expected `blob.metadata` to be an object, got ["a"]'],
  ],
}

const wrongRows = places.flatMap((place) =>
  fieldsOf(place).flatMap((field) =>
    wrong[field].map(([value, message]) => [place, field, value, message] as const),
  ),
)

function fieldsOf(place: Place): readonly Field[] {
  return activeStorageContract.endpoints.find(({ route }) => route === endpointOf[place])?.fields ?? []
}

describe('an invalid request is refused', () => {
  test.each(wrongRows)('with 422 for a wrong field (%s, %s): %j', async (place, field, value, message) => {
    const called = await client.create(place, { blob: { ...blob, [field]: value } })
    expect(called.status).toBe(422)
    expect(messageOf(place, called)).toContain(message)
    if (place === 'vendor') expect(first(called)).toMatchObject({ loc: ['body', 'blob', field] })
  })

  test.each<readonly [Place, object, string]>([
    ['vendor', { ...blob, metadata: {} }, 'Unknown field `metadata` in blob'],
    ['vendor', { ...blob, size: 4 }, 'Unknown field `size` in blob'],
    ['rails', { ...blob, size: 4 }, 'Unknown field `size` in blob'],
  ])('with 422 for an unknown field (%s): %j', async (place, given, message) => {
    const called = await client.create(place, { blob: given })
    expect(called.status).toBe(422)
    expect(messageOf(place, called)).toContain(message)
  })

  test.each([
    ['{', 'Expected the body to be JSON, got "{"'],
    ['[]', 'Expected `the body` to be an object, got []'],
    ['{}', 'Expected `blob` to be an object, got nothing'],
    ['{"blob":[]}', 'Expected `blob` to be an object, got []'],
    ['{"blob":{},"more":1}', 'Unknown field `more` in the body'],
  ])('with 422 by the vendor and 400 by Rails if it does not ask for a blob: %s', async (body, message) => {
    for (const place of places) {
      const called = await client.create(place, body)
      expect(called.status).toBe(place === 'vendor' ? 422 : 400)
      expect(messageOf(place, called)).toContain(message)
    }
  })

  test.each(places)('without the content type of JSON (%s)', async (place) => {
    const called = await client.create(place, { blob }, { 'content-type': 'text/plain' })
    expect(called.status).toBe(place === 'vendor' ? 422 : 400)
    expect(messageOf(place, called)).toContain('Content-Type: application/json, got text/plain')
  })
})

test.each([
  ['list', { detail: [expect.objectContaining({ type: 'value_error' })] }],
  [
    'named-list',
    { error: 'Validation error', detail: [expect.objectContaining({ loc: expect.any(Array) })] },
  ],
  ['text', { detail: expect.stringContaining('Expected `blob` to be'), error: null, error_code: null }],
])("the vendor's 422 is a %s, depending on its settings", async (validation, body) => {
  await client.control('PATCH /settings', { validation })
  expect((await client.create('vendor', {})).body).toEqual(body)
})

test.each([{ validation: 'none' }, { origins: 'all' }, { origins: [1] }, { colour: 1 }])(
  'unknown settings are refused: %j',
  async (settings) => {
    expect((await client.control('PATCH /settings', settings)).status).toBe(400)
    expect((await client.control('GET /settings')).body).toEqual({ validation: 'list', origins: [] })
  },
)

/** Every failure that a request can cause; the types make sure that none is missing. */
const provoked: Readonly<Record<Exclude<ListedError['code'], OnOrder>, () => Promise<Called>>> = {
  'bad-request': () => client.create('rails', {}),
  unauthorized: () => client.create('vendor', { blob }, { 'x-api-key': '' }),
  'not-found': () => client.find('no-such-blob'),
  'validation-error': () => client.create('vendor', { blob: {} }),
  'invalid-authenticity-token': () => client.create('rails', { blob }, { 'x-csrf-token': '' }),
}

const { errors } = activeStorageContract
const provocable = errors.filter((one): one is Exclude<ListedError, { onOrder: true }> => !('onOrder' in one))

describe('the failure is answered', () => {
  test.each(provocable)('when it is due: $code, with $status, when $when', async ({ code, status }) => {
    expect((await provoked[code]()).status).toBe(status)
  })

  test.each(errors)(
    'when a fault orders it: $code, with $status, in the format of its endpoint',
    async ({ code, status }) => {
      for (const place of places) {
        const effect = { kind: 'error', code, message: 'As ordered', retryAfter: 1 }
        await client.control('POST /faults', { endpoint: endpointOf[place], effect })
        const called = await client.create(place, { blob })
        expect(called.status).toBe(status)
        expect(called.headers.get('retry-after')).toBe('1')
        expect(messageOf(place, called)).toBe('As ordered')
        expect((await client.create(place, { blob })).status).toBe(200)
      }
    },
  )
})

test("the vendor's failures have a text, a title and a code, and those of Rails a status and a title", async () => {
  const vendor = await client.create('vendor', { blob }, { 'x-api-key': 'none' })
  const detail = 'The API key is unknown or has expired'
  expect(vendor.body).toEqual({ detail, error: 'Unauthorized', error_code: 'unauthorized' })
  const rails = await client.create('rails', { blob }, { 'x-csrf-token': 'none' })
  expect(rails.body).toMatchObject({ status: 422, error: 'Unprocessable Entity' })
})

// Last, because it checks all calls above.
test('the tests above covered the whole contract', () => {
  expect(coverageAt(client.base)?.gaps()).toEqual([])
})

function messageOf(place: Place, called: Called): unknown {
  if (place === 'rails') return called.body['exception']
  return typeof called.body['detail'] === 'string' ? called.body['detail'] : first(called)['msg']
}

function first({ body }: Called): Fields {
  const [detail = {}] = body['detail'] as Fields[]
  return detail
}

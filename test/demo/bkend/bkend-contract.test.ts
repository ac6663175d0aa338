import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, coverageAt, type Fields } from '../calls.ts'
import { bkendContract } from '../contract/bkend.ts'
import { demoForTests } from '../rig.ts'
import { BkendClient } from './client.ts'

// Real servers, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

type Listed = (typeof bkendContract.endpoints)[number]
type Endpoint = Listed['route']
type Field<Route extends Endpoint> = Extract<Listed, { route: Route }>['fields'][number]
type ListedError = (typeof bkendContract.errors)[number]
type Code = ListedError['code']
type OnOrder = Extract<ListedError, { onOrder: true }>['code']

let demo: Demo
let client: BkendClient
let other: BkendClient

beforeAll(async () => {
  demo = await demoForTests()
  client = await BkendClient.signIn(demo)
  other = await BkendClient.signIn(demo, 'someone-else')
})
afterAll(() => demo.close())

const upload = { filename: 'a.txt', contentType: 'text/plain', fileSize: 4 }
const mebibyte = 1024 * 1024

/** A request that succeeds, for each endpoint. */
const good: Readonly<Record<Endpoint, () => Promise<Fields>>> = {
  'POST /v1/files/presigned-url': async () => upload,
  'POST /v1/files/multipart/init': async () => upload,
  'POST /v1/files/multipart/presigned-url': async () => ({ ...(await client.init()), partNumber: 1 }),
  'POST /v1/files/multipart/complete': async () => {
    const begun = await client.init()
    return { ...begun, parts: [{ partNumber: 1, etag: await client.putPart(begun, 1, Buffer.from('data')) }] }
  },
  'POST /v1/files/multipart/abort': () => client.init(),
  'POST /v1/files': async () => newFile(await client.put('a.txt', 'data')),
  'GET /v1/files/:fileId': () => newId(),
  'GET /v1/files': async () => ({}),
  'PATCH /v1/files/:fileId': () => newId(),
  'DELETE /v1/files/:fileId': () => newId(),
  'POST /v1/files/:fileId/download-url': () => newId(),
  'POST /v1/auth/refresh': async () => {
    const { refreshToken } = await BkendClient.signIn(demo)
    return { refreshToken }
  },
}

async function newId(): Promise<Fields> {
  const { fileId } = await client.file('a.txt')
  return { fileId }
}

function newFile(s3Key: string): Fields {
  return { s3Key, originalName: 'a.txt', mimeType: 'text/plain', size: 4 }
}

const endpoints = bkendContract.endpoints.map(({ route }) => route)

describe('the endpoint answers as documented', () => {
  test.each(bkendContract.endpoints)('$route', async ({ route, status, answer }) => {
    const called = await client.call(route, await good[route]())
    expect(called).toMatchObject({ status })
    expect(Object.keys(called.body)).toEqual(expect.arrayContaining([...answer]))
  })
})

/** Invalid values for the fields, each with the code that it is refused with and a part of the message. */
type Wrong = readonly [value: unknown, code: Code, message: string]

const invalid = 'common/invalid-request'
const choice = (field: string): Wrong => ['none', invalid, `Expected \`${field}\` to be one of`]
const text = (field: string): Wrong => [7, invalid, `Expected \`${field}\` to be a string, got 7`]
const name = (field: string): Wrong[] => [
  text(field),
  ['', 'file/invalid-name', `Expected \`${field}\` to be a file's name, got ""`],
  ['..', 'file/invalid-name', 'got ".."'],
  ['a/b', 'file/invalid-name', 'got "a/b"'],
  ['a\u0000', 'file/invalid-name', String.raw`got "a\u0000"`],
  ['a'.repeat(256), 'file/original-name-too-long', 'at most 255 characters, got 256'],
]
const type = (field: string): Wrong[] => [
  text(field),
  ['', 'file/invalid-format', `Expected \`${field}\` to be a MIME type, got ""`],
  ['text', 'file/invalid-format', 'got "text"'],
  [`text/${'a'.repeat(251)}`, 'file/mime-type-too-long', 'at most 255 characters, got 256'],
]
const size = (field: string, largest: number): Wrong[] => [
  ['4', invalid, `Expected \`${field}\` to be a whole number from 0 to ${largest}, got "4"`],
  [0.5, invalid, 'got 0.5'],
  [-1, 'file/size-negative', `Expected \`${field}\` to be 0 or more, got -1`],
  [largest + 1, 'file/file-too-large', `to be at most ${largest}`],
]
const key: Wrong[] = [
  text('key'),
  ['', invalid, 'Expected `key` to be a string that is not empty'],
  ['a.txt', 'file/invalid-path', 'Expected a key that this server gave out, got a.txt'],
  ['bkend/visitor/../a.txt', 'file/invalid-path', 'Expected a key'],
  ['bkend/visitor/x/..', 'file/invalid-path', 'Expected a key'],
  ['bkend/someone-else/x/a.txt', 'file/access-denied', 'Expected a key of visitor, got one of someone-else'],
  [`bkend/visitor/x/${'é'.repeat(505)}`, 'file/s3-key-too-long', 'at most 1024 bytes of key, got 1026'],
]
const uploadId: Wrong[] = [
  text('uploadId'),
  ['', invalid, 'Expected `uploadId` to be a string that is not empty'],
  ['no-such-upload', 'file/not-found', 'NoSuchUpload'],
]
const part = { partNumber: 1, etag: '"ab"' }
const parts = (field: string, expected: string, ...value: unknown[]): Wrong => [
  value,
  'file/invalid-parts-array',
  `Expected \`${field}\` to be ${expected}`,
]
const metadata: Wrong[] = [
  ['text', invalid, 'Expected `metadata` to be an object'],
  [{ colour: 1 }, invalid, 'Unknown field `colour` in metadata'],
  [{ category: 1 }, invalid, '`metadata.category` to be a string'],
  [{ description: 1 }, invalid, '`metadata.description` to be a string'],
  [{ alt: 1 }, invalid, '`metadata.alt` to be a string'],
  [{ relatedEntityId: 1 }, invalid, '`metadata.relatedEntityId` to be a string'],
  [{ tags: 'a' }, invalid, '`metadata.tags` to be a list'],
  [{ tags: ['a', 1] }, invalid, '`metadata.tags[1]` to be a string'],
  [{ custom: 1 }, invalid, '`metadata.custom` to be an object'],
]
const fileId: Wrong[] = [['no-such-file', 'file/not-found', 'There is no file no-such-file']]
const uploadChoices = { visibility: [choice('visibility')], category: [choice('category')] }

/** One entry for each field of each endpoint; the types make sure that none is missing. */
const wrong: { readonly [Name in Endpoint]: Readonly<Record<Field<Name>, readonly Wrong[]>> } = {
  'POST /v1/files/presigned-url': {
    filename: name('filename'),
    contentType: type('contentType'),
    fileSize: size('fileSize', 5 * 1024 ** 3),
    ...uploadChoices,
  },
  'POST /v1/files/multipart/init': {
    filename: name('filename'),
    contentType: type('contentType'),
    fileSize: size('fileSize', 5 * 1024 ** 4),
    ...uploadChoices,
  },
  'POST /v1/files/multipart/presigned-url': {
    key,
    uploadId,
    partNumber: [0, 10_001, 1.5, '1', null].map((value) => [
      value,
      'file/invalid-part-number-range',
      `from 1 to 10000, got ${JSON.stringify(value)}`,
    ]),
  },
  'POST /v1/files/multipart/complete': {
    key,
    uploadId,
    parts: [
      parts('parts', 'a list that is not empty'),
      ['1', 'file/invalid-parts-array', 'Expected `parts` to be a list that is not empty, got "1"'],
      parts('parts[0]', 'an object, got 1', 1),
      parts('parts[0]', 'an object with partNumber and etag only, got "size"', { ...part, size: 1 }),
      parts('parts[0].partNumber', 'a whole number from 1', { ...part, partNumber: '1' }),
      parts('parts[0].partNumber', 'a whole number from 1', { ...part, partNumber: 10_001 }),
      parts('parts[1].partNumber', 'a whole number from 2', part, part),
      parts('parts[1].partNumber', 'a whole number from 3', { ...part, partNumber: 2 }, part),
      parts('parts[0].etag', 'an ETag in its quotes, got nothing', { partNumber: 1 }),
      parts('parts[0].etag', 'an ETag in its quotes, got "ab"', { ...part, etag: 'ab' }),
      parts('parts[0].etag', 'an ETag in its quotes', { ...part, etag: '""' }),
      [[part], 'file/invalid-parts-array', 'InvalidPart from the storage'],
    ],
  },
  'POST /v1/files/multipart/abort': { key, uploadId },
  'POST /v1/files': {
    s3Key: [
      ...key.slice(2),
      text('s3Key'),
      ['bkend/visitor/abc/none.txt', 'file/not-found', 'NotFound from the storage'],
    ],
    originalName: name('originalName'),
    mimeType: type('mimeType'),
    size: [
      ...size('size', 5 * 1024 ** 4),
      [5, invalid, 'Expected `size` to be 4, which is what the storage has, got 5'],
    ],
    width: [0, 1.5, '4', -1].map((value) => [value, invalid, 'Expected `width` to be a whole number from 1']),
    height: [0, 1.5, '4', -1].map((value) => [value, invalid, 'Expected `height` to be a whole number']),
    visibility: [choice('visibility')],
    bucket: [choice('bucket')],
    metadata,
  },
  'GET /v1/files/:fileId': { fileId },
  'GET /v1/files': {
    page: ['0', '-1', 'one', '1.5'].map((value) => [value, invalid, 'Expected `page` to be a whole number']),
    limit: ['0', '101', ''].map((value) => [
      value,
      invalid,
      'Expected `limit` to be a whole number from 1 to 100',
    ]),
    sortBy: [choice('sortBy')],
    sortDirection: [choice('sortDirection')],
    visibility: [choice('visibility')],
    ownerType: [choice('ownerType')],
    // These are looked up literally.
    ownerId: [],
    bucket: [choice('bucket')],
    mimeType: [],
    search: [],
  },
  'PATCH /v1/files/:fileId': {
    fileId,
    originalName: name('originalName'),
    visibility: [choice('visibility')],
    metadata,
  },
  'DELETE /v1/files/:fileId': { fileId },
  'POST /v1/files/:fileId/download-url': { fileId },
  'POST /v1/auth/refresh': {
    refreshToken: [
      text('refreshToken'),
      ['used', 'common/authentication-required', 'The refresh token is unknown or was used already'],
    ],
  },
}

type Row = readonly [endpoint: Endpoint, field: string, value: unknown, code: Code, message: string]

const wrongRows: readonly Row[] = endpoints.flatMap((endpoint) =>
  Object.entries(wrong[endpoint]).flatMap(([field, values]) =>
    values.map((refused) => [endpoint, field, ...refused] as const),
  ),
)

/** A field in the path cannot be missing: without it, it is another path. */
const missingRows = bkendContract.endpoints.flatMap(({ route, needed }) =>
  needed.filter((field) => !route.includes(`:${field}`)).map((field) => [route, field] as const),
)

const bodyEndpoints = endpoints.filter(
  (endpoint) => /^(POST|PATCH)/.test(endpoint) && !endpoint.endsWith('url'),
)

describe('an invalid request is refused', () => {
  test.each(wrongRows)('%s with %s: %j is %s', async (endpoint, field, value, code, message) => {
    const called = await client.call(endpoint, { ...(await good[endpoint]()), [field]: value })
    expect(errorOf(called)).toEqual({ code, message: expect.stringContaining(message) })
    expect(called.status).toBe(statusOf(code))
  })

  test.each(missingRows)('%s without %s', async (endpoint, field) => {
    const called = await client.call(endpoint, { ...(await good[endpoint]()), [field]: undefined })
    expect(called.status).toBe(400)
    expect(errorOf(called)['message']).toMatch(new RegExp(`\`${field}\`.*got nothing`))
  })

  test.each(bodyEndpoints)('%s with an unknown field', async (endpoint) => {
    const called = await client.call(endpoint, { ...(await good[endpoint]()), colour: 'red' })
    expect(called.status).toBe(400)
    expect(errorOf(called)['message']).toContain('Unknown field `colour` in the body')
  })

  test('GET /v1/files with an unknown field', async () => {
    const called = await client.call('GET /v1/files', { colour: 'red' })
    expect(errorOf(called)['message']).toContain('Unknown field `colour` in the query')
  })

  test.each(bodyEndpoints)(
    '%s with a body that is not JSON, and with JSON under another content type',
    async (endpoint) => {
      const path = endpoint.replace(':fileId', 'x')
      expect(errorOf(await client.call(path, '{'))['message']).toContain(
        'Expected the body to be JSON, got "{"',
      )
      const untyped = await client.call(path, '{}', { 'content-type': 'text/plain' })
      expect(errorOf(untyped)['message']).toContain('Content-Type: application/json, got text/plain')
    },
  )
})

/** Every code by its purpose; the types make sure that none is missing. */
const provoked: Readonly<Record<Exclude<Code, OnOrder>, () => Promise<Called>>> = {
  'file/not-found': () => client.call('GET /v1/files/:fileId', { fileId: 'none' }),
  'file/invalid-name': () => client.call('POST /v1/files/presigned-url', { ...upload, filename: 'a/b' }),
  'file/file-too-large': () => client.call('POST /v1/files/multipart/init', { ...upload, fileSize: 6e12 }),
  'file/file-too-small': completedTooSmall,
  'file/invalid-format': () => client.call('POST /v1/files/presigned-url', { ...upload, contentType: 'x' }),
  'file/invalid-path': () => client.call('POST /v1/files', newFile('../a.txt')),
  'file/bucket-not-configured': initiatedNowhere,
  'file/invalid-part-number-range': async () =>
    client.call('POST /v1/files/multipart/presigned-url', { ...(await client.init()), partNumber: 0 }),
  'file/upload-init-failed': initiatedInVain,
  'file/invalid-parts-array': async () =>
    client.call('POST /v1/files/multipart/complete', { ...(await client.init()), parts: [] }),
  'file/access-denied': async () => {
    const { fileId } = await other.file('a.txt', { visibility: 'public' })
    return client.call('DELETE /v1/files/:fileId', { fileId })
  },
  'file/s3-key-already-exists': async () => {
    const { key: taken } = await client.file('a.txt')
    return client.call('POST /v1/files', newFile(taken))
  },
  'file/s3-key-too-long': () => client.call('POST /v1/files', newFile('a'.repeat(1025))),
  'file/original-name-too-long': () =>
    client.call('POST /v1/files', { ...newFile('bkend/visitor/x/a'), originalName: 'a'.repeat(256) }),
  'file/mime-type-too-long': () =>
    client.call('POST /v1/files', { ...newFile('bkend/visitor/x/a'), mimeType: `text/${'a'.repeat(256)}` }),
  'file/size-negative': () => client.call('POST /v1/files', { ...newFile('bkend/visitor/x/a'), size: -1 }),
  'common/authentication-required': () => client.call('GET /v1/files', {}, { authorization: '' }),
  'common/invalid-request': () => client.call('POST /v1/files', {}),
  'common/not-found': () => client.call('GET /v2/files'),
}

async function completedTooSmall(): Promise<Called> {
  const begun = await client.init()
  const etags = [
    await client.putPart(begun, 1, Buffer.alloc(mebibyte)),
    await client.putPart(begun, 2, Buffer.of(1)),
  ]
  const completed = etags.map((etag, index) => ({ partNumber: index + 1, etag }))
  return client.call('POST /v1/files/multipart/complete', { ...begun, parts: completed })
}

async function initiatedNowhere(): Promise<Called> {
  const { endpoint = '', credentials } = demo.store ?? {}
  const nowhere = await demoForTests({
    environment: {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: 'nowhere',
      AWS_ACCESS_KEY_ID: credentials?.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
    },
  })
  try {
    return await (await BkendClient.signIn(nowhere)).call('POST /v1/files/multipart/init', upload)
  } finally {
    await nowhere.close()
  }
}

async function initiatedInVain(): Promise<Called> {
  const undo = demo.store?.faults.add({
    operation: 'CreateMultipartUpload',
    effect: { kind: 'status', status: 403 },
  })
  try {
    return await client.call('POST /v1/files/multipart/init', upload)
  } finally {
    undo?.()
  }
}

const { errors } = bkendContract
const provocable = errors.filter((one): one is Exclude<ListedError, { onOrder: true }> => !('onOrder' in one))

describe('the code is answered', () => {
  test.each(provocable)('when it is due: $code, with $status, when $when', async ({ code, status }) => {
    const called = await provoked[code]()
    expect(called.body).toEqual({ success: false, error: { code, message: expect.any(String) } })
    expect(called.status).toBe(status)
  })

  test.each(errors)('when a fault orders it: $code, with $status, and once', async ({ code, status }) => {
    const rule = { endpoint: 'GET /v1/files', effect: { kind: 'error', code, message: 'As ordered' } }
    await client.control('POST /faults', rule)
    const called = await client.call('GET /v1/files')
    expect(called.body).toEqual({ success: false, error: { code, message: 'As ordered' } })
    expect(called.status).toBe(status)
    expect((await client.call('GET /v1/files')).status).toBe(200)
  })
})

/** Every optional field with a valid value. */
const optional: Readonly<Partial<Record<Endpoint, Fields>>> = {
  'POST /v1/files/presigned-url': { visibility: 'shared', category: 'media' },
  'POST /v1/files/multipart/init': { visibility: 'protected', category: 'exports' },
  'POST /v1/files': { width: 3, height: 2, visibility: 'public', bucket: 'images', metadata: { alt: 'A' } },
  'GET /v1/files': {
    page: 1,
    limit: 2,
    sortBy: 'createdAt',
    sortDirection: 'desc',
    visibility: 'public',
    ownerType: 'user',
    ownerId: 'visitor',
    bucket: 'images',
    mimeType: 'text/plain',
    search: 'a',
  },
  'PATCH /v1/files/:fileId': { originalName: 'b.txt', visibility: 'shared', metadata: { tags: ['b'] } },
}

test.each(Object.entries(optional))('%s accepts every field that it has', async (route, fields) => {
  const called = await client.call(route, { ...(await good[route as Endpoint]()), ...fields })
  expect(called.status).toBeLessThan(300)
})

// Last, because it checks all calls above.
test('the tests above covered the whole contract', () => {
  expect(coverageAt(client.base)?.gaps()).toEqual([])
})

function statusOf(code: Code): number | undefined {
  return bkendContract.errors.find((error) => error.code === code)?.status
}

function errorOf({ body }: Called): Fields {
  return (body['error'] ?? {}) as Fields
}

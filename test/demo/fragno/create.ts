import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Created, create, details, type GetRig, hasStatus, mebibyte } from './fragno-rig.ts'

const md5 = createHash('md5').update('abc').digest('hex')
const sha256 = createHash('sha256').update('abc').digest('hex')

export function createTests(rig: GetRig): void {
  describe('POST /uploads', () => {
    answers(rig)
    strategies(rig)
    idempotence(rig)
    refusals(rig)
  })
}

function answers(rig: GetRig): void {
  test('answers with a session whose further calls are relative to the mount and name the provider', async () => {
    const created = await create(rig().client, { fileKey: 'answers/a b.bin' })
    const at = (rest: string): string => `/uploads/${created.uploadId}${rest}?provider=s3`
    expect(created).toEqual({
      uploadId: expect.any(String),
      fileKey: 'answers/a b.bin',
      provider: 's3',
      status: 'created',
      strategy: 'direct-single',
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      upload: {
        mode: 'single',
        transport: 'direct',
        uploadUrl: expect.stringMatching(/^http:/),
        uploadHeaders: { 'Content-Type': 'text/plain' },
        statusEndpoint: at(''),
        progressEndpoint: at('/progress'),
        completeEndpoint: at('/complete'),
        abortEndpoint: at('/abort'),
      },
    })
  })

  test('lets a session live for an hour, or for as long as the server is told', async () => {
    const { client, control } = rig()
    const lifetime = async (): Promise<number> => {
      const { expiresAt } = await client.done<{ expiresAt: string }>('POST /uploads', { body: details() })
      return Date.parse(expiresAt) - Date.now()
    }
    expect((await lifetime()) / 60_000).toBeCloseTo(60, 0)
    control.settings.change({ sessionLifetime: 5_000 })
    expect((await lifetime()) / 1_000).toBeCloseTo(5, 0)
  })

  test('accepts the key in parts too, and every detail of a file', async () => {
    const all = details({
      fileKey: undefined,
      keyParts: ['users', 7, 'all.bin'],
      tags: ['x'],
      visibility: 'public',
      uploaderId: 'me',
      metadata: { album: { id: 42 } },
      provider: ' s3 ',
    })
    expect(await rig().client.done<Created>('POST /uploads', { body: all })).toMatchObject({
      fileKey: 'users/7/all.bin',
    })
  })

  test('lists the host among the headers if it is told to, as signers do', async () => {
    const { client, control } = rig()
    control.settings.change({ namesHost: true })
    const { upload } = await create(client)
    expect(upload.uploadHeaders?.['host']).toBe(new URL(upload.uploadUrl ?? '').host)
  })
}

function strategies(rig: GetRig): void {
  test('chooses the strategy by size', async () => {
    const { client, control } = rig()
    control.settings.change({ proxyBelow: 10, singleBelow: 20 })
    const chosen = async (sizeBytes: number): Promise<string> =>
      (await create(client, { sizeBytes })).strategy
    expect([await chosen(9), await chosen(10), await chosen(19), await chosen(20)]).toEqual([
      'proxy',
      'direct-single',
      'direct-single',
      'direct-multipart',
    ])
  })

  test.each([
    ['direct-single', 'single', 'direct', ['uploadUrl', 'uploadHeaders']],
    [
      'direct-multipart',
      'multipart',
      'direct',
      ['partSizeBytes', 'maxParts', 'partsEndpoint', 'partsCompleteEndpoint'],
    ],
    ['proxy', 'single', 'proxy', ['contentEndpoint']],
  ] as const)('uses the strategy that it is told to use: %s', async (strategy, mode, transport, own) => {
    const { client, control } = rig()
    control.settings.change({ strategy })
    const created = await create(client)
    expect(created).toMatchObject({ strategy, upload: { mode, transport } })
    const shared = [
      'mode',
      'transport',
      'statusEndpoint',
      'progressEndpoint',
      'completeEndpoint',
      'abortEndpoint',
    ]
    expect(Object.keys(created.upload).sort()).toEqual([...shared, ...own].sort())
  })

  test('makes parts larger if there would be more than 10,000', async () => {
    const { client, control } = rig()
    control.settings.change({ strategy: 'direct-multipart', partSize: 5 * mebibyte })
    const { upload } = await create(client, { sizeBytes: 50_001 * mebibyte })
    expect(upload.partSizeBytes).toBe(Math.ceil((50_001 * mebibyte) / 10_000))
  })
}

function idempotence(rig: GetRig): void {
  const checksum = { algo: 'sha256', value: sha256 }

  test('finds the same session again by its checksum, even for several requests at once', async () => {
    const { client, control } = rig()
    control.settings.change({ strategy: 'direct-multipart' })
    const body = details({ checksum })
    const calls = Array.from({ length: 4 }, () => client.done<Created>('POST /uploads', { body }))
    const [first, ...others] = await Promise.all(calls)
    expect(others).toEqual(others.map(() => first))
    expect(await client.done('POST /uploads', { body })).toEqual(first)
  })

  test.each([
    ['filename', 'b.bin'],
    ['sizeBytes', 4],
    ['contentType', 'text/html'],
    ['checksum', { algo: 'md5', value: md5 }],
    ['checksum', { algo: 'sha256', value: sha256.toUpperCase() }],
    ['tags', ['x']],
    ['visibility', 'public'],
    ['uploaderId', 'me'],
    ['metadata', { a: 1 }],
  ])('refuses another %s with UPLOAD_METADATA_MISMATCH', async (field, value) => {
    const { client } = rig()
    const body = details({ checksum })
    await client.done('POST /uploads', { body })
    expect(await client.call('POST /uploads', { body: { ...body, [field]: value } })).toMatchObject(
      hasStatus(409, 'UPLOAD_METADATA_MISMATCH'),
    )
  })

  test('answers UPLOAD_ALREADY_ACTIVE without a checksum, until the session is aborted or has expired', async () => {
    const { client, control } = rig()
    const body = details()
    const { upload } = await client.done<Created>('POST /uploads', { body })
    expect(await client.call('POST /uploads', { body })).toMatchObject(
      hasStatus(409, 'UPLOAD_ALREADY_ACTIVE'),
    )
    await client.done(`POST ${upload.abortEndpoint}`)
    await client.done('POST /uploads', { body })
    control.expireSessions()
    await client.done('POST /uploads', { body })
  })
}

function refusals(rig: GetRig): void {
  test.each<readonly [string, object, number, string, string]>([
    ['no key', { fileKey: undefined }, 400, 'INVALID_FILE_KEY', 'got neither'],
    ['two keys', { keyParts: ['b'], fileKey: 'a' }, 400, 'INVALID_FILE_KEY', 'to agree, got a and b'],
    ['an empty key', { fileKey: '' }, 400, 'INVALID_FILE_KEY', 'segments that are not empty'],
    ['an empty segment', { fileKey: 'a//b' }, 400, 'INVALID_FILE_KEY', 'segments that are not empty'],
    ['a slash at the start', { fileKey: '/a' }, 400, 'INVALID_FILE_KEY', 'segments that are not empty'],
    ['dots', { fileKey: 'a/../b' }, 400, 'INVALID_FILE_KEY', 'no dots'],
    ['a control character', { fileKey: 'a\u0000b' }, 400, 'INVALID_FILE_KEY', 'without control characters'],
    ['a key of another type', { fileKey: 7 }, 400, 'FRAGNO_VALIDATION_ERROR', '`fileKey` to be a string'],
    [
      'half a key part',
      { fileKey: undefined, keyParts: [0.5] },
      400,
      'FRAGNO_VALIDATION_ERROR',
      '`keyParts[0]`',
    ],
    [
      'no name',
      { filename: undefined },
      400,
      'FRAGNO_VALIDATION_ERROR',
      '`filename` to be a string, got nothing',
    ],
    ['an empty name', { filename: '' }, 400, 'FRAGNO_VALIDATION_ERROR', '`filename`'],
    ['no size', { sizeBytes: undefined }, 400, 'FRAGNO_VALIDATION_ERROR', '`sizeBytes` to be a whole number'],
    ['a size in quotes', { sizeBytes: '3' }, 400, 'FRAGNO_VALIDATION_ERROR', '`sizeBytes`'],
    ['a size below 0', { sizeBytes: -1 }, 400, 'FRAGNO_VALIDATION_ERROR', '`sizeBytes`'],
    ['half a byte', { sizeBytes: 0.5 }, 400, 'FRAGNO_VALIDATION_ERROR', '`sizeBytes`'],
    ['no type', { contentType: undefined }, 400, 'FRAGNO_VALIDATION_ERROR', '`contentType`'],
    ['an empty type', { contentType: '' }, 400, 'FRAGNO_VALIDATION_ERROR', '`contentType`'],
    ['an empty provider', { provider: ' ' }, 400, 'FRAGNO_VALIDATION_ERROR', '`provider`'],
    ['another provider', { provider: 'r2' }, 409, 'PROVIDER_MISMATCH', 'Expected provider s3, got "r2"'],
    [
      'a checksum in one word',
      { checksum: md5 },
      400,
      'FRAGNO_VALIDATION_ERROR',
      '`checksum` to be an object',
    ],
    [
      'an unknown digest',
      { checksum: { algo: 'crc32', value: '' } },
      400,
      'FRAGNO_VALIDATION_ERROR',
      'checksum.algo',
    ],
    ['no digest', { checksum: { algo: 'md5' } }, 400, 'FRAGNO_VALIDATION_ERROR', '`checksum.value`'],
    [
      'a short digest',
      { checksum: { algo: 'md5', value: 'abc' } },
      400,
      'INVALID_CHECKSUM',
      '16 bytes of md5',
    ],
    [
      'another’s digest',
      { checksum: { algo: 'sha256', value: md5 } },
      400,
      'INVALID_CHECKSUM',
      '32 bytes of sha256',
    ],
    [
      'a digest that is none',
      { checksum: { algo: 'md5', value: 'x'.repeat(32) } },
      400,
      'INVALID_CHECKSUM',
      'md5',
    ],
    ['tags in one word', { tags: 'x' }, 400, 'FRAGNO_VALIDATION_ERROR', '`tags` to be a list'],
    ['a tag that is a number', { tags: [1] }, 400, 'FRAGNO_VALIDATION_ERROR', '`tags[0]`'],
    [
      'an unknown visibility',
      { visibility: 'secret' },
      400,
      'FRAGNO_VALIDATION_ERROR',
      'one of private, public',
    ],
    ['an uploader without quotes', { uploaderId: 7 }, 400, 'FRAGNO_VALIDATION_ERROR', '`uploaderId`'],
    ['metadata in a list', { metadata: [] }, 400, 'FRAGNO_VALIDATION_ERROR', '`metadata` to be an object'],
    ['a field too many', { fileName: 'a' }, 400, 'FRAGNO_VALIDATION_ERROR', 'Unknown field `fileName`'],
  ])('refuses %s', async (_, wrong, status, code, message) => {
    const answer = await rig().client.call('POST /uploads', { body: details(wrong) })
    expect(answer).toMatchObject(hasStatus(status, code))
    expect(JSON.stringify(answer.body).replaceAll('\\"', '"')).toContain(message)
  })

  test("describes an invalid field in the format of the fragment's own validation", async () => {
    const answer = await rig().client.call('POST /uploads', { body: details({ tags: ['x', 1] }) })
    expect(answer.body).toEqual({
      message: 'Validation failed',
      issues: [{ path: ['tags', 1], message: 'Expected `tags[1]` to be a string, got 1' }],
      code: 'FRAGNO_VALIDATION_ERROR',
    })
  })

  test("refuses a body that is not JSON or not declared as JSON, in the router's format", async () => {
    const { client } = rig()
    const body = { error: expect.any(String), code: 'INVALID_REQUEST_BODY' }
    expect(await client.call('POST /uploads', { body: '{' })).toMatchObject({ status: 400, body })
    const headers = { 'content-type': 'text/plain' }
    expect(await client.call('POST /uploads', { body: '{}', headers })).toMatchObject(
      hasStatus(415, 'UNSUPPORTED_MEDIA_TYPE'),
    )
  })
}

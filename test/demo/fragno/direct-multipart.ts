import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ReferenceClient } from '../reference/reference-client.ts'
import {
  type Created,
  contentOf,
  create,
  createMultipart,
  type GetRig,
  hasStatus,
  mebibyte,
  multipartSizes,
  putParts,
} from './fragno-rig.ts'

const etag = '"d41d8cd98f00b204e9800998ecf8427e"'

export function directMultipartTests(rig: GetRig): void {
  describe('a file in parts', () => completion(rig))
  describe('POST /uploads/:uploadId/parts', () => signing(rig))
  describe('POST /uploads/:uploadId/parts/complete', () => recording(rig))
  describe('GET /uploads/:uploadId/parts', () => listing(rig))
}

function completion(rig: GetRig): void {
  const complete = (client: ReferenceClient, { upload }: Created, parts: unknown) =>
    client.call(`POST ${upload.completeEndpoint}`, { body: { parts } })

  test('becomes a file of the same bytes, in whatever order its parts are listed', async () => {
    const bytes = randomBytes(11 * mebibyte)
    const created = await createMultipart(rig())
    const parts = await putParts(rig().client, created, bytes)
    const { status, body } = await complete(rig().client, created, parts.toReversed())
    expect([status, body['status'], body['sizeBytes']]).toEqual([200, 'ready', bytes.length])
    expect((await contentOf(rig(), created)).equals(bytes)).toBe(true)
  })

  test('may be empty, as one empty part', async () => {
    const { client, control } = rig()
    control.settings.change({ strategy: 'direct-multipart' })
    const created = await create(client, { sizeBytes: 0 })
    const [part] = await putFirst(client, created)
    expect((await complete(client, created, [part])).status).toBe(200)
  })

  async function putFirst(client: ReferenceClient, { upload }: Created) {
    type Signed = { parts: { partNumber: number; url: string }[] }
    const body = { partNumbers: [1] }
    const { parts } = await client.done<Signed>(`POST ${upload.partsEndpoint}`, { body })
    const response = await fetch(parts[0]?.url ?? '', { method: 'PUT' })
    return [{ partNumber: 1, etag: response.headers.get('etag') ?? '' }]
  }

  test('needs every part, recorded or not: UPLOAD_INVALID_STATE', async () => {
    const { client } = rig()
    const created = await createMultipart(rig())
    const parts = await putParts(client, created)
    const recorded = parts.map((part, index) => ({ ...part, sizeBytes: multipartSizes[index] }))
    await client.done(`POST ${created.upload.partsCompleteEndpoint}`, { body: { parts: recorded } })
    for (const listed of [undefined, [], parts.slice(1)])
      expect(await complete(client, created, listed)).toMatchObject(hasStatus(409, 'UPLOAD_INVALID_STATE'))
    expect((await complete(client, created, parts)).status).toBe(200)
  })

  test('is STORAGE_ERROR with a wrong ETag, and can go on', async () => {
    const { client } = rig()
    const created = await createMultipart(rig())
    const parts = await putParts(client, created)
    const wrong = parts.map((part) => ({ ...part, etag }))
    expect(await complete(client, created, wrong)).toMatchObject(hasStatus(502, 'STORAGE_ERROR'))
    expect((await complete(client, created, parts)).status).toBe(200)
  })

  test.each<readonly [string, unknown, string]>([
    ['no list', 'all', '`parts` to be a list'],
    ['part 0', [{ partNumber: 0, etag }], '`parts[0].partNumber` to be a whole number from 1 to 3'],
    ['part 4 of 3', [{ partNumber: 4, etag }], '`parts[0].partNumber`'],
    ['a number in quotes', [{ partNumber: '1', etag }], '`parts[0].partNumber`'],
    [
      'a part twice',
      [
        { partNumber: 1, etag },
        { partNumber: 1, etag },
      ],
      'a part that is not listed yet, got 1',
    ],
    ['no ETag', [{ partNumber: 1 }], '`parts[0].etag` to be a string, got nothing'],
    ['an ETag without its quotes', [{ partNumber: 1, etag: 'abc' }], 'an ETag with its quotes'],
    ['an ETag with one quote', [{ partNumber: 1, etag: '"abc' }], 'an ETag with its quotes'],
    ['an empty ETag', [{ partNumber: 1, etag: '""' }], 'an ETag with its quotes'],
    ['a size', [{ partNumber: 1, etag, sizeBytes: 1 }], 'Unknown field `sizeBytes` in parts[0]'],
  ])('is not completed with %s', async (_, parts, message) => {
    const answer = await complete(rig().client, await createMultipart(rig()), parts)
    expect(answer).toMatchObject(hasStatus(400, 'FRAGNO_VALIDATION_ERROR'))
    expect(JSON.stringify(answer.body)).toContain(message)
  })
}

function signing(rig: GetRig): void {
  test('signs as many parts as are requested, repeatedly and in any order', async () => {
    const { client, control } = rig()
    const { upload } = await createMultipart(rig())
    control.settings.change({ urlLifetime: 90_000 })
    const body = { partNumbers: [3, 1, 3] }
    const { parts } = await client.done<{ parts: { partNumber: number; url: string }[] }>(
      `POST ${upload.partsEndpoint}`,
      { body },
    )
    expect(parts.map(({ partNumber }) => partNumber)).toEqual([3, 1, 3])
    const query = new URL(parts[0]?.url ?? '').searchParams
    expect([query.get('partNumber'), query.get('X-Amz-Expires')]).toEqual(['3', '90'])
  })

  test.each<readonly [unknown, string]>([
    [undefined, '`partNumbers` to be a list that is not empty, got nothing'],
    [[], '`partNumbers` to be a list that is not empty'],
    [[0], '`partNumbers[0]` to be a whole number from 1 to 3'],
    [[1, 4], '`partNumbers[1]`'],
    [['1'], '`partNumbers[0]`'],
    [[1.5], '`partNumbers[0]`'],
  ])('refuses %j', async (partNumbers, message) => {
    const { upload } = await createMultipart(rig())
    const answer = await rig().client.call(`POST ${upload.partsEndpoint}`, { body: { partNumbers } })
    expect(answer).toMatchObject(hasStatus(400, 'FRAGNO_VALIDATION_ERROR'))
    expect(JSON.stringify(answer.body)).toContain(message)
  })

  test('refuses an unknown field', async () => {
    const { upload } = await createMultipart(rig())
    const body = { partNumbers: [1], parts: [1] }
    expect(await rig().client.call(`POST ${upload.partsEndpoint}`, { body })).toMatchObject(
      hasStatus(400, 'FRAGNO_VALIDATION_ERROR'),
    )
  })

  test('still signs for an aborted upload, and the storage then refuses the bytes', async () => {
    const { client } = rig()
    const created = await createMultipart(rig())
    await client.done(`POST ${created.upload.abortEndpoint}`)
    await expect(putParts(client, created)).rejects.toThrow('NoSuchUpload')
  })
}

function recording(rig: GetRig): void {
  const record = (client: ReferenceClient, { upload }: Created, ...parts: unknown[]) =>
    client.call(`POST ${upload.partsCompleteEndpoint}`, { body: { parts } })

  test('counts each part once, and keeps the first ETag', async () => {
    const { client } = rig()
    const created = await createMultipart(rig())
    const first = { partNumber: 2, etag, sizeBytes: 5 * mebibyte }
    expect((await record(client, created, first)).body).toEqual({
      bytesUploaded: 5 * mebibyte,
      partsUploaded: 1,
    })
    const last = { partNumber: 3, etag, sizeBytes: mebibyte }
    const again = { ...first, etag: '"another"' }
    expect((await record(client, created, again, last)).body).toEqual({
      bytesUploaded: 6 * mebibyte,
      partsUploaded: 2,
    })
    const { parts } = await client.done<{ parts: unknown[] }>(`GET ${created.upload.partsEndpoint}`)
    const createdAt = expect.any(String)
    expect(parts).toEqual([
      { ...first, createdAt },
      { ...last, createdAt },
    ])
  })

  test.each<readonly [string, unknown, string]>([
    ['no size', { partNumber: 1, etag }, '`parts[0].sizeBytes` to be 5242880, as part 1 has, got nothing'],
    ['another size', { partNumber: 3, etag, sizeBytes: 5 * mebibyte }, 'to be 1048576, as part 3 has'],
    ['a size in quotes', { partNumber: 1, etag, sizeBytes: '5242880' }, '`parts[0].sizeBytes`'],
    ['part 4 of 3', { partNumber: 4, etag, sizeBytes: 1 }, '`parts[0].partNumber`'],
    ['an ETag without its quotes', { partNumber: 1, etag: 'a', sizeBytes: 1 }, 'an ETag with its quotes'],
    ['a field too many', { partNumber: 1, etag, sizeBytes: 1, md5: '' }, 'Unknown field `md5` in parts[0]'],
    ['a part that is none', 1, '`parts[0]` to be an object'],
  ])('refuses %s', async (_, part, message) => {
    const answer = await record(rig().client, await createMultipart(rig()), part)
    expect(answer).toMatchObject(hasStatus(400, 'FRAGNO_VALIDATION_ERROR'))
    expect(JSON.stringify(answer.body)).toContain(message)
  })

  test('refuses an empty list', async () => {
    expect(await record(rig().client, await createMultipart(rig()))).toMatchObject(
      hasStatus(400, 'FRAGNO_VALIDATION_ERROR'),
    )
  })
}

function listing(rig: GetRig): void {
  test('is empty for an upload without parts, and for an unknown upload', async () => {
    const { client } = rig()
    const { upload } = await createMultipart(rig())
    expect(await client.done(`GET ${upload.partsEndpoint}`)).toEqual({ parts: [] })
    expect(await client.done('GET /uploads/none/parts?provider=s3')).toEqual({ parts: [] })
  })

  test('does not exist if the server follows the document: ROUTE_NOT_FOUND', async () => {
    const { client, control } = rig()
    const { upload } = await createMultipart(rig())
    control.settings.change({ listsParts: false })
    expect(await client.call(`GET ${upload.partsEndpoint}`)).toMatchObject(hasStatus(404, 'ROUTE_NOT_FOUND'))
    expect(await client.call('GET /uploads/none/parts?provider=s3')).toMatchObject(
      hasStatus(404, 'ROUTE_NOT_FOUND'),
    )
  })
}

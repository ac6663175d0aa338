import { randomBytes } from 'node:crypto'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { createCRC32 } from 'hash-wasm'
import { describe, expect, test } from 'vitest'
import {
  at,
  contentOf,
  type GetRig,
  hasError,
  type Initiated,
  initiate,
  initiateLarge,
  mebibyte,
  type Part,
  putParts,
} from './newton-rig.ts'

const part_token = '"d41d8cd98f00b204e9800998ecf8427e"'

export function uploadTests(rig: GetRig): void {
  describe('POST …/parts/urls', () => urls(rig))
  describe('POST …/parts/checkpoint', () => checkpoints(rig))
  describe('POST …/complete', () => {
    completion(rig)
    integrity(rig)
    refusals(rig)
  })
  describe('POST …/abort', () => aborting(rig))
  describe('GET /files/metadata/{file_id}', () => metadata(rig))
  describe('an upload', () => lost(rig))
}

async function crc32c(bytes: Uint8Array): Promise<string> {
  const hasher = await createCRC32(0x82f63b78)
  return Buffer.from(hasher.init().update(bytes).digest('binary')).toString('base64')
}

function urls(rig: GetRig): void {
  test('gives fresh URLs in the requested order, even twice', async () => {
    const { client, control } = rig()
    const initiated = await initiateLarge(rig())
    control.settings.change({ urlLifetime: 7_200_000 })
    const body = { part_numbers: [3, 1, 3] }
    const { parts } = await client.done<{ parts: readonly Part[] }>(at(initiated, '/parts/urls'), { body })
    expect(parts.map(({ part_number }) => part_number)).toEqual([3, 1, 3])
    expect(parts[0]).toMatchObject({
      offset: 10 * mebibyte,
      length: mebibyte,
      expires_at: expect.any(String),
    })
    expect(parts[0]?.url).not.toBe(initiated.parts[2]?.url)
  })

  test.each<readonly [unknown, string, string]>([
    [undefined, 'missing_parameter', '`part_numbers` to be a list'],
    [[], 'invalid_parameter', 'a list that is not empty'],
    [[0], 'invalid_parameter', '`part_numbers[0]` to be a whole number from 1 to 3'],
    [[1, 4], 'invalid_parameter', '`part_numbers[1]`'],
    [['1'], 'invalid_parameter', '`part_numbers[0]`'],
  ])('refuses %j', async (part_numbers, code, message) => {
    const request = at(await initiateLarge(rig()), '/parts/urls')
    expect(await rig().client.call(request, { body: { part_numbers } })).toMatchObject(
      hasError(400, code, message),
    )
  })

  test('refuses an unknown field', async () => {
    const request = at(await initiateLarge(rig()), '/parts/urls')
    expect(await rig().client.call(request, { body: { part_numbers: [1], lifetime: 1 } })).toMatchObject(
      hasError(400, 'invalid_parameter', 'Unknown field `lifetime`'),
    )
  })
}

function checkpoints(rig: GetRig): void {
  const checkpoint = (initiated: Initiated, ...parts: unknown[]) =>
    rig().client.call(at(initiated, '/parts/checkpoint'), { body: { parts } })

  test('are counted, and may be repeated', async () => {
    const initiated = await initiateLarge(rig())
    const token = { part_number: 2, part_token }
    expect((await checkpoint(initiated, token, { ...token, part_number: 3 })).body).toEqual({
      num_checkpointed: 2,
    })
    expect((await checkpoint(initiated, token)).body).toEqual({ num_checkpointed: 1 })
  })

  test.each<readonly [string, unknown, string, string]>([
    ['no number', { part_token }, 'missing_parameter', '`parts[0].part_number`'],
    ['part 0', { part_number: 0, part_token }, 'invalid_parameter', 'from 1 to 3'],
    ['part 4 of 3', { part_number: 4, part_token }, 'invalid_parameter', 'from 1 to 3'],
    ['no token', { part_number: 1 }, 'missing_parameter', '`parts[0].part_token`'],
    [
      'a token without its quotes',
      { part_number: 1, part_token: 'abc' },
      'invalid_parameter',
      'with its quotes',
    ],
    [
      'a field too many',
      { part_number: 1, part_token, length: 1 },
      'invalid_parameter',
      'Unknown field `length`',
    ],
    ['a part that is none', 1, 'invalid_parameter', '`parts[0]` to be an object'],
  ])('refuses %s', async (_, part, code, message) => {
    expect(await checkpoint(await initiateLarge(rig()), part)).toMatchObject(hasError(400, code, message))
  })

  test('refuses an empty list', async () => {
    expect(await checkpoint(await initiateLarge(rig()))).toMatchObject(hasError(400, 'invalid_parameter'))
  })
}

function complete(rig: GetRig, initiated: Initiated, body: unknown) {
  return rig().client.call(at(initiated, '/complete'), { body })
}

function completion(rig: GetRig): void {
  const bytes = randomBytes(11 * mebibyte)

  test('makes a file of the same bytes', async () => {
    const initiated = await initiateLarge(rig())
    const parts = await putParts(initiated.parts, bytes)
    const { status, body } = await complete(rig, initiated, { parts: parts.toReversed() })
    expect([status, body]).toEqual([
      200,
      {
        file_uid: initiated.file_uid,
        file_name: initiated.file_name,
        num_bytes: bytes.length,
        file_status: 'Registered',
        file_attributes: {},
      },
    ])
    expect((await contentOf(rig(), initiated)).equals(bytes)).toBe(true)
  })

  test('also accepts parts that are counted from 0', async () => {
    rig().control.settings.change({ firstPart: 0 })
    const initiated = await initiateLarge(rig())
    expect((await complete(rig, initiated, { parts: await putParts(initiated.parts, bytes) })).status).toBe(
      200,
    )
    expect((await contentOf(rig(), initiated)).equals(bytes)).toBe(true)
  })

  test('needs no token for a part with a checkpoint, and accepts a newer one', async () => {
    const { client } = rig()
    const initiated = await initiateLarge(rig())
    const stale = { part_number: 1, part_token }
    const parts = await putParts(initiated.parts, bytes)
    await client.done(at(initiated, '/parts/checkpoint'), { body: { parts: [stale, parts[1], parts[2]] } })
    expect(await complete(rig, initiated, { parts: [] })).toMatchObject(hasError(400, 'invalid_part_token'))
    expect((await complete(rig, initiated, { parts: parts.slice(0, 1) })).status).toBe(200)
    expect((await contentOf(rig(), initiated)).equals(bytes)).toBe(true)
  })

  test('needs a token or a checkpoint for every part', async () => {
    const initiated = await initiateLarge(rig())
    const [first] = await putParts(initiated.parts.slice(0, 1))
    expect(await complete(rig, initiated, { parts: [first] })).toMatchObject(
      hasError(400, 'missing_parts', 'got none of 2, 3'),
    )
  })

  test('makes an empty file without parts', async () => {
    const initiated = await initiate(rig().client, { num_bytes: 0 })
    expect((await complete(rig, initiated, { parts: [], integrity_checksum: 'AAAAAA==' })).status).toBe(200)
    expect(await contentOf(rig(), initiated)).toHaveLength(0)
    const list = new ListMultipartUploadsCommand({
      Bucket: rig().demo.bucket,
      Prefix: `newton/${initiated.file_uid}`,
    })
    expect((await rig().demo.s3.send(list)).Uploads ?? []).toEqual([])
  })

  test('succeeds once: while it runs and after that, it is 409', async () => {
    const initiated = await initiate(rig().client)
    const body = { parts: await putParts(initiated.parts, Buffer.from('abc')) }
    const answers = await Promise.all([complete(rig, initiated, body), complete(rig, initiated, body)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await complete(rig, initiated, body)).toMatchObject(
      hasError(409, 'upload_conflict', 'completed already'),
    )
  })
}

function integrity(rig: GetRig): void {
  test('compares the CRC32C with the stored bytes', async () => {
    const bytes = randomBytes(11 * mebibyte)
    const initiated = await initiateLarge(rig())
    const parts = await putParts(initiated.parts, bytes)
    const body = { parts, integrity_checksum: await crc32c(bytes) }
    expect((await complete(rig, initiated, body)).status).toBe(200)
  })

  test('uses the right polynomial: 123456789 is e3069283', async () => {
    const digits = Buffer.from('123456789')
    const initiated = await initiate(rig().client, { num_bytes: 9 })
    const body = { parts: await putParts(initiated.parts, digits), integrity_checksum: '4waSgw==' }
    expect((await complete(rig, initiated, body)).status).toBe(200)
  })

  test('marks the file as corrupt if the bytes differ', async () => {
    const { client } = rig()
    const initiated = await initiate(rig().client)
    const parts = await putParts(initiated.parts, Buffer.from('abd'))
    const body = { parts, integrity_checksum: await crc32c(Buffer.from('abc')) }
    expect(await complete(rig, initiated, body)).toMatchObject(hasError(422, 'integrity_mismatch', 'CRC32C'))
    expect(await client.done(`GET /files/metadata/${initiated.file_name}`)).toMatchObject({
      file_status: 'Corrupt',
    })
    expect(await complete(rig, initiated, body)).toMatchObject(hasError(409, 'upload_conflict'))
  })

  test('marks the file as corrupt if the size differs, with or without a checksum', async () => {
    const initiated = await initiate(rig().client)
    const parts = await putParts([{ ...initiated.parts[0], length: 2 } as Part], Buffer.from('abc'))
    expect(await complete(rig, initiated, { parts })).toMatchObject(
      hasError(422, 'integrity_mismatch', 'Expected 3 bytes, got 2'),
    )
  })

  test.each(['none', 'absent'] as const)('is refused if the algorithm is %s', async (algorithm) => {
    rig().control.settings.change({ integrity: algorithm })
    const initiated = await initiate(rig().client)
    const parts = await putParts(initiated.parts, Buffer.from('abc'))
    expect(await complete(rig, initiated, { parts, integrity_checksum: 'AAAAAA==' })).toMatchObject(
      hasError(400, 'invalid_parameter', '`integrity_checksum` to be left out'),
    )
    expect((await complete(rig, initiated, { parts })).status).toBe(200)
  })

  test.each(['e3069283', 'AAAAAA', 'AAAAAAAA', '', 7])(
    'is refused if the checksum is %j',
    async (integrity_checksum) => {
      const initiated = await initiate(rig().client)
      const parts = await putParts(initiated.parts, Buffer.from('abc'))
      expect(await complete(rig, initiated, { parts, integrity_checksum })).toMatchObject(
        hasError(400, 'invalid_parameter', '`integrity_checksum`'),
      )
    },
  )
}

function refusals(rig: GetRig): void {
  test.each<readonly [string, object, string, string]>([
    ['no list', {}, 'missing_parameter', '`parts` to be a list'],
    ['a list of another type', { parts: {} }, 'invalid_parameter', '`parts` to be a list'],
    ['part 0', { parts: [{ part_number: 0, part_token }] }, 'invalid_parameter', 'from 1 to 1'],
    ['no token', { parts: [{ part_number: 1 }] }, 'missing_parameter', '`parts[0].part_token`'],
    ['no quotes', { parts: [{ part_number: 1, part_token: 'a' }] }, 'invalid_parameter', 'with its quotes'],
    ['a wrong token', { parts: [{ part_number: 1, part_token }] }, 'invalid_part_token', ''],
    ['a field too many', { parts: [], checksum: '' }, 'invalid_parameter', 'Unknown field `checksum`'],
  ])('refuses %s', async (_, body, code, message) => {
    const initiated = await initiate(rig().client)
    expect(await complete(rig, initiated, body)).toMatchObject(hasError(400, code, message))
  })

  test('is file_backup_failed if the storage fails, and may be repeated', async () => {
    const { demo } = rig()
    const initiated = await initiate(rig().client)
    const parts = await putParts(initiated.parts, Buffer.from('abc'))
    const undo = demo.store?.faults.add({
      operation: 'CompleteMultipartUpload',
      effect: { kind: 'status', status: 403, code: 'AccessDenied' },
    })
    expect(await complete(rig, initiated, { parts })).toMatchObject(hasError(502, 'file_backup_failed'))
    undo?.()
    expect((await complete(rig, initiated, { parts })).status).toBe(200)
  })
}

function aborting(rig: GetRig): void {
  test('answers with nothing, and the upload is gone with its parts', async () => {
    const { client } = rig()
    const initiated = await initiate(client)
    const response = await client.call(at(initiated, '/abort'))
    expect([response.status, response.body, response.headers.get('content-type')]).toEqual([200, {}, null])
    await expect(putParts(initiated.parts, Buffer.from('abc'))).rejects.toThrow('NoSuchUpload')
    expect(await client.call(at(initiated, '/abort'))).toMatchObject(hasError(404, 'upload_not_found'))
  })

  test('accepts an empty object and nothing else', async () => {
    const { client } = rig()
    const initiated = await initiate(client)
    expect(await client.call(at(initiated, '/abort'), { body: { why: 'so' } })).toMatchObject(
      hasError(400, 'invalid_parameter', 'Unknown field `why`'),
    )
    expect((await client.call(at(initiated, '/abort'), { body: {} })).status).toBe(200)
  })

  test('is 409 for a complete upload', async () => {
    const initiated = await initiate(rig().client)
    await complete(rig, initiated, { parts: await putParts(initiated.parts, Buffer.from('abc')) })
    expect(await rig().client.call(at(initiated, '/abort'))).toMatchObject(hasError(409, 'upload_conflict'))
  })
}

function metadata(rig: GetRig): void {
  test.each(['plain.csv', 'ä b/c%2F#?.csv'])(
    'describes %s, and then a newer file of the same name',
    async (filename) => {
      const { client } = rig()
      const request = `GET /files/metadata/${encodeURIComponent(filename)}`
      expect(await client.call(request)).toMatchObject(hasError(404, 'NOT_FOUND'))
      for (const content of ['abc', 'other']) {
        const initiated = await initiate(client, { filename, num_bytes: content.length })
        await complete(rig, initiated, { parts: await putParts(initiated.parts, Buffer.from(content)) })
        expect(await client.done(request)).toMatchObject({
          file_uid: initiated.file_uid,
          file_name: filename,
          num_bytes: content.length,
        })
      }
    },
  )
}

function lost(rig: GetRig): void {
  test('is upload_not_found everywhere if it is unknown, even if the server has lost it', async () => {
    const { client, control } = rig()
    const initiated = await initiate(client)
    control.expireSessions()
    for (const { upload_id } of [initiated, { upload_id: 'upl_none' }])
      for (const rest of ['parts/urls', 'parts/checkpoint', 'complete', 'abort'])
        expect(await client.call(`POST /files/uploads/${upload_id}/${rest}`, { body: {} })).toMatchObject(
          hasError(404, 'upload_not_found'),
        )
  })
}

import { createHash, randomBytes } from 'node:crypto'
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { putTo } from '../reference/reference-client.ts'
import {
  type Created,
  contentOf,
  create,
  type FragnoFile,
  type GetRig,
  hasStatus,
  storeFile,
} from './fragno-rig.ts'

const bytes = randomBytes(1_000)

function checksumOf(algo: 'md5' | 'sha256', encoding: 'hex' | 'base64' = 'hex') {
  return { algo, value: createHash(algo).update(bytes).digest(encoding) }
}

export function directSingleTests(rig: GetRig): void {
  describe('a file in one request', () => {
    completion(rig)
    verification(rig)
  })
}

function completion(rig: GetRig): void {
  test('becomes a file of the same bytes', async () => {
    const file = await storeFile(rig().client, bytes, {
      filename: 'ä b.bin',
      tags: ['x'],
      metadata: { a: 1 },
    })
    expect(file).toEqual({
      fileKey: expect.stringMatching(/^tests\//),
      uploaderId: null,
      filename: 'ä b.bin',
      sizeBytes: 1_000,
      contentType: 'text/plain',
      checksum: null,
      visibility: 'private',
      tags: ['x'],
      metadata: { a: 1 },
      status: 'ready',
      provider: 's3',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      completedAt: expect.any(String),
      deletedAt: null,
      errorCode: null,
      errorMessage: null,
    })
    expect((await contentOf(rig(), file)).equals(bytes)).toBe(true)
  })

  test('is answered without its times and with its kind if the server is a newer one', async () => {
    const { client, control } = rig()
    control.settings.change({ completion: 'published' })
    const answer = (await storeFile(client, bytes)) as unknown as { kind: string; file: FragnoFile }
    expect(answer.kind).toBe('published')
    expect(Object.keys(answer.file)).not.toContain('completedAt')
    expect(answer.file).toMatchObject({ sizeBytes: 1_000, status: 'ready' })
  })

  test('may be empty', async () => {
    expect(await contentOf(rig(), await storeFile(rig().client, new Uint8Array()))).toHaveLength(0)
  })

  test('is completed once, and after that the same key is FILE_ALREADY_EXISTS', async () => {
    const { client } = rig()
    const { upload, fileKey } = await create(client)
    await putTo(upload.uploadUrl ?? '', Buffer.from('abc'), upload.uploadHeaders)
    const complete = () => client.call(`POST ${upload.completeEndpoint}`, { body: {} })
    const answers = await Promise.all([complete(), complete()])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await complete()).toMatchObject(hasStatus(409, 'FILE_ALREADY_EXISTS'))
    const body = { fileKey, filename: 'a', sizeBytes: 1, contentType: 'a/b' }
    expect(await client.call('POST /uploads', { body })).toMatchObject(hasStatus(409, 'FILE_ALREADY_EXISTS'))
  })

  test('refuses any field that completing does not have', async () => {
    const { client } = rig()
    const { upload } = await create(client)
    const answer = await client.call(`POST ${upload.completeEndpoint}`, { body: { parts: [] } })
    expect(answer).toMatchObject(hasStatus(400, 'FRAGNO_VALIDATION_ERROR'))
  })

  test('is STORAGE_ERROR until the bytes are there, and the session goes on', async () => {
    const { client } = rig()
    const { upload } = await create(client)
    const complete = () => client.call(`POST ${upload.completeEndpoint}`, { body: {} })
    expect(await complete()).toMatchObject(hasStatus(502, 'STORAGE_ERROR'))
    await putTo(upload.uploadUrl ?? '', Buffer.from('abc'), upload.uploadHeaders)
    expect((await complete()).status).toBe(200)
  })
}

function verification(rig: GetRig): void {
  const put = ({ upload }: Created, content: Uint8Array, headers = upload.uploadHeaders) =>
    putTo(upload.uploadUrl ?? '', content, headers)

  test.each([
    ['md5', 'hex'],
    ['md5', 'base64'],
    ['sha256', 'hex'],
    ['sha256', 'base64'],
  ] as const)('has the announced checksum: %s in %s', async (algo, encoding) => {
    const checksum = checksumOf(algo, encoding)
    expect(await storeFile(rig().client, bytes, { checksum })).toMatchObject({ checksum })
  })

  test.each(['md5', 'sha256'] as const)('is refused by the storage if the bytes differ: %s', async (algo) => {
    const created = await create(rig().client, { sizeBytes: 1_000, checksum: checksumOf(algo) })
    await expect(put(created, randomBytes(1_000))).rejects.toThrow('BadDigest')
  })

  test('needs every header that the server names', async () => {
    const created = await create(rig().client, { sizeBytes: 1_000, checksum: checksumOf('md5') })
    await expect(put(created, bytes, { 'Content-Type': 'text/plain' })).rejects.toThrow('403')
    await expect(
      put(created, bytes, { ...created.upload.uploadHeaders, 'Content-Type': 'a/b' }),
    ).rejects.toThrow('403')
  })

  test('is INVALID_CHECKSUM if the size differs, and may be sent again', async () => {
    const { client } = rig()
    const created = await create(client, { sizeBytes: 1_000 })
    await put(created, Buffer.from('short'))
    const complete = () => client.call(`POST ${created.upload.completeEndpoint}`, { body: {} })
    expect(await complete()).toMatchObject({
      ...hasStatus(400, 'INVALID_CHECKSUM'),
      body: { message: 'Expected 1000 bytes, got 5' },
    })
    await put(created, bytes)
    expect((await complete()).status).toBe(200)
  })

  test('is INVALID_CHECKSUM if it was changed in the storage', async () => {
    const { client, demo } = rig()
    const filename = `changed-${randomBytes(4).toString('hex')}`
    const created = await create(client, { filename, sizeBytes: 1_000, checksum: checksumOf('sha256') })
    await put(created, bytes)
    const { Contents } = await demo.s3.send(
      new ListObjectsV2Command({ Bucket: demo.bucket, Prefix: 'fragno/' }),
    )
    const Key = Contents?.find((object) => object.Key?.endsWith(filename))?.Key
    await demo.s3.send(new PutObjectCommand({ Bucket: demo.bucket, Key, Body: randomBytes(1_000) }))
    const answer = await client.call(`POST ${created.upload.completeEndpoint}`, { body: {} })
    expect(answer).toMatchObject(hasStatus(400, 'INVALID_CHECKSUM'))
  })
}

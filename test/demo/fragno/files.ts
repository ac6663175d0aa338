import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ReferenceClient } from '../reference/reference-client.ts'
import { byKey, contentOf, create, type FragnoFile, type GetRig, hasStatus, storeFile } from './fragno-rig.ts'

export function fileTests(rig: GetRig): void {
  describe('GET /files', () => list(rig))
  describe('/files/by-key', () => {
    byKeyTests(rig)
    downloads(rig)
    queries(rig)
  })
  describe('POST /files', () => forms(rig))
}

type Page = { readonly files: readonly FragnoFile[]; readonly cursor?: string; readonly hasNextPage: boolean }

function list(rig: GetRig): void {
  const page = (query: string) => rig().client.done<Page>(`GET /files?${query}`)
  const keys = ({ files }: Page) => files.map(({ fileKey }) => fileKey)

  test('returns the files below a prefix page by page, in the order of their keys', async () => {
    const names = ['list/b', 'list/a', 'list/c']
    for (const fileKey of names) await storeFile(rig().client, Buffer.from('abc'), { fileKey })
    const first = await page('prefix=list/&pageSize=2')
    expect([keys(first), first.hasNextPage]).toEqual([['list/a', 'list/b'], true])
    const second = await page(`prefix=list/&pageSize=2&cursor=${first.cursor}`)
    expect(second).toEqual({ files: [expect.objectContaining({ fileKey: 'list/c' })], hasNextPage: false })
  })

  test('returns only the files of a provider, a status and an uploader', async () => {
    const kept = await storeFile(rig().client, Buffer.from('abc'), { fileKey: 'mine/a', uploaderId: 'me' })
    await storeFile(rig().client, Buffer.from('abc'), { fileKey: 'mine/b' })
    await rig().client.done(`DELETE ${byKey({ fileKey: 'mine/b' })}`)
    expect(keys(await page('prefix=mine/'))).toEqual(['mine/a', 'mine/b'])
    expect(keys(await page('prefix=mine/&status=deleted'))).toEqual(['mine/b'])
    expect((await page('prefix=mine/&uploaderId=me&status=ready&provider=s3')).files).toEqual([kept])
    expect((await page('provider=r2')).files).toEqual([])
  })

  test.each([
    'pageSize=0',
    'pageSize=501',
    'pageSize=x',
    'status=lost',
    'cursor=%20',
    'delimiter=/',
    'Prefix=a',
  ])('refuses %s', async (query) => {
    expect(await rig().client.call(`GET /files?${query}`)).toMatchObject(hasStatus(400, 'INVALID_REQUEST'))
  })
}

function byKeyTests(rig: GetRig): void {
  test('GET describes a file', async () => {
    const file = await storeFile(rig().client)
    expect(await rig().client.done(`GET ${byKey(file)}`)).toEqual(file)
  })

  test('PATCH changes what may be changed', async () => {
    const { client } = rig()
    const file = await storeFile(client, Buffer.from('abc'), { tags: ['x'], metadata: { a: 1 } })
    const body = { filename: 'b.bin', visibility: 'unlisted', tags: null, metadata: { b: 2 } }
    const changed = await client.done(`PATCH ${byKey(file)}`, { body })
    expect(changed).toEqual({ ...file, ...body, updatedAt: expect.any(String) })
    expect(await client.done(`GET ${byKey(file)}`)).toEqual(changed)
    expect(await client.done(`PATCH ${byKey(file)}`, { body: {} })).toMatchObject(body)
  })

  test.each([
    { filename: '' },
    { filename: 7 },
    { visibility: 'secret' },
    { tags: 'x' },
    { metadata: 1 },
    { sizeBytes: 4 },
  ])('PATCH refuses %j', async (body) => {
    const file = await storeFile(rig().client)
    expect(await rig().client.call(`PATCH ${byKey(file)}`, { body })).toMatchObject(
      hasStatus(400, 'FRAGNO_VALIDATION_ERROR'),
    )
  })

  test('DELETE removes the bytes, may be repeated, and frees the key', async () => {
    const { client } = rig()
    const file = await storeFile(client)
    const { url } = await client.done<{ url: string }>(`GET ${byKey(file, '/download-url')}`)
    expect(await client.done(`DELETE ${byKey(file)}`)).toEqual({ ok: true })
    expect((await fetch(url)).status).toBe(404)
    expect(await client.done(`DELETE ${byKey(file)}`)).toEqual({ ok: true })
    expect(await client.done(`GET ${byKey(file)}`)).toMatchObject({
      status: 'deleted',
      deletedAt: expect.any(String),
    })
    expect(await client.call(`PATCH ${byKey(file)}`, { body: {} })).toMatchObject(
      hasStatus(409, 'UPLOAD_INVALID_STATE'),
    )
    for (const rest of ['/content', '/download-url'])
      expect(await client.call(`GET ${byKey(file, rest)}`)).toMatchObject(hasStatus(404, 'FILE_NOT_FOUND'))
    await storeFile(client, Buffer.from('other'), { fileKey: file.fileKey })
    expect((await contentOf(rig(), file)).toString()).toBe('other')
  })
}

function downloads(rig: GetRig): void {
  test('the download URL returns the bytes', async () => {
    const bytes = randomBytes(100)
    const file = await storeFile(rig().client, bytes)
    const signed = await rig().client.done<{ url: string; expiresAt: string }>(
      `GET ${byKey(file, '/download-url')}`,
    )
    expect(Date.parse(signed.expiresAt)).toBeGreaterThan(Date.now())
    const response = await fetch(signed.url)
    expect(Buffer.from(await response.bytes()).equals(bytes)).toBe(true)
    expect(response.headers.get('content-type')).toBe('text/plain')
  })

  test('the content comes with its type, size and name', async () => {
    const { client } = rig()
    const file = await storeFile(client, Buffer.from('abc'), { filename: 'ä.txt' })
    const { headers } = await client.call(`GET ${byKey(file, '/content')}`)
    expect(headers.get('content-type')).toBe('text/plain')
    expect(headers.get('content-length')).toBe('3')
    expect(headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%A4.txt")
  })

  test('a URL that the storage cannot sign is SIGNED_URL_UNSUPPORTED', async () => {
    const { client, control } = rig()
    const file = await storeFile(client)
    control.settings.change({ signsDownloads: false, streamsDownloads: false })
    for (const rest of ['/download-url', '/content'])
      expect(await client.call(`GET ${byKey(file, rest)}`)).toMatchObject(
        hasStatus(400, 'SIGNED_URL_UNSUPPORTED'),
      )
  })
}

function queries(rig: GetRig): void {
  const requests = (query: string): readonly string[] => [
    `GET /files/by-key?${query}`,
    `PATCH /files/by-key?${query}`,
    `DELETE /files/by-key?${query}`,
    `GET /files/by-key/download-url?${query}`,
    `GET /files/by-key/content?${query}`,
  ]

  test.each([
    ['a file that there is not', 'provider=s3&key=nothing', 404, 'FILE_NOT_FOUND'],
    ['a file of another provider', 'provider=r2&key=list/a', 404, 'FILE_NOT_FOUND'],
    ['no key', 'provider=s3', 400, 'INVALID_REQUEST'],
    ['no provider', 'key=a', 400, 'INVALID_REQUEST'],
    ['a parameter too many', 'provider=s3&key=a&fileKey=a', 400, 'INVALID_REQUEST'],
    ['a key with dots', 'provider=s3&key=a/../b', 400, 'INVALID_FILE_KEY'],
  ])('%s', async (_, query, status, code) => {
    for (const request of requests(query)) {
      const body = request.startsWith('PATCH') ? {} : undefined
      expect(await rig().client.call(request, { body })).toMatchObject(hasStatus(status, code))
    }
  })
}

function forms(rig: GetRig): void {
  const bytes = randomBytes(1_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')

  function send(client: ReferenceClient, fields: Readonly<Record<string, string>>, file = true) {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    if (file) body.set('file', new File([bytes], 'form.bin', { type: 'image/png' }))
    return client.call('POST /files', { body })
  }

  test('stores a whole file with the details in the form', async () => {
    const checksum = { algo: 'sha256', value: sha256 }
    const fields = { tags: '["x"]', metadata: '{"a":1}', checksum: JSON.stringify(checksum) }
    const { status, body } = await send(rig().client, { fileKey: 'forms/a', provider: 's3', ...fields })
    expect(status).toBe(200)
    expect(body).toMatchObject({ filename: 'form.bin', contentType: 'image/png', tags: ['x'], checksum })
    expect((await contentOf(rig(), { fileKey: 'forms/a' })).equals(bytes)).toBe(true)
    expect(await send(rig().client, { fileKey: 'forms/a', ...fields })).toMatchObject(
      hasStatus(409, 'FILE_ALREADY_EXISTS'),
    )
  })

  test('never counts as an upload that is under way', async () => {
    await create(rig().client, { fileKey: 'forms/b' })
    expect(await send(rig().client, { fileKey: 'forms/b' })).toMatchObject(
      hasStatus(409, 'UPLOAD_ALREADY_ACTIVE'),
    )
  })

  test('refuses a form without a file or with an unknown field, and anything that is not a form', async () => {
    const { client } = rig()
    expect(await send(client, { fileKey: 'forms/c' }, false)).toMatchObject(hasStatus(400, 'INVALID_REQUEST'))
    expect(await send(client, { fileKey: 'forms/c', colour: 'red' })).toMatchObject(
      hasStatus(400, 'FRAGNO_VALIDATION_ERROR'),
    )
    const wrong = JSON.stringify({ algo: 'sha256', value: sha256.replace(/./g, '0') })
    expect(await send(client, { fileKey: 'forms/c', checksum: wrong })).toMatchObject(
      hasStatus(400, 'INVALID_CHECKSUM'),
    )
    expect(await client.call('POST /files', { body: {} })).toMatchObject(
      hasStatus(415, 'UNSUPPORTED_MEDIA_TYPE'),
    )
  })
}

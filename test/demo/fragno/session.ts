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
  storeFile,
} from './fragno-rig.ts'

const followUps = (id: string): readonly (readonly [string, unknown])[] => [
  [`GET /uploads/${id}?provider=s3`, undefined],
  [`POST /uploads/${id}/progress?provider=s3`, {}],
  [`POST /uploads/${id}/parts?provider=s3`, { partNumbers: [1] }],
  [`POST /uploads/${id}/parts/complete?provider=s3`, { parts: [] }],
  [`POST /uploads/${id}/complete?provider=s3`, {}],
  [`POST /uploads/${id}/abort?provider=s3`, undefined],
  [`PUT /uploads/${id}/content?provider=s3`, undefined],
]

export function sessionTests(rig: GetRig): void {
  describe('a session', () => {
    states(rig)
    providers(rig)
  })
  describe('a fault', () => faults(rig))
  describe('GET /uploads/:uploadId', () => status(rig))
  describe('POST /uploads/:uploadId/progress', () => progress(rig))
  describe('PUT /uploads/:uploadId/content', () => content(rig))
}

async function answersOf(client: ReferenceClient, id: string): Promise<readonly unknown[]> {
  const calls = followUps(id).map(([request, body]) => client.call(request, { body }))
  return (await Promise.all(calls)).map(({ body }) => body['code'])
}

function states(rig: GetRig): void {
  test('is UPLOAD_NOT_FOUND everywhere if it is unknown', async () => {
    const codes = await answersOf(rig().client, 'none')
    expect(codes).toEqual(codes.map(() => 'UPLOAD_NOT_FOUND'))
  })

  test('is UPLOAD_EXPIRED after an hour, whatever happened in between', async () => {
    const { client, control } = rig()
    const { uploadId, upload } = await createMultipart(rig())
    const before = await client.done(`GET ${upload.statusEndpoint}`)
    await client.done(`POST ${upload.progressEndpoint}`, { body: { bytesUploaded: 1 } })
    const after = await client.done(`GET ${upload.statusEndpoint}`)
    expect(after['expiresAt']).toBe(before['expiresAt'])
    control.expireSessions()
    expect((await client.done(`GET ${upload.statusEndpoint}`))['status']).toBe('in_progress')
    const part = { partNumber: 3, etag: '"a"', sizeBytes: mebibyte }
    const answers = [
      await client.call(`POST ${upload.progressEndpoint}`, { body: {} }),
      await client.call(`POST ${upload.partsCompleteEndpoint}`, { body: { parts: [part] } }),
      await client.call(`POST ${upload.completeEndpoint}`, { body: { parts: [] } }),
      await client.call(`POST /uploads/${uploadId}/abort?provider=s3`),
    ]
    for (const answer of answers) expect(answer).toMatchObject(hasStatus(410, 'UPLOAD_EXPIRED'))
    expect((await client.done(`GET ${upload.statusEndpoint}`))['status']).toBe('expired')
  })

  test('is UPLOAD_INVALID_STATE after an abort, and its key is free again', async () => {
    const { client } = rig()
    const { upload, fileKey } = await create(client)
    expect(await client.done(`POST ${upload.abortEndpoint}`, { body: {} })).toEqual({ ok: true })
    expect((await client.done(`GET ${upload.statusEndpoint}`))['status']).toBe('aborted')
    for (const endpoint of [upload.abortEndpoint, upload.completeEndpoint, upload.progressEndpoint])
      expect(await client.call(`POST ${endpoint}`, { body: {} })).toMatchObject(
        hasStatus(409, 'UPLOAD_INVALID_STATE'),
      )
    await create(client, { fileKey })
  })

  test('cannot be aborted when it is complete', async () => {
    const { client, control } = rig()
    control.settings.change({ strategy: 'proxy' })
    const { upload } = await create(client)
    await put(client, upload, Buffer.from('abc'))
    expect(await client.call(`POST ${upload.abortEndpoint}`)).toMatchObject(
      hasStatus(409, 'UPLOAD_INVALID_STATE'),
    )
  })

  test('is not aborted by a request with a body', async () => {
    const { upload } = await create(rig().client)
    const answer = await rig().client.call(`POST ${upload.abortEndpoint}`, { body: { why: 'so' } })
    expect(answer).toMatchObject(hasStatus(400, 'FRAGNO_VALIDATION_ERROR'))
  })

  test('has only the routes of its own strategy: UPLOAD_INVALID_STATE', async () => {
    const { client, control } = rig()
    const wrong: Readonly<Record<string, readonly string[]>> = {
      'direct-single': ['parts', 'parts/complete', 'content'],
      'direct-multipart': ['content'],
      proxy: ['parts', 'parts/complete', 'complete', 'progress'],
    }
    for (const strategy of ['direct-single', 'direct-multipart', 'proxy'] as const) {
      control.settings.change({ strategy })
      const { uploadId } = await create(client)
      for (const route of wrong[strategy] ?? []) {
        const method = route === 'content' ? 'PUT' : 'POST'
        const headers = route === 'content' ? { 'content-type': 'application/octet-stream' } : {}
        const request = `${method} /uploads/${uploadId}/${route}?provider=s3`
        expect(await client.call(request, { body: {}, headers })).toMatchObject(
          hasStatus(409, 'UPLOAD_INVALID_STATE'),
        )
      }
    }
  })
}

function providers(rig: GetRig): void {
  const storageTouching = ({ upload }: Created): readonly string[] => [
    upload.partsEndpoint,
    upload.completeEndpoint,
    upload.abortEndpoint,
  ]

  async function codes(created: Created, change: (endpoint: string) => string): Promise<readonly unknown[]> {
    const calls = storageTouching(created).map((endpoint) => {
      const body = endpoint.includes('/parts') ? { partNumbers: [1] } : {}
      return rig().client.call(`POST ${change(endpoint)}`, { body })
    })
    return (await Promise.all(calls)).map(({ status, body }) => `${status} ${body['code']}`)
  }

  const mismatch = ['409 PROVIDER_MISMATCH', '409 PROVIDER_MISMATCH', '409 PROVIDER_MISMATCH']

  test('is PROVIDER_MISMATCH for another provider or none, before the storage is asked', async () => {
    const created = await createMultipart(rig())
    expect(await codes(created, (endpoint) => endpoint.replace('=s3', '=r2'))).toEqual(mismatch)
    expect(await codes(created, (endpoint) => endpoint.replace('?provider=s3', ''))).toEqual(mismatch)
  })

  test('is PROVIDER_MISMATCH after the server was given another storage', async () => {
    const created = await createMultipart(rig())
    rig().control.settings.change({ provider: 'r2' })
    expect(await codes(created, (endpoint) => endpoint)).toEqual(mismatch)
  })

  test('works without a provider if the server is told so', async () => {
    const { client, control } = rig()
    const { uploadId } = await createMultipart(rig())
    control.settings.change({ sticky: false })
    expect((await client.call(`POST /uploads/${uploadId}/abort`)).status).toBe(200)
  })

  test('shows its state whatever the provider', async () => {
    const { uploadId } = await create(rig().client)
    expect((await rig().client.call(`GET /uploads/${uploadId}`)).status).toBe(200)
  })
}

function faults(rig: GetRig): void {
  test.each([
    ['before the abort', { kind: 'cut' }, 'created'],
    ['after the abort', { kind: 'cut-answer' }, 'aborted'],
    ['before the abort', { kind: 'error', code: 'STORAGE_ERROR' }, 'created'],
    ['after the abort', { kind: 'error', code: 'STORAGE_ERROR', when: 'after' }, 'aborted'],
    ['before the abort', { kind: 'answer', status: 504 }, 'created'],
    ['after the abort', { kind: 'answer', status: 504, when: 'after' }, 'aborted'],
  ] as const)('%s: %j', async (_, effect, state) => {
    const { client, control } = rig()
    const { upload } = await create(client)
    control.faults.add({ endpoint: 'POST /uploads/:uploadId/abort', effect })
    await client.call(`POST ${upload.abortEndpoint}`).catch(() => {})
    expect((await client.done(`GET ${upload.statusEndpoint}`))['status']).toBe(state)
  })
}

function status(rig: GetRig): void {
  test('has the same fields as the answer to the creation, and the progress', async () => {
    const { client } = rig()
    const created = await createMultipart(rig())
    expect(await client.done(`GET ${created.upload.statusEndpoint}`)).toEqual({
      ...created,
      expectedSizeBytes: 11 * mebibyte,
      bytesUploaded: 0,
      partsUploaded: 0,
      partSizeBytes: 5 * mebibyte,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      completedAt: null,
      errorCode: null,
      errorMessage: null,
    })
  })

  test('says that an upload is complete', async () => {
    const { client } = rig()
    const { uploadId, fileKey } = await create(client)
    await client.done(`POST /uploads/${uploadId}/abort?provider=s3`)
    const { upload } = await create(client, { fileKey, sizeBytes: 0 })
    await fetch(upload.uploadUrl ?? '', { method: 'PUT', headers: { ...upload.uploadHeaders } })
    await client.done(`POST ${upload.completeEndpoint}`, { body: {} })
    expect(await client.done(`GET ${upload.statusEndpoint}`)).toMatchObject({
      status: 'completed',
      partSizeBytes: null,
      completedAt: expect.any(String),
    })
  })
}

function progress(rig: GetRig): void {
  test('never falls, and may exceed the size', async () => {
    const { client } = rig()
    const { upload } = await create(client)
    const report = (body: object) => client.done(`POST ${upload.progressEndpoint}`, { body })
    expect(await report({ bytesUploaded: 2 })).toEqual({ bytesUploaded: 2, partsUploaded: 0 })
    expect(await report({ bytesUploaded: 1, partsUploaded: 4 })).toEqual({
      bytesUploaded: 2,
      partsUploaded: 4,
    })
    expect(await report({ bytesUploaded: 900 })).toEqual({ bytesUploaded: 900, partsUploaded: 4 })
    expect((await client.done(`GET ${upload.statusEndpoint}`))['status']).toBe('in_progress')
  })

  test.each([{ bytesUploaded: -1 }, { bytesUploaded: '1' }, { partsUploaded: 0.5 }, { bytes: 1 }])(
    'refuses %j',
    async (body) => {
      const { upload } = await create(rig().client)
      expect(await rig().client.call(`POST ${upload.progressEndpoint}`, { body })).toMatchObject(
        hasStatus(400, 'FRAGNO_VALIDATION_ERROR'),
      )
    },
  )
}

const octets = { 'content-type': 'application/octet-stream' }

function put(client: ReferenceClient, upload: Created['upload'], bytes: Uint8Array) {
  const body = new Blob([bytes as BlobPart])
  return client.call(`PUT ${upload.contentEndpoint}`, { body, headers: octets })
}

function content(rig: GetRig): void {
  async function createProxied(sizeBytes: number): Promise<Created> {
    rig().control.settings.change({ strategy: 'proxy' })
    return create(rig().client, { sizeBytes })
  }

  test('stores the bytes and makes the file at once', async () => {
    const bytes = randomBytes(3 * mebibyte)
    const { upload, fileKey } = await createProxied(bytes.length)
    const { status, body } = await put(rig().client, upload, bytes)
    expect([status, body['status'], body['fileKey']]).toEqual([200, 'ready', fileKey])
    expect((await contentOf(rig(), { fileKey })).equals(bytes)).toBe(true)
    expect(await put(rig().client, upload, bytes)).toMatchObject(hasStatus(409, 'FILE_ALREADY_EXISTS'))
  })

  test('accepts no bytes for an empty file', async () => {
    const { upload } = await createProxied(0)
    expect((await put(rig().client, upload, new Uint8Array())).status).toBe(200)
  })

  test.each(['', '?provider=r2'])('is PROVIDER_MISMATCH with "%s"', async (query) => {
    const { uploadId } = await createProxied(3)
    const request = `PUT /uploads/${uploadId}/content${query}`
    expect(await rig().client.call(request, { body: 'abc', headers: octets })).toMatchObject(
      hasStatus(409, 'PROVIDER_MISMATCH'),
    )
  })

  test('accepts only application/octet-stream, whatever the type of the file', async () => {
    const { upload } = await createProxied(3)
    const headers = { 'content-type': 'text/plain' }
    const answer = await rig().client.call(`PUT ${upload.contentEndpoint}`, { body: 'abc', headers })
    expect(answer).toMatchObject(hasStatus(415, 'UNSUPPORTED_MEDIA_TYPE'))
  })

  test.each([
    ['fewer', 2],
    ['no', 0],
    ['more', 4],
    ['many more', 300_000],
  ])('ends in STORAGE_ERROR with %s bytes, and so does the session', async (_, size) => {
    const { client } = rig()
    const { upload } = await createProxied(3)
    const answer = await put(client, upload, Buffer.alloc(size))
    expect(answer).toMatchObject(hasStatus(502, 'STORAGE_ERROR'))
    expect(answer.body['message']).toContain('Expected 3 bytes, got ')
    expect(await client.done(`GET ${upload.statusEndpoint}`)).toMatchObject({
      status: 'failed',
      errorCode: 'STORAGE_ERROR',
    })
    expect(await put(client, upload, Buffer.from('abc'))).toMatchObject(
      hasStatus(409, 'UPLOAD_INVALID_STATE'),
    )
  })

  test('ends in STORAGE_ERROR if the storage refuses the bytes', async () => {
    const { client, demo } = rig()
    const { upload } = await createProxied(3)
    const undo = demo.store?.faults.add({
      operation: 'PutObject',
      effect: { kind: 'status', status: 403, code: 'AccessDenied' },
    })
    expect(await put(client, upload, Buffer.from('abc'))).toMatchObject(hasStatus(502, 'STORAGE_ERROR'))
    undo?.()
  })

  test('may be repeated after the client has hung up', async () => {
    const { client } = rig()
    const { upload, fileKey } = await createProxied(3)
    const hangUp = new AbortController()
    const stalled = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('a')),
    })
    const headers = { authorization: `Bearer ${client.token}`, ...octets }
    const options = { method: 'PUT', headers, body: stalled, duplex: 'half', signal: hangUp.signal }
    const sent = fetch(client.base + upload.contentEndpoint, options as RequestInit)
    setTimeout(() => hangUp.abort(), 50)
    await expect(sent).rejects.toThrow('aborted')
    expect((await client.done(`GET ${upload.statusEndpoint}`))['status']).toBe('created')
    expect((await put(client, upload, Buffer.from('abc'))).status).toBe(200)
    expect((await contentOf(rig(), { fileKey })).toString()).toBe('abc')
  })

  test('accepts no second file for a key that has been taken meanwhile', async () => {
    const { client } = rig()
    const { upload, fileKey } = await createProxied(3)
    rig().control.expireSessions()
    rig().control.settings.change({ strategy: 'direct-single' })
    await storeFile(client, Buffer.from('abc'), { fileKey })
    expect(await put(client, upload, Buffer.from('abc'))).toMatchObject(hasStatus(410, 'UPLOAD_EXPIRED'))
  })
}

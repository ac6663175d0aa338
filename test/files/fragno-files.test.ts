/** Calls about files on the reference server for Fragno's contract, and wrong answers that a server could give. */
import { describe, expect, test, vi } from 'vitest'
import { demoToken } from '../../demo/server/backends/reference/control.ts'
import type { FragnoFile } from '../../src/backends/fragno-file.ts'
import { NetworkError } from '../../src/errors.ts'
import { fragnoFiles } from '../../src/files/fragno-files.ts'
import type { ApiRequest, Json } from '../../src/ports.ts'
import { fragnoContract } from '../demo/contract/fragno.ts'
import { storeFile } from '../demo/fragno/fragno-rig.ts'
import { sharedRig } from '../demo/reference/rig.ts'

const rig = sharedRig(fragnoContract, (demo) => demo.controls.fragno)

type Files = ReturnType<typeof fragnoFiles>

function files(): Files {
  return fragnoFiles({ baseUrl: rig().client.base, headers: { authorization: `Bearer ${demoToken}` } })
}

function store(fileKey: string, details: object = {}): Promise<unknown> {
  return storeFile(rig().client, Buffer.from(fileKey), { fileKey, ...details })
}

async function keys(all: AsyncIterable<FragnoFile>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { fileKey } of all) found.push(fileKey)
  return found
}

describe('files', () => {
  test('are listed page by page, and all of them one after the other', async () => {
    const stored = ['list/1', 'list/2', 'list/3', 'list/4', 'list/5']
    for (const fileKey of [...stored, 'other/1']) await store(fileKey)
    const first = await files().list({ prefix: 'list/', pageSize: 2 })
    expect(first.files.map(({ fileKey }) => fileKey)).toEqual(['list/1', 'list/2'])
    const second = await files().list({ prefix: 'list/', pageSize: 2, cursor: first.cursor })
    expect(second.files.map(({ fileKey }) => fileKey)).toEqual(['list/3', 'list/4'])
    expect(await keys(files().all({ prefix: 'list/', pageSize: 2 }))).toEqual(stored)
    expect(await keys(files().all({ prefix: 'list/', pageSize: 2, cursor: first.cursor }))).toEqual(
      stored.slice(2),
    )
    expect((await files().list({ prefix: 'list/' })).cursor).toBeUndefined()
  })

  test('are listed by provider, uploader and status', async () => {
    await store('by/a', { uploaderId: 'user-1' })
    await store('by/b', { uploaderId: 'user-2' })
    await files().delete({ provider: 's3', fileKey: 'by/b' })
    expect(await keys(files().all({ prefix: 'by/', uploaderId: 'user-1' }))).toEqual(['by/a'])
    expect(await keys(files().all({ prefix: 'by/', status: 'deleted' }))).toEqual(['by/b'])
    expect(await keys(files().all({ provider: 'r2' }))).toEqual([])
  })

  test('are an empty list if there are none', async () => {
    expect(await files().list({ prefix: 'nothing/' })).toEqual({ files: [], cursor: undefined })
  })
})

describe('a file', () => {
  const name = (fileKey: string) => ({ provider: 's3', fileKey })

  test.each(['get/a b', 'get/ä+ö&ü=?#%2F', 'get/日本/🎉'])('is described by its key: %s', async (fileKey) => {
    await store(fileKey, { tags: ['x'], metadata: { a: [1] }, visibility: 'public' })
    expect(await files().get(name(fileKey))).toEqual({
      fileKey,
      provider: 's3',
      filename: 'a.bin',
      sizeBytes: Buffer.from(fileKey).length,
      contentType: 'text/plain',
      checksum: null,
      visibility: 'public',
      tags: ['x'],
      metadata: { a: [1] },
      uploaderId: null,
      status: 'ready',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      completedAt: expect.any(String),
      deletedAt: null,
      errorCode: null,
      errorMessage: null,
    })
  })

  test('is changed in the given fields, and null removes a value', async () => {
    await store('change', { tags: ['x'], metadata: { a: 1 } })
    const changes = { filename: 'new.bin', visibility: 'unlisted', tags: ['y', 'z'], metadata: null } as const
    expect(await files().update(name('change'), changes)).toMatchObject(changes)
    expect(await files().update(name('change'), { tags: null })).toMatchObject({ ...changes, tags: null })
  })

  test('is deleted, and deleting it again or deleting one that never existed also succeeds', async () => {
    await store('delete')
    await files().delete(name('delete'))
    await files().delete(name('delete'))
    await files().delete(name('never-there'))
    expect(await files().get(name('delete'))).toMatchObject({
      status: 'deleted',
      deletedAt: expect.any(String),
    })
  })

  test('is downloaded through a URL that says how long it is valid', async () => {
    await store('download')
    const { url, expiresAt } = await files().downloadUrl(name('download'))
    expect(await (await fetch(url)).text()).toBe('download')
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now())
  })

  test.each([
    ['get', (all: Files) => all.get(name('not-there')), 404, 'FILE_NOT_FOUND'],
    ['update', (all: Files) => all.update(name('not-there'), {}), 404, 'FILE_NOT_FOUND'],
    ['downloadUrl', (all: Files) => all.downloadUrl(name('not-there')), 404, 'FILE_NOT_FOUND'],
    ['get', (all: Files) => all.get(name('a/../b')), 400, 'INVALID_FILE_KEY'],
    ['delete', (all: Files) => all.delete(name('a/../b')), 400, 'INVALID_FILE_KEY'],
  ])(
    "that is not available is an error of %s with the server's code",
    async (endpoint, call, status, code) => {
      await expect(call(files())).rejects.toMatchObject({
        name: 'HttpError',
        endpoint,
        status,
        serviceCode: code,
      })
    },
  )

  test('has no URL if the storage cannot sign', async () => {
    await store('unsigned')
    rig().control.settings.change({ signsDownloads: false })
    await expect(files().downloadUrl(name('unsigned'))).rejects.toMatchObject({
      serviceCode: 'SIGNED_URL_UNSUPPORTED',
    })
  })

  test.each([
    ['GET /files/by-key', (all: Files) => all.get(name('again'))],
    ['PATCH /files/by-key', (all: Files) => all.update(name('again'), { tags: ['x'] })],
    ['DELETE /files/by-key', (all: Files) => all.delete(name('again'))],
    ['GET /files/by-key/download-url', (all: Files) => all.downloadUrl(name('again'))],
    ['GET /files', (all: Files) => all.list()],
  ])('is requested again if the answer of %s is lost', async (endpoint, call) => {
    await store('again').catch(() => {}) // The row before may have stored it already.
    rig().control.faults.add({ endpoint, effect: { kind: 'cut-answer' } })
    await call(files())
    expect(rig().control.faults.rules).toEqual([])
  })
})

describe('an answer', () => {
  function answered(body: Json): { readonly all: Files; readonly requests: ApiRequest[] } {
    const requests: ApiRequest[] = []
    const send = async (request: ApiRequest) => {
      requests.push(request)
      return { status: 200, headers: {}, body: JSON.stringify(body) }
    }
    return { all: fragnoFiles({ baseUrl: '/api/uploads', api: { send } }), requests }
  }

  test.each([
    ['list', 'files', {}, (all: Files) => all.list()],
    ['list', 'cursor', { files: [], cursor: 7, hasNextPage: true }, (all: Files) => all.list()],
    ['list', 'fileKey', { files: [{}] }, (all: Files) => all.list()],
    ['get', 'fileKey', {}, (all: Files) => all.get({ provider: 's3', fileKey: 'a' })],
    ['update', 'fileKey', {}, (all: Files) => all.update({ provider: 's3', fileKey: 'a' }, {})],
    [
      'downloadUrl',
      'url',
      { url: 'javascript:1', expiresAt: '2026-08-22T10:00:00.000Z' },
      (all: Files) => all.downloadUrl({ provider: 's3', fileKey: 'a' }),
    ],
    [
      'downloadUrl',
      'expiresAt',
      { url: 'https://s3.test/a', expiresAt: 'later' },
      (all: Files) => all.downloadUrl({ provider: 's3', fileKey: 'a' }),
    ],
  ])('of %s with a bad %s is an error that names the field: %j', async (endpoint, field, body, call) => {
    await expect(call(answered(body).all)).rejects.toMatchObject({ name: 'BackendError', endpoint, field })
  })

  test('without a next page ends the list, whatever its cursor', async () => {
    const { all, requests } = answered({ files: [], cursor: 'x', hasNextPage: false })
    expect(await keys(all.all())).toEqual([])
    expect(requests.map(({ url }) => url)).toEqual(['/api/uploads/files'])
  })

  test('that never comes is requested four times altogether', async () => {
    vi.useFakeTimers()
    const send = vi.fn(() => Promise.reject(new NetworkError('no answer')))
    const outcome = vi.fn()
    fragnoFiles({ baseUrl: '/api/uploads', api: { send } })
      .list()
      .catch(({ code }) => outcome(code))
    await vi.advanceTimersByTimeAsync(3_600_000)
    vi.useRealTimers()
    expect([send.mock.calls.length, outcome.mock.calls]).toEqual([4, [['network']]])
  })

  test('is not waited for after an abort', async () => {
    const all = fragnoFiles({ baseUrl: '/api/uploads', api: { send: () => new Promise(() => {}) } })
    const signal = AbortSignal.abort('enough')
    await expect(all.list({}, { signal })).rejects.toBe('enough')
  })
})

test('every endpoint can be replaced', async () => {
  const requests: string[] = []
  const send = async ({ method, url }: ApiRequest) => {
    requests.push(`${method} ${url}`)
    return { status: 400, headers: {}, body: '' }
  }
  const all = fragnoFiles({
    baseUrl: '/api',
    api: { send },
    endpoints: {
      list: '/l',
      get: 'POST /g',
      update: 'PUT /u',
      delete: 'POST /d',
      downloadUrl: async () => ({ url: 'https://s3.test/a', expiresAt: '2026-08-22T10:00:00.000Z' }),
    },
  })
  const file = { provider: 's3', fileKey: 'a' }
  const calls = [() => all.list(), () => all.get(file), () => all.update(file, {}), () => all.delete(file)]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ status: 400 })
  expect(requests).toEqual([
    'GET /api/l',
    'POST /api/g?provider=s3&key=a',
    'PUT /api/u?provider=s3&key=a',
    'POST /api/d?provider=s3&key=a',
  ])
  expect(await all.downloadUrl(file)).toMatchObject({ url: 'https://s3.test/a' })
})

test.each([
  ['baseUrl', { baseUrl: 'ftp://x' }],
  ['endpoints.list', { endpoints: { list: 'ftp://x' } }],
])('a bad %s is refused at once', (option, options) => {
  expect(() => fragnoFiles(options)).toThrow(TypeError)
  expect(() => fragnoFiles(options)).toThrow(`\`${option}\``)
})

import { describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { type BkendFilesOptions, bkendFiles } from '../../src/files/bkend-files.ts'
import type { ApiTransport, Json } from '../../src/ports.ts'
import { fileOf, Page, withPages } from '../backends/bkend-rig.ts'

vi.setConfig({ testTimeout: 30_000 })

let demo: Demo
let page: Page
withPages((one, its) => {
  page = one
  demo = its
})

/** Uploads files with these names. @returns Their ids. */
async function having(...names: readonly string[]): Promise<readonly string[]> {
  const uploader = page.load()
  const ids: string[] = []
  for (const name of names) {
    const { details } = await uploader.uploadFile(fileOf(10 + ids.length, name, 'text/plain'))
    ids.push((details as { id: string }).id)
  }
  return ids
}

describe('against the reference server, stored files', () => {
  test.each(['bare', 'wrapped'])('are described (%s)', async (answers) => {
    await page.control('PATCH /settings', { answers })
    const [id = ''] = await having('a.txt')
    expect(await page.files.get(id)).toEqual({
      id,
      s3Key: expect.stringContaining('a.txt'),
      originalName: 'a.txt',
      mimeType: 'text/plain',
      size: 10,
      visibility: 'private',
      ownerId: page.user,
      ownerType: 'user',
      metadata: {},
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
  })

  test('are listed page by page, as the query says', async () => {
    await having('b 1.txt', 'a 2.txt', 'c 3.txt', 'other')
    const query = { search: '.txt', sortBy: 'originalName', sortDirection: 'asc', limit: 2 } as const
    const first = await page.files.list({ ...query, ownerId: page.user })
    expect(first.items.map(({ originalName }) => originalName)).toEqual(['a 2.txt', 'b 1.txt'])
    expect(first.pagination).toEqual({
      total: 3,
      page: 1,
      limit: 2,
      totalPages: 2,
      hasNextPage: true,
      hasPrevPage: false,
    })
    const second = await page.files.list({ ...query, page: 2 })
    expect(second.items.map(({ originalName }) => originalName)).toEqual(['c 3.txt'])
    expect((await page.files.list()).pagination.limit).toBe(20)
  })

  test('are all listed by `all`, however many pages they are on', async () => {
    await having('1', '2', '3', '4', '5')
    const names: (string | undefined)[] = []
    for await (const file of page.files.all({ limit: 2, sortDirection: 'asc' })) names.push(file.originalName)
    expect(names).toEqual(['1', '2', '3', '4', '5'])
  })

  test('are changed only in the fields that the change names', async () => {
    const [id = ''] = await having('a.txt')
    await page.files.update(id, { metadata: { alt: 'x', tags: ['y'] } })
    const changed = await page.files.update(id, {
      originalName: 'b.txt',
      visibility: 'public',
      metadata: { alt: 'z' },
    })
    expect(changed).toMatchObject({
      id,
      originalName: 'b.txt',
      visibility: 'public',
      metadata: { alt: 'z', tags: ['y'] },
    })
    expect(await page.files.get(id)).toEqual(changed)
  })

  test('are deleted with their bytes', async () => {
    const [id = ''] = await having('a.txt')
    const { url } = await page.files.downloadUrl(id)
    await page.files.delete(id)
    await expect(page.files.get(id)).rejects.toMatchObject({ status: 404, serviceCode: 'file/not-found' })
    expect((await fetch(url)).status).toBe(404)
  })

  test('have a download URL', async () => {
    const [id = ''] = await having('a.txt')
    const { url, ...rest } = await page.files.downloadUrl(id)
    expect(rest).toEqual({
      filename: 'a.txt',
      contentType: 'text/plain',
      size: 10,
      expiresAt: expect.stringMatching(/Z$/),
    })
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
    expect(bytes.equals(Buffer.from(await fileOf(10).arrayBuffer()))).toBe(true)
  })

  test('of other users are not found, or cannot be changed', async () => {
    const [hidden = '', shown = ''] = await having('a.txt', 'b.txt')
    await page.files.update(shown, { visibility: 'public' })
    const other = await Page.open(demo, 'somebody-else')
    await expect(other.files.get(hidden)).rejects.toMatchObject({ serviceCode: 'file/not-found' })
    await expect(other.files.delete(shown)).rejects.toMatchObject({
      status: 403,
      serviceCode: 'file/access-denied',
    })
    await expect(other.files.list({ sortBy: 'nonsense' })).rejects.toMatchObject({ status: 400 })
  })

  test('are not waited for after an abort, even if a function of the application never answers', async () => {
    const control = new AbortController()
    const files = bkendFiles({
      apiKey: 'pk_test',
      headers: () => {
        queueMicrotask(() => control.abort('enough'))
        return new Promise(() => {})
      },
    })
    await expect(files.get('a', { signal: control.signal })).rejects.toBe('enough')
  })

  test('are requested again after a lost answer, but not after the call was aborted', async () => {
    const [id = ''] = await having('a.txt')
    await page.fault('GET /v1/files/:fileId', { kind: 'cut-answer' })
    expect(await page.files.get(id)).toMatchObject({ id })
    await expect(page.files.get(id, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
  })

  test('are requested with new tokens after a 401', async () => {
    const [id = ''] = await having('a.txt')
    const { base, session } = page
    await page.control('POST /expire-tokens')
    const files = bkendFiles({ baseUrl: base, ...session })
    expect(await Promise.all([files.get(id), files.list({ ownerId: page.user })])).toMatchObject([
      { id },
      { items: [{ id }] },
    ])
  })
})

describe('an answer', () => {
  const seen: unknown[] = []
  const answering = (
    answer: Json,
    options: Partial<BkendFilesOptions> = {},
  ): ReturnType<typeof bkendFiles> => {
    const api: ApiTransport = {
      send: async ({ method, url, json }) => {
        seen.push([method, url, json])
        return { status: 200, headers: {}, body: JSON.stringify(answer) }
      },
    }
    return bkendFiles({ baseUrl: 'https://api.test', api, ...options })
  }
  const pagination = { total: 0, page: 1, limit: 20, totalPages: 0, hasNextPage: false, hasPrevPage: false }
  const download = { url: 'https://s3.test/a', filename: 'a', contentType: 'b', size: 1, expiresAt: 'c' }

  test('to an update may contain the time only', async () => {
    const told = { id: 'f1', updatedAt: '2026-01-01T00:00:00Z' }
    expect(await answering(told).update('f1', {})).toEqual(told)
  })

  test.each([
    ['id', { id: '' }],
    ['s3Key', { s3Key: 7 }],
    ['size', { size: '1' }],
    ['height', { height: -1 }],
    ['bucket', { bucket: {} }],
    ['metadata', { metadata: 'x' }],
  ])(
    'to get, and on a page of the list, with a bad %s is an error that names the field: %j',
    async (field, wrong) => {
      const file = { id: 'f1', ...wrong }
      await expect(answering(file).get('f1')).rejects.toMatchObject({
        code: 'backend',
        endpoint: 'get',
        field,
      })
      await expect(answering({ items: [file], pagination }).list()).rejects.toMatchObject({ field })
    },
  )

  test.each([
    ['pagination', { items: [] }],
    ['items', { pagination }],
    ['items', { items: {}, pagination }],
    ['body', { items: ['x'], pagination }],
    ['id', { items: [{ s3Key: 'k' }], pagination }],
    ['total', { items: [], pagination: { ...pagination, total: -1 } }],
    ['page', { items: [], pagination: { ...pagination, page: 0 } }],
    ['hasNextPage', { items: [], pagination: { ...pagination, hasNextPage: 1 } }],
    ['hasPrevPage', { items: [], pagination: { ...pagination, hasPrevPage: null } }],
  ])('to list with a bad %s is an error that names the field: %j', async (field, answer) => {
    await expect(answering(answer).list()).rejects.toMatchObject({ code: 'backend', endpoint: 'list', field })
  })

  test.each([
    ['url', { ...download, url: 'javascript:alert(1)' }],
    ['filename', { ...download, filename: 7 }],
    ['contentType', { ...download, contentType: null }],
    ['size', { ...download, size: '1' }],
    ['expiresAt', { ...download, expiresAt: 0 }],
  ])('to downloadUrl with a bad %s is an error that names the field: %j', async (field, answer) => {
    await expect(answering(answer).downloadUrl('f1')).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'downloadUrl',
      field,
    })
  })

  test('to delete may be an error inside a 2xx', async () => {
    const refused = { success: false, error: { code: 'file/access-denied', message: 'no' } }
    await expect(answering(refused).delete('f1')).rejects.toMatchObject({ serviceCode: 'file/access-denied' })
    await expect(answering({}).delete('f1')).resolves.toBeUndefined()
  })

  test('to delete is an error if it is a page of HTML, which says nothing about the file', async () => {
    const api: ApiTransport = { send: async () => ({ status: 200, headers: {}, body: '<!doctype html>' }) }
    await expect(answering({}, { api }).delete('f1')).rejects.toMatchObject({
      code: 'backend',
      endpoint: 'delete',
      field: 'body',
    })
  })

  test('is requested from the address in the options, and an id stays one path segment', async () => {
    seen.length = 0
    const files = answering({ id: 'f1' }, { endpoints: { update: 'PUT /own/{fileId}' } })
    await files.get('a/../b?c')
    await files.update('f1', { originalName: 'b' })
    expect(seen).toEqual([
      ['GET', 'https://api.test/v1/files/a%2F..%2Fb%3Fc', undefined],
      ['PUT', 'https://api.test/own/f1', { originalName: 'b' }],
    ])
  })

  // For example an id out of a page's own URL. A browser would request `/v1/` for `/v1/files/..`.
  test.each(['.', '..'])('is not requested for an id that leads to another address: %s', async (id) => {
    seen.length = 0
    const files = answering({})
    for (const call of [files.get(id), files.delete(id), files.downloadUrl(id)])
      await expect(call).rejects.toThrow('Expected {fileId} to be a string without `.` or `..`')
    expect(seen).toEqual([])
  })
})

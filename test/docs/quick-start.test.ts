/** docs/getting-started.md, run as it is shown: its server in three frameworks, on the embedded store. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { sha256 } from '../../demo/server/backends/s3.ts'
import type { Storage } from '../../demo/server/storage.ts'
import { presigned } from '../../src/backends/presigned.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { openSampleStorage } from '../examples/sample-storage.ts'
import { FetchTransport, fetchTransport } from '../fakes/fetch-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'

vi.setConfig({ testTimeout: 30_000 })

let storage: Storage

beforeAll(async () => {
  storage = await openSampleStorage('good')
  // The example writes S3's errors into the server's log.
  vi.spyOn(console, 'error').mockReturnValue()
})
afterAll(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await storage.close()
})

/** Imported late, because it reads the environment when it is loaded. */
const frameworks: Readonly<Record<string, () => Promise<RequestListener>>> = {
  'server-hono.ts': async () => {
    const { app } = await import('../../docs/examples/server-hono.ts')
    return getRequestListener((request) => app.fetch(request))
  },
  'server-express.ts': async () => (await import('../../docs/examples/server-express.ts')).app,
  'server-express.ts behind express.json()': async () => {
    const { app } = await import('../../docs/examples/server-express.ts')
    return express().use(express.json()).use(app)
  },
  'server-next.ts': async () => {
    const { POST } = await import('../../docs/examples/server-next.ts')
    return getRequestListener((request) => POST(request))
  },
}

const mebibyte = 1024 * 1024
const content = randomBytes(20 * mebibyte)
const digest = createHash('sha256').update(content).digest('hex')
const file = new File([content], "a film's (first) cut.bin", { lastModified: 1 })

describe.each(Object.entries(frameworks))('docs/examples/%s', (_, load) => {
  let server: Server
  let base = ''

  beforeAll(async () => {
    server = createServer(await load())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/uploads`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  function uploaderWith(options: Partial<UploaderOptions> = {}, token = 'good'): Uploader {
    return new Uploader({
      backend: presigned({
        baseUrl: base,
        endpoints: { listParts: '/list-parts', status: '/status', abort: '/abort' },
        headers: () => ({ authorization: `Bearer ${token}` }),
      }),
      transport: fetchTransport,
      checkpoints: memoryCheckpoints(),
      tabs: new FakeBrowser().tab(),
      retry: { baseDelay: 1 },
      ...options,
    } as UploaderOptions)
  }

  function firstStored(upload: ReturnType<Uploader['uploadFile']>): Promise<void> {
    return new Promise((resolve) => {
      upload.on('part', ({ status }) => status === 'stored' && resolve())
    })
  }

  function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const all = { 'content-type': 'application/json', authorization: 'Bearer good', ...headers }
    return fetch(base + path, { method: 'POST', headers: all, body: JSON.stringify(body) })
  }

  test('a file goes up, the storage holds exactly its bytes, and it is saved under its name', async () => {
    const { key } = await uploaderWith().uploadFile(file)
    const { signal } = new AbortController()
    expect((await sha256(storage, key, signal)).sha256).toBe(
      createHash('sha256').update(content).digest('hex'),
    )
    const head = await storage.s3.send(new HeadObjectCommand({ Bucket: storage.bucket, Key: key }))
    expect(head.ContentDisposition).toBe(`attachment; filename*=UTF-8''a%20film%27s%20%28first%29%20cut.bin`)
  })

  test('a file of one part needs no call for its URL, which comes with the start', async () => {
    const backend = presigned({
      baseUrl: base,
      endpoints: { getUploadUrls: () => Promise.reject(new Error('Expected no call')) },
      headers: { authorization: 'Bearer good' },
    })
    const { key } = await uploaderWith({ backend }).uploadFile(new File(['small'], 'small.txt'))
    const { signal } = new AbortController()
    expect((await sha256(storage, key, signal)).sha256).toBe(
      createHash('sha256').update('small').digest('hex'),
    )
  })

  test('an interrupted upload goes on with the parts missing in the list', async () => {
    const checkpoints = memoryCheckpoints()
    const first = uploaderWith({ checkpoints, concurrency: 1 }).uploadFile(file)
    await firstStored(first)
    first.pause()
    const transport = new FetchTransport()
    const { key } = await uploaderWith({ checkpoints, transport }).uploadFile(file)
    expect(transport.sent.map(({ target }) => target.number).sort()).toEqual([2, 3])
    const { signal } = new AbortController()
    expect((await sha256(storage, key, signal)).sha256).toBe(digest)
  })

  test('a cancelled upload is thrown away', async () => {
    const upload = uploaderWith({ concurrency: 1 }).uploadFile(file)
    await firstStored(upload)
    await upload.cancel()
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('diagnose finds nothing wrong', async () => {
    const { ok, findings } = await uploaderWith().diagnose()
    expect(findings.filter((finding) => !finding.ok)).toEqual([])
    expect(ok).toBe(true)
  })

  test('the status of an upload is open first, and gone after an abort', async () => {
    const start = await post('/start-upload', { fileName: 'a', fileHash: 'b', fileSize: 3 })
    const { key, uploadId, partSize } = await start.json()
    expect(partSize).toBe(8 * mebibyte)
    const at = `${encodeURIComponent(uploadId)}/${key}`
    expect(await (await post(`/status/${at}`, {})).json()).toEqual({ state: 'open' })
    expect((await post(`/abort/${at}`, {})).status).toBe(200)
    expect(await (await post(`/status/${at}`, {})).json()).toEqual({ state: 'gone' })
    expect((await post(`/abort/${at}`, {})).status).toBe(404)
  })

  // Next redirects like this with `trailingSlash: true`.
  test('a slash at the end of a path changes nothing', async () => {
    const start = await post('/start-upload/', { fileName: 'a', fileHash: 'b', fileSize: 3 })
    const { key, uploadId } = await start.json()
    const at = `${encodeURIComponent(uploadId)}/${key}/`
    expect(await (await post(`/status/${at}`, {})).json()).toEqual({ state: 'open' })
    expect((await post(`/abort/${at}`, {})).status).toBe(200)
  })

  test('a user who is not signed in gets nothing', async () => {
    const upload = uploaderWith({}, 'bad').uploadFile(file)
    await expect(upload).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test("another user's upload cannot be found", async () => {
    const strange = { key: 'uploads/another/file', uploadId: 'x', parts: [1] }
    expect((await post('/get-upload-urls', strange)).status).toBe(404)
    expect((await post('/complete/x/uploads/another/file', { parts: [] })).status).toBe(404)
  })

  test("a key that leads out of the user's own prefix is refused, since a store may take keys for paths", async () => {
    const started = await post('/start-upload', { fileName: 'a', fileSize: 1 })
    const { key } = (await started.json()) as { key: string }
    for (const end of ['../another/file', './file', '..', 'a/../../another/file']) {
      const outside = key.replace(/[^/]*$/, end)
      expect((await post('/get-upload-urls', { key: outside, uploadId: 'x', parts: [1] })).status).toBe(404)
    }
  })

  test.each([
    ['a form of another site', '/start-upload', {}, { 'content-type': 'text/plain' }, 415],
    ['a name that is none', '/start-upload', { fileName: 7, fileSize: 1 }, {}, 400],
    ['a name that has no UTF-8', '/start-upload', { fileName: '\ud800', fileSize: 1 }, {}, 400],
    ['a size that is none', '/start-upload', { fileName: 'a', fileSize: -1 }, {}, 400],
    ['a file that is too large', '/start-upload', { fileName: 'a', fileSize: 2 ** 50 }, {}, 413],
    ['no object', '/start-upload', null, {}, 400],
    ['a route that is not there', '/other/x/y', {}, {}, 404],
  ])('%s is refused', async (_name, path, body, headers, status) => {
    expect((await post(path, body, headers)).status).toBe(status)
  })

  test('a body of more than 2 MiB is not read into memory', async () => {
    const body = JSON.stringify({ fileName: 'a', fileSize: 1, more: 'x'.repeat(2 * mebibyte) })
    const headers = { 'content-type': 'application/json', authorization: 'Bearer good' }
    // Sent on a separate connection, which the server may cut.
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${base}/start-upload`, { method: 'POST', agent: false, headers }, (answer) => {
        resolve(answer.statusCode)
        answer.resume()
      })
      sent.on('error', reject).end(body)
    })
    expect(status).toBe(413)
  })

  test('no more URLs are signed at once than longhaul requests, not even for one part number repeated', async () => {
    const { key, uploadId } = await (await post('/start-upload', { fileName: 'a', fileSize: 1 })).json()
    const status = async (length: number): Promise<number> =>
      (await post('/get-upload-urls', { key, uploadId, parts: new Array(length).fill(1) })).status
    expect([await status(100), await status(101)]).toEqual([200, 400])
  })

  /** Makes S3 answer a command of this name like this. */
  function answering(name: string, answer: () => unknown): void {
    const send = S3Client.prototype.send as (this: S3Client, command: object) => Promise<unknown>
    const spy = vi.spyOn(S3Client.prototype, 'send')
    onTestFinished(() => spy.mockRestore())
    spy.mockImplementation(async function (this: S3Client, command: object) {
      return command.constructor.name === name ? answer() : send.call(this, command)
    } as never)
  }

  test('an object that is larger than announced and than allowed is removed when it is complete', async () => {
    answering('HeadObjectCommand', () => ({ ContentLength: 2 ** 40 }))
    const { key, uploadId, urls } = await (await post('/start-upload', { fileName: 'a', fileSize: 1 })).json()
    const put = await fetch(urls[1], { method: 'PUT', body: 'more' })
    const parts = [{ PartNumber: 1, ETag: put.headers.get('etag') }]
    expect((await post(`/complete/${encodeURIComponent(uploadId)}/${key}`, { parts })).status).toBe(413)
    vi.restoreAllMocks()
    vi.spyOn(console, 'error').mockReturnValue()
    const head = storage.s3.send(new HeadObjectCommand({ Bucket: storage.bucket, Key: key }))
    await expect(head).rejects.toMatchObject({ name: 'NotFound' })
  })

  test("error messages do not reveal the account and the role of the server's keys", async () => {
    const refused = new S3ServiceException({
      name: 'AccessDenied',
      message: 'User: arn:aws:iam::123456789012:user/server is not authorized',
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    })
    answering('CreateMultipartUploadCommand', () => Promise.reject(refused))
    const answer = await post('/start-upload', { fileName: 'a', fileSize: 1 })
    expect([answer.status, await answer.text()]).toEqual([502, '{"message":"The storage refuses"}'])
  })

  test('a file of more than 80 GB gets larger parts, so that 10,000 suffice', async () => {
    const fileSize = 90 * 1024 * mebibyte
    const { partSize } = await (
      await post('/start-upload', { fileName: 'a', fileHash: 'b', fileSize })
    ).json()
    expect(partSize * 10_000).toBeGreaterThanOrEqual(fileSize)
    expect(partSize % mebibyte).toBe(0)
  })
})

test.each([
  ['getting-started.md', 'server-uploads.ts'],
  ['getting-started.md', 'server-hono.ts'],
  ['getting-started.md', 'server-express.ts'],
  ['getting-started.md', 'server-next.ts'],
  ['backends.md', 'one-put.ts'],
  ['backends.md', 'server-one-put.ts'],
  ['recordings.md', 'recordings.ts'],
  ['recordings.md', 'recording-worker.ts'],
])('docs/%s shows %s exactly as it is run here', (document, name) => {
  const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
  expect(read(document)).toContain(`\`\`\`ts\n${read(`examples/${name}`)}\`\`\``)
})

/** docs/examples/one-put.ts and its server, run as docs/backends.md shows them, on the embedded store. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sha256 } from '../../demo/server/backends/s3.ts'
import type { Storage } from '../../demo/server/storage.ts'
import { onePut } from '../../docs/examples/one-put.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { NetworkError, SessionLostError } from '../../src/errors.ts'
import type { Backend, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'
import type { Upload } from '../../src/upload.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { FetchTransport } from '../fakes/fetch-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { openSampleStorage } from './sample-storage.ts'

vi.setConfig({ testTimeout: 30_000 })

let storage: Storage
let server: Server
let address = ''
let serve: (request: Request) => Promise<Response>
/** The first word of each call's path, in order. */
let calls: string[] = []
/** The server accepts nothing in one PUT. */
let takesParts = false

beforeAll(async () => {
  storage = await openSampleStorage('good')
  // Imported here, because it reads the environment when it is loaded.
  serve = (await import('../../docs/examples/server-one-put.ts')).uploadsInOnePut
  const listener = getRequestListener((request) => {
    const route = new URL(request.url).pathname.split('/')[3] ?? ''
    calls.push(route)
    return takesParts && route === 'start-put' ? asTooLarge(request) : serve(request)
  })
  server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/uploads`
})
beforeEach(() => {
  calls = []
  takesParts = false
})
afterAll(async () => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await storage.close()
})

const mebibyte = 1024 * 1024
const content = randomBytes(300_000)
const photo = new File([content], 'a photo.jpg', { type: 'image/jpeg', lastModified: 1 })
const film = new File([randomBytes(20 * mebibyte)], 'a film.mp4', { type: 'video/mp4', lastModified: 1 })

/** Changes the answers to PUTs as the test wants. */
class Storing extends FetchTransport {
  answers = (answer: PartResponse): PartResponse => answer

  override async send(...sending: Parameters<FetchTransport['send']>): Promise<PartResponse> {
    return this.answers(await super.send(...sending))
  }

  get urls(): readonly string[] {
    return this.sent.map(({ target }) => target.url)
  }
}

/** Nothing arrives, and no error says so. */
const hanging: PartTransport = {
  send: (_target, _body, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    }),
}

/** A bucket's CORS rule without ExposeHeaders. */
const withoutEtag = ({ headers: { etag: _, ...headers }, ...answer }: PartResponse): PartResponse => ({
  ...answer,
  headers,
})

function uploaderWith(options: Partial<UploaderOptions> = {}): Uploader {
  return new Uploader({
    backend: backend(),
    transport: new Storing(),
    checkpoints: memoryCheckpoints(),
    tabs: new FakeBrowser().tab(),
    retry: { baseDelay: 1 },
    ...options,
  })
}

function backend(token = 'good'): Backend {
  return onePut({ baseUrl: address, headers: { authorization: `Bearer ${token}` } })
}

async function shaOf(key: string): Promise<string> {
  return (await sha256(storage, key, new AbortController().signal)).sha256
}

async function shaOfFile(file: Blob): Promise<string> {
  return createHash('sha256')
    .update(Buffer.from(await file.arrayBuffer()))
    .digest('hex')
}

async function keys(): Promise<readonly string[]> {
  const { Contents = [] } = await storage.s3.send(new ListObjectsV2Command({ Bucket: storage.bucket }))
  return Contents.map(({ Key = '' }) => Key)
}

async function newKeys(before: readonly string[]): Promise<readonly string[]> {
  return (await keys()).filter((key) => !before.includes(key))
}

function firstPart(upload: Upload, wanted: 'sending' | 'stored'): Promise<void> {
  return new Promise((resolve) => {
    upload.on('part', ({ status }) => status === wanted && resolve())
  })
}

/** The server's answer for a file that is larger than it accepts in one PUT. */
async function asTooLarge(request: Request): Promise<Response> {
  const { url, method, headers } = request
  const body = JSON.stringify({ ...(await request.json()), fileSize: 17 * mebibyte })
  return serve(
    new Request(url, {
      method,
      headers: { ...Object.fromEntries(headers), 'content-length': String(body.length) },
      body,
    }),
  )
}

const asked = { fileName: 'a', fileSize: 5, fileType: 'image/png' }

type Started = { readonly key: string; readonly url: string; readonly headers: Record<string, string> }

async function post(body: unknown, token = 'good'): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return fetch(`${address}/start-put`, { method: 'POST', headers, body: JSON.stringify(body) })
}

const never = new Promise<never>(() => {})

/** The page ends when its file is stored and before the upload is done. The rest is in the checkpoints. */
async function leftWhenStored(transport: Storing): Promise<ReturnType<typeof memoryCheckpoints>> {
  const checkpoints = memoryCheckpoints()
  const dying = { ...backend(), complete: () => never }
  const upload = uploaderWith({ backend: dying, checkpoints, transport }).uploadFile(photo)
  const completing = new Promise<void>((resolve) => {
    upload.on('state', ({ status }) => status === 'completing' && resolve())
  })
  await completing
  return checkpoints
}

describe('a small file', () => {
  test('goes up in two requests without being digested, and the storage holds exactly its bytes, its type and its name', async () => {
    const transport = new Storing()
    transport.answers = withoutEtag
    const digest = vi.fn(() => Promise.reject(new Error('Expected no read')))
    const { key, size } = await uploaderWith({ transport, hasher: { digest } }).uploadFile(photo)
    expect(calls).toEqual(['start-put'])
    expect(transport.sent).toHaveLength(1)
    expect(digest).not.toHaveBeenCalled()
    expect(size).toBe(content.length)
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
    const head = await storage.s3.send(new HeadObjectCommand({ Bucket: storage.bucket, Key: key }))
    expect(head).toMatchObject({
      ContentLength: content.length,
      ContentType: 'image/jpeg',
      ContentDisposition: "attachment; filename*=UTF-8''a%20photo.jpg",
    })
  })

  test('goes up in two requests if it has 0 bytes', async () => {
    const { key } = await uploaderWith().uploadFile(new File([], 'nothing'))
    expect(calls).toEqual(['start-put'])
    expect(await shaOf(key)).toBe(await shaOfFile(new Blob()))
  })

  test('is sent to the same key again if the answer is lost', async () => {
    const before = await keys()
    const transport = new Storing()
    transport.answers = (answer) => {
      if (transport.sent.length > 1) return answer
      throw new NetworkError('lost')
    }
    const { key } = await uploaderWith({ transport }).uploadFile(photo)
    expect(transport.sent).toHaveLength(2)
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
    expect(await newKeys(before)).toEqual([key])
  })

  test('gets another URL for its key if the URL is refused', async () => {
    const before = await keys()
    const transport = new Storing()
    transport.before = (target: PartTarget) => {
      // Differs from what was signed, which is a 403 like that of an expired URL.
      if (transport.sent.length === 0)
        Object.assign(target, { url: target.url.replace('Expires=900', 'Expires=1') })
    }
    const { key } = await uploaderWith({ transport }).uploadFile(photo)
    expect(calls).toEqual(['start-put', 'start-put'])
    expect(transport.urls.map((url) => url.includes(key))).toEqual([true, true])
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
    expect(await newKeys(before)).toEqual([key])
  })

  test('is sent to the same key at the next visit if the page ended before it was stored', async () => {
    const before = await keys()
    const checkpoints = memoryCheckpoints()
    await firstPart(uploaderWith({ checkpoints, transport: hanging }).uploadFile(photo), 'sending')
    const { key } = await uploaderWith({ checkpoints }).uploadFile(photo)
    expect(calls).toEqual(['start-put', 'start-put'])
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
    expect(await newKeys(before)).toEqual([key])
    expect(await uploaderWith({ checkpoints }).interrupted()).toEqual([])
  })

  test('is not sent again if the page ended after it was stored, provided the ETag is visible', async () => {
    const first = new Storing()
    const checkpoints = await leftWhenStored(first)
    const transport = new Storing()
    const { key } = await uploaderWith({ checkpoints, transport }).uploadFile(photo)
    expect(calls).toEqual(['start-put'])
    expect(transport.sent).toEqual([])
    expect(first.urls[0]).toContain(key)
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
  })

  test('is sent again without an ETag, to another key, because nothing shows that it is the same', async () => {
    const first = new Storing()
    first.answers = withoutEtag
    const checkpoints = await leftWhenStored(first)
    const transport = new Storing()
    const { key } = await uploaderWith({ checkpoints, transport }).uploadFile(photo)
    expect(transport.sent).toHaveLength(1)
    expect(first.urls[0]).not.toContain(key)
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
  })

  test('is sent if its content differs from what was stored, and neither object is overwritten', async () => {
    const before = await keys()
    const checkpoints = await leftWhenStored(new Storing())
    const [first = ''] = await newKeys(before)
    const edited = new File([randomBytes(content.length)], photo.name, { type: photo.type, lastModified: 1 })
    const { key } = await uploaderWith({ checkpoints }).uploadFile(edited)
    expect(await shaOf(key)).toBe(await shaOfFile(edited))
    expect(await shaOf(first)).toBe(await shaOfFile(photo))
  })

  test('begins again in parts if the server now accepts less in one PUT', async () => {
    const checkpoints = memoryCheckpoints()
    await firstPart(uploaderWith({ checkpoints, transport: hanging }).uploadFile(photo), 'sending')
    takesParts = true
    const upload = uploaderWith({ checkpoints }).uploadFile(photo)
    const warnings: string[] = []
    upload.on('warning', ({ code }) => warnings.push(code))
    const { key } = await upload
    expect(warnings).toEqual(['session-lost'])
    expect(calls.slice(1)).toEqual(['start-put', 'start-put', 'start-upload', 'complete'])
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
  })

  test('is cut when it is cancelled, without a call to the server', async () => {
    const upload = uploaderWith({ transport: hanging }).uploadFile(photo)
    await firstPart(upload, 'sending')
    await upload.cancel()
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    expect(calls).toEqual(['start-put'])
  })

  test('stays where it is if it is forgotten after it was stored, since nothing stored is thrown away', async () => {
    const before = await keys()
    const checkpoints = await leftWhenStored(new Storing())
    const [left] = await uploaderWith({ checkpoints }).interrupted()
    await left?.forget()
    expect(calls).toEqual(['start-put'])
    expect(await newKeys(before)).toHaveLength(1)
    expect(await uploaderWith({ checkpoints }).interrupted()).toEqual([])
  })
})

describe('a large file', () => {
  test('goes up in parts, and at the next visit goes on with the parts missing in the list', async () => {
    const checkpoints = memoryCheckpoints()
    const first = uploaderWith({ checkpoints, concurrency: 1 }).uploadFile(film)
    await firstPart(first, 'stored')
    first.pause()
    const transport = new Storing()
    const { key } = await uploaderWith({ checkpoints, transport }).uploadFile(film)
    expect(calls.slice(0, 2)).toEqual(['start-put', 'start-upload'])
    expect(calls).toContain('list-parts')
    expect(transport.sent.map(({ target }) => target.number).sort()).toEqual([2, 3])
    expect(await shaOf(key)).toBe(await shaOfFile(film))
  })

  test('goes on in parts if the server now accepts more in one PUT', async () => {
    const checkpoints = memoryCheckpoints()
    takesParts = true
    const first = uploaderWith({ checkpoints, transport: hanging }).uploadFile(photo)
    await firstPart(first, 'sending')
    takesParts = false
    const { key } = await uploaderWith({ checkpoints }).uploadFile(photo)
    expect(calls.filter((call) => call.startsWith('start'))).toEqual(['start-put', 'start-upload'])
    expect(await shaOf(key)).toBe(await shaOfFile(photo))
  })

  test('is thrown away when it is cancelled', async () => {
    const upload = uploaderWith({ concurrency: 1 }).uploadFile(film)
    await firstPart(upload, 'sending')
    await upload.cancel()
    expect(calls.at(-1)).toBe('abort')
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('asks for the outcome if complete was carried out and its answer lost', async () => {
    let isLost = false
    const { complete, ...others } = backend()
    const losing: Backend = {
      ...others,
      complete: async (...call) => {
        const completed = await complete(...call)
        if (isLost) return completed
        isLost = true
        throw new SessionLostError(new Error('Completed already'))
      },
    }
    const { key } = await uploaderWith({ backend: losing }).uploadFile(film)
    expect(calls.slice(-2)).toEqual(['complete', 'status'])
    expect(await shaOf(key)).toBe(await shaOfFile(film))
  })
})

describe('the server', () => {
  test('signs exactly what was announced, so that the storage accepts nothing else', async () => {
    const { url, headers } = (await (await post(asked)).json()) as Started
    const put = async (body: string, changed: Record<string, string> = {}): Promise<number> =>
      (await fetch(url, { method: 'PUT', body, headers: { ...headers, ...changed } })).status
    expect(await put('hello!')).toBe(403)
    expect(await put('hell')).toBe(403)
    expect(await put('')).toBe(403)
    expect(await put('hello', { 'content-type': 'text/html' })).toBe(403)
    expect(await put('hello', { 'content-disposition': 'inline' })).toBe(403)
    expect(await put('hello')).toBe(200)
  })

  test('gives each file its own key, below the prefix of the user who asks', async () => {
    const body = { fileName: '../../another', fileSize: 5, fileType: '' }
    const started = await Promise.all([post(body), post(body)])
    const [one, two] = (await Promise.all(started.map((answer) => answer.json()))) as [Started, Started]
    expect(one.key).not.toBe(two.key)
    for (const { key } of [one, two]) expect(key).toMatch(/^uploads\/c29tZWJvZHk\/[\w-]+$/)
    expect(one.headers['content-type']).toBe('application/octet-stream')
  })

  test("gives another URL for a key within the hour, but not for another user's key or for a file that is too large", async () => {
    const { key } = (await (await post(asked)).json()) as Started
    expect(await (await post({ ...asked, key })).json()).toMatchObject({ key })
    const others = [key.replace('c29tZWJvZHk', 'another'), `${key}/../../another/1-a`, '', 7, null]
    for (const other of others) expect((await post({ ...asked, key: other })).status).toBe(410)
    expect((await post({ ...asked, key, fileSize: 17 * mebibyte })).status).toBe(410)
    const old = key.replace(/\d+(?=-)/, (since) => String(Number(since) - 3_600_000))
    expect((await post({ ...asked, key: old })).status).toBe(410)
  })

  test.each([
    ['who is not signed in', { fileName: 'a', fileSize: 1 }, 'bad', 401],
    ['a file that is too large for one PUT', { fileName: 'a', fileSize: 16 * mebibyte + 1 }, 'good', 413],
    ['a size that is none', { fileName: 'a', fileSize: -1 }, 'good', 400],
    ['a name that is none', { fileName: '', fileSize: 1 }, 'good', 400],
  ])('refuses %s', async (_, body, token, status) => {
    expect((await post(body, token)).status).toBe(status)
  })

  test('passes diagnose', async () => {
    const { findings } = await uploaderWith().diagnose()
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
  })
})

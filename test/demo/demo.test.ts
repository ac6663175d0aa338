import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { reachable } from '../../demo/server/storage.ts'
import { Client, demoForTests, type Folder, folderWith } from './rig.ts'

// Real servers, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function folder(files: Readonly<Record<string, string>>): Promise<Folder> {
  const made = await folderWith(files)
  undo.push(made.remove)
  return made
}

async function started(options: Parameters<typeof demoForTests>[0]): Promise<Demo> {
  const demo = await demoForTests(options)
  undo.push(demo.close)
  return demo
}

describe('a body that is too long for JSON', () => {
  const long = ' '.repeat(4 * 1024 * 1024 + 1)

  test.each([
    ['POST', '/api/presigned/start-upload'],
    ['POST', '/api/bkend/v1/files'],
    ['POST', '/fragno/uploads'],
    ['POST', '/newton/v0.5/files/uploads/initiate'],
    ['POST', '/api/active-storage/rails/active_storage/direct_uploads'],
    ['PUT', '/trouble/offline'],
  ])('is refused, whichever way it is sent: %s %s', async (method, path) => {
    const { url } = await started({})
    const headers = { 'content-type': 'application/json' }
    const stream = new Blob([long]).stream()
    for (const body of [{ body: long }, { body: stream, duplex: 'half' }]) {
      const answer = await fetch(url + path, { method, headers, ...body })
      expect(answer.status).toBe(413)
      expect(await answer.json()).toMatchObject({ code: 'EntityTooLarge' })
    }
  })

  test('is accepted if it is a file that goes through the server', async () => {
    const { url } = await started({})
    const form = new FormData()
    form.set('file', new File([long], 'a.txt'))
    expect((await fetch(`${url}/fragno/files`, { method: 'POST', body: form })).status).not.toBe(413)
    const put = await fetch(`${url}/fragno/uploads/none/content`, { method: 'PUT', body: long })
    expect(put.status).not.toBe(413)
  })
})

describe('the page', () => {
  const files = { 'page/index.html': 'the page', 'page/assets/a-1.js': 'script', 'secret.txt': 'secret' }

  async function served(): Promise<Demo> {
    const { path } = await folder({
      ...files,
      'dist/worker.js': 'worker',
      'dist/longhaul.global.js': 'global',
    })
    return started({ page: `${path}/page`, library: `${path}/dist` })
  }

  test("is served with its assets, and with the library's two stand-alone files", async () => {
    const { url } = await served()
    const texts = ['/', '/assets/a-1.js', '/worker.js', '/longhaul.global.js'].map(async (path) =>
      (await fetch(url + path)).text(),
    )
    expect(await Promise.all(texts)).toEqual(['the page', 'script', 'worker', 'global'])
  })

  test('is revalidated each time, while its assets are cached', async () => {
    const { url } = await served()
    expect((await fetch(url)).headers.get('cache-control')).toBe('no-cache')
    expect((await fetch(`${url}/assets/a-1.js`)).headers.get('cache-control')).toContain('immutable')
    expect((await fetch(`${url}/assets/none.js`)).headers.get('cache-control')).toBe('no-cache')
  })

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%252e%252e/secret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/%00/../secret.txt',
  ])('cannot be left by a path that points outside its folder: %s', async (path) => {
    const { url } = await served()
    // fetch would normalize the path before sending it.
    const answer = await rawRequest(url, path)
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404) /)
    expect(answer).not.toContain('secret\r\n')
  })

  test('gets an error in JSON if a file to download no longer exists', async () => {
    const { url } = await served()
    const answer = await fetch(`${url}/newton-downloads/fil_${'0'.repeat(24)}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/json'])
  })

  test('says so if it was not built', async () => {
    const { path } = await folder({})
    const { url } = await started({ page: `${path}/none` })
    const response = await fetch(url)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('npm start')
  })
})

describe('closing', () => {
  test('ends kept-alive connections at once, and frees both addresses', async () => {
    const demo = await demoForTests()
    const ports = [Number(new URL(demo.url).port), demo.store?.port ?? 0] as const
    const idle = connect(ports[0], '127.0.0.1')
    const ended = new Promise((resolve) => idle.once('close', resolve))
    await fetch(demo.url)
    await demo.close()
    await ended
    for (const port of ports) await expect(connected(port)).resolves.toBe(false)
    // Fails if an address is still taken.
    await (await demoForTests({ port: ports[0], storePort: ports[1] })).close()
  })

  test("keeps the store's data if a folder was given, so that an upload goes on after a restart", async () => {
    const { path } = await folder({})
    const first = await demoForTests({ directory: path })
    const upload = await new Client(first).start('a.bin', 4)
    const etag = await new Client(first).put(upload, 1, Buffer.from('data'))
    await first.close()
    const second = new Client(await started({ directory: path }))
    expect((await second.complete(upload, [etag])).status).toBe(200)
    const response = await second.get(`/download/${upload.key}`)
    expect(await response.text()).toBe('data')
  })
})

describe('starting', () => {
  test('fails on a taken port and leaves nothing running', async () => {
    const first = await started({})
    const port = Number(new URL(first.url).port)
    await expect(demoForTests({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    const taken = first.store?.port ?? 0
    await expect(demoForTests({ storePort: taken })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: taken,
    })
  })

  test('uses the S3 that the environment names, and starts no store', async () => {
    const first = await started({})
    const second = await started({
      environment: {
        S3_ENDPOINT: first.store?.endpoint ?? '',
        S3_BUCKET: first.bucket,
        S3_REGION: first.store?.region ?? '',
        AWS_ACCESS_KEY_ID: first.store?.credentials.accessKeyId ?? '',
        AWS_SECRET_ACCESS_KEY: first.store?.credentials.secretAccessKey ?? '',
      },
    })
    expect(second.store).toBeUndefined()
    const client = new Client(second)
    const upload = await client.start('a.bin', 4)
    const etag = await client.put(upload, 1, Buffer.from('data'))
    expect((await client.complete(upload, [etag])).status).toBe(200)
  })

  test('serves even if S3 does not answer, and says so', async () => {
    const demo = await started({
      environment: { S3_ENDPOINT: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    })
    const answer = await new Client(demo).post('/start-upload', { fileName: 'a', fileHash: 'b', fileSize: 1 })
    expect(answer).toMatchObject({ status: 502, body: { code: 'ECONNREFUSED' } })
  })
})

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', 'localhost'],
  ['::1', '[::1]'],
])('a server on %s is reached at %s', (host, called) => expect(reachable(host)).toBe(called))

test.each(['0.0.0.0', '::'])('a server on %s is reached at an address of this machine', (host) => {
  expect(reachable(host)).toMatch(/^(?!0\.)\d+\.\d+\.\d+\.\d+$/)
})

function connected(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function rawRequest(url: string, path: string): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
    })
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(answer))
  })
}

/** docs/getting-started.md in a real browser: its page and its server as they stand there, on the embedded store. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { type BuildOptions, build } from 'esbuild'
import { Hono } from 'hono'
import { objectSha256 } from './files.ts'
import { expect, mebibyte, test } from './fixtures.ts'

const root = resolve(import.meta.dirname, '..')

/** The first sample of the document. */
function pageOfTheDocument(): string {
  const [, code = ''] =
    /```ts\n([\s\S]*?)```/.exec(readFileSync(resolve(root, 'docs/getting-started.md'), 'utf8')) ?? []
  return code
}

async function bundled(entry: Pick<BuildOptions, 'stdin' | 'entryPoints'>): Promise<string> {
  const alias = { longhaul: resolve(root, 'src/index.ts') }
  const { outputFiles } = await build({ ...entry, alias, bundle: true, format: 'esm', write: false })
  return outputFiles?.[0]?.text ?? ''
}

/** The document's server, read when its environment is there; and the page with its worker, as a bundler leaves them. */
async function site(environment: NodeJS.ProcessEnv): Promise<Hono> {
  Object.assign(process.env, environment)
  const { app } = await import('../docs/examples/server-hono.ts')
  const page = await bundled({ stdin: { contents: pageOfTheDocument(), loader: 'ts', resolveDir: root } })
  const worker = await bundled({ entryPoints: [resolve(root, 'src/hashing/worker.ts')] })
  const script = { 'content-type': 'text/javascript' }
  return new Hono()
    .get('/', (c) => c.html('<input type="file" multiple><script type="module" src="/page.js"></script>'))
    .get('/page.js', (c) => c.body(page, 200, script))
    .get('/worker.js', (c) => c.body(worker, 200, script))
    .route('/', app)
}

test('the quick start uploads what is chosen, and says under which key', async ({
  demo,
  page,
  store,
  makeFile,
}) => {
  const before = process.env
  process.env = { ...before }
  const app = await site({
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_REGION: store.region,
    AWS_ACCESS_KEY_ID: store.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
    S3_BUCKET: demo.bucket,
    UPLOAD_TOKEN: 'try-it',
  })
  const server = createServer(getRequestListener((request) => app.fetch(request)))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const files = [await makeFile('one.bin', 20 * mebibyte + 1), await makeFile('two.txt', 5)]
    const words: string[] = []
    page.on('console', (message) => words.push(message.text()))
    await page.locator('input').setInputFiles(files.map(({ path }) => path))
    await expect.poll(() => words.length, { timeout: 60_000 }).toBe(2)
    for (const [index, file] of files.entries()) {
      const key = words[index]?.split(' is stored as ')[1] ?? words[index] ?? ''
      expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
    }
  } finally {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    process.env = before
  }
})

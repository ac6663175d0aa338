/** An application made of the documents' samples: a page, its bundled scripts, and the server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { type BuildOptions, build } from 'esbuild'
import { Hono } from 'hono'
import type { Demo } from '../demo/server/demo.ts'
import type { ObjectStore } from '../demo/server/store/object-store.ts'
import { sampleEnvironment } from '../test/examples/sample-environment.ts'

const root = resolve(import.meta.dirname, '..')

export type Application = {
  readonly html: string
  /** By the path at which the page loads it: its code, or a module's path from the root. */
  readonly scripts: Readonly<Record<string, { readonly code: string } | { readonly module: string }>>
  /** @default that of docs/getting-started.md */
  readonly server?: 'server-one-put'
}

/** Serves the application on the store while `use` runs, which gets its address. */
export async function withApplication(
  { html, scripts, server: other }: Application,
  { demo, store }: { readonly demo: Demo; readonly store: ObjectStore },
  use: (url: string) => Promise<void>,
): Promise<void> {
  const before = process.env
  process.env = { ...before, ...sampleEnvironment(demo.bucket, store, 'try-it') }
  // The module reads the environment when it is loaded.
  const { app } = await import('../docs/examples/server-hono.ts')
  const site = new Hono().get('/', (c) => c.html(html))
  for (const [path, script] of Object.entries({
    '/worker.js': { module: 'src/hashing/worker.ts' },
    ...scripts,
  })) {
    const text = await bundled(script)
    site.get(path, (c) => c.body(text, 200, { 'content-type': 'text/javascript' }))
  }
  if (other === undefined) site.route('/', app)
  else {
    const { uploadsInOnePut } = await import(`../docs/examples/${other}.ts`)
    site.post('/api/uploads/*', (c) => uploadsInOnePut(c.req.raw))
  }
  const server = createServer(getRequestListener((request) => site.fetch(request)))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    process.env = before
  }
}

async function bundled(script: Application['scripts'][string]): Promise<string> {
  const entry: BuildOptions =
    'code' in script
      ? { stdin: { contents: script.code, loader: 'ts', resolveDir: root } }
      : { entryPoints: [resolve(root, script.module)] }
  const alias = { longhaul: resolve(root, 'src/index.ts') }
  const { outputFiles } = await build({ ...entry, alias, bundle: true, format: 'esm', write: false })
  return outputFiles?.[0]?.text ?? ''
}

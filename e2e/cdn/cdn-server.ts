/** Another origin, with the built files, and with the demo's backend for pages of any origin. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { proxy } from 'hono/proxy'
import { cdnFiles } from '../../scripts/integrity.ts'

export type CdnServer = { readonly url: string; close(): Promise<void> }

/** @param demo The demo's address. */
export async function startCdn(demo: string): Promise<CdnServer> {
  const app = new Hono()
  app.use(cors())
  for (const file of cdnFiles)
    app.get(`/${file}`, serveStatic({ path: new URL(`../../dist/${file}`, import.meta.url).pathname }))
  app.all('/api/*', (c) => proxy(`${demo}${c.req.path}`, c.req))
  const server = createServer(getRequestListener(app.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * Serves the page and the presigned backend in a process of its own, so that neither the store nor the bench has to
 * wait for it. Prints `{"url":…}` when it is ready, and ends with the process that started it.
 *
 *     node bench/server.ts '{"page":…,"partSize":…,"store":…}'
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { presignedBackend } from '../demo/server/backends/presigned.ts'
import { signing } from './peers/signing.ts'
import { type StorePlace, s3Client } from './s3.ts'

export type ServerSettings = {
  /** The folder of the bundled page. */
  readonly page: string
  /** Bytes. */
  readonly partSize: number
  /** Seconds for which a presigned URL is valid. */
  readonly urlLifetime: number
  readonly store: StorePlace
}

const { page, partSize, urlLifetime, store } = JSON.parse(process.argv[2] ?? '') as ServerSettings
let calls = 0

const app = new Hono()
app.use('/api/*', async (_, next) => {
  calls += 1
  await next()
})
app.route('/api/peers', signing(store, urlLifetime))
app.route('/api', presignedBackend({ s3: s3Client(store), bucket: store.bucket, partSize, urlLifetime }))
app.get('/calls', (c) => c.json({ calls }))
app.get('*', serveStatic({ root: page }))

const server = createServer(getRequestListener(app.fetch))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
})
process.stdin.resume().on('end', () => process.exit())

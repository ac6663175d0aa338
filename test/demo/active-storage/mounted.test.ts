import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { activeStorageBackend } from '../../../demo/server/backends/active-storage/active-storage.ts'
import type { Demo } from '../../../demo/server/demo.ts'
import { call } from '../calls.ts'
import { demoForTests } from '../rig.ts'
import { blobOf, targetOf } from './client.ts'

let demo: Demo
beforeAll(async () => {
  demo = await demoForTests()
})
afterAll(() => demo.close())

test('the Rails endpoint has the configured path, URL lifetime and allowed origins', async () => {
  const { s3, bucket } = demo
  const origin = 'https://app.example'
  const app = activeStorageBackend({ s3, bucket, path: '/uploads/new', urlLifetime: 60, origins: [origin] })
  const server = createServer(getRequestListener(app.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const session = await call(base, 'POST /session')
    const headers = {
      origin,
      cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '',
      'x-csrf-token': String(session.body['csrfToken']),
    }
    const created = await call(base, 'POST /uploads/new', { blob: blobOf(Buffer.from('data')) }, headers)
    expect(new URL(targetOf(created).url).searchParams.get('X-Amz-Expires')).toBe('60')
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

/** The sixth backend of docs/backends.md, run as it is shown there. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openStorage, type Storage } from '../../demo/server/storage.ts'
import { parcels } from '../../docs/examples/parcels.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { fetchTransport } from '../fakes/fetch-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { mebibyte, type ParcelsServer, parcelsServer } from './parcels-server.ts'

let storage: Storage
let server: Server
let service: ParcelsServer
let address = ''

beforeAll(async () => {
  storage = await openStorage({ environment: {}, host: '127.0.0.1', port: 0, directory: undefined })
  server = createServer(getRequestListener((request) => service.app.fetch(request)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  service = parcelsServer(storage)
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await storage.close()
})

const content = randomBytes(12 * mebibyte)
const file = new File([content], 'a file.bin', { lastModified: 1 })
const sha256 = createHash('sha256').update(content).digest('hex')

function uploaderWith(options: Partial<UploaderOptions> = {}): Uploader {
  return new Uploader({
    backend: parcels(address, async () => 'good'),
    transport: fetchTransport,
    checkpoints: memoryCheckpoints(),
    tabs: new FakeBrowser().tab(),
    retry: { baseDelay: 1 },
    verify: 'none',
    ...options,
  })
}

test('a file goes up through it, and the storage holds exactly its bytes', async () => {
  const { key, size } = await uploaderWith().uploadFile(file)
  expect(size).toBe(content.length)
  expect(await service.sha256Of(key)).toBe(sha256)
  expect(service.calls).toEqual(['POST /parcels', 'POST /parcels/:id/links', 'POST /parcels/:id/seal'])
})

test('an interrupted upload goes on with the parts missing in the list', async () => {
  const checkpoints = memoryCheckpoints()
  const first = uploaderWith({ checkpoints, concurrency: 1 }).uploadFile(file)
  await new Promise<void>((resolve) => {
    first.on('part', ({ status }) => status === 'stored' && resolve())
  })
  first.pause()
  const { key } = await uploaderWith({ checkpoints }).uploadFile(file)
  expect(await service.sha256Of(key)).toBe(sha256)
  expect(service.calls.filter((call) => call === 'POST /parcels')).toHaveLength(1)
  expect(service.calls).toContain('GET /parcels/:id')
})

test('the outcome is asked for if the answer to seal is lost', async () => {
  service.loseAnswerOf('POST /parcels/:id/seal')
  const { key } = await uploaderWith().uploadFile(file)
  expect(await service.sha256Of(key)).toBe(sha256)
  expect(service.calls.slice(-2)).toEqual(['POST /parcels/:id/seal', 'GET /parcels/:id'])
})

test('an upload begins again if the server has never heard of its parcel', async () => {
  const upload = uploaderWith({ concurrency: 1 }).uploadFile(file)
  const warnings: string[] = []
  upload.on('warning', ({ code }) => warnings.push(code))
  const off = upload.on('part', ({ status }) => {
    if (status !== 'stored') return
    off()
    service.forgetAll()
  })
  const { key } = await upload
  expect(await service.sha256Of(key)).toBe(sha256)
  expect(warnings).toEqual(['session-lost'])
})

test('a cancelled upload is thrown away on the server', async () => {
  const upload = uploaderWith({ concurrency: 1 }).uploadFile(file)
  await new Promise<void>((resolve) => {
    upload.on('part', ({ status }) => status === 'sending' && resolve())
  })
  await upload.cancel()
  expect(service.calls.at(-1)).toBe('DELETE /parcels/:id')
  await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
})

test('an invalid token is an error that says so', async () => {
  const backend = parcels(address, async () => 'bad')
  await expect(uploaderWith({ backend }).uploadFile(file)).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('Who are you?'),
  })
})

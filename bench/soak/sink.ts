/**
 * Everything a page needs in one process: its own server with the presigned contract, and on another port a store that
 * checks every byte, counts, and keeps nothing. Prints `{"url":…}` when it is ready, and ends with the process that
 * started it.
 *
 *     node bench/soak/sink.ts '{"page":…,"partSize":…}'
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { signPart } from '../../demo/server/backends/s3.ts'
import { s3Client } from '../s3.ts'
import { Ledger, type LedgerReport } from './ledger.ts'
import { md5OfPart, PartCheck } from './sparse.ts'

export type SinkSettings = {
  /** The folder of the bundled page. */
  readonly page: string
  /** Bytes. */
  readonly partSize: number
}

/** Of one kind of request. */
export type CallCount = {
  readonly calls: number
  /** Bytes of the bodies. */
  readonly sent: number
  readonly answered: number
}

export type SinkReport = LedgerReport & {
  /** Uploads that were completed with all their parts. */
  readonly completed: number
  /** By what was requested: control calls, `part` and `preflight`. */
  readonly calls: Readonly<Record<string, CallCount>>
}

type Upload = { readonly size: number; readonly parts: Map<number, string>; isCompleted: boolean }

const { page, partSize } = JSON.parse(process.argv[2] ?? '') as SinkSettings
const ledger = new Ledger()
const uploads = new Map<string, Upload>()
const calls: Record<string, CallCount> = {}
const listed = 1_000

const store = createServer(answerStore)
const endpoint = await listen(store)
const bucket = 'uploads'
const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const place = {
  s3: s3Client({ endpoint, direct: endpoint, bucket, region: 'eu-central-1', ...keys }),
  bucket,
}

const app = new Hono()
app.post('/api/start-upload', (c) =>
  answer(c, 'startUpload', (body) => {
    const uploadId = randomUUID()
    uploads.set(uploadId, { size: Number(body['fileSize']), parts: new Map(), isCompleted: false })
    return { key: `uploads/${uploadId}/${body['fileName']}`, uploadId, partSize }
  }),
)
app.post('/api/get-upload-urls', (c) =>
  answer(c, 'getUploadUrls', async ({ key, uploadId, parts }) => {
    const upload = { key: String(key), uploadId: String(uploadId) }
    const signed = (parts as number[]).map(async (part) => [part, await signPart(place, upload, part, 3600)])
    return { urls: Object.fromEntries(await Promise.all(signed)) as unknown }
  }),
)
app.post('/api/list-parts/:id/*', (c) =>
  answer(c, 'listParts', ({ after }) => {
    const { size, parts } = uploadOf(c.req.param('id'))
    const behind = [...parts.keys()].filter((number) => number > Number(after)).sort((a, b) => a - b)
    const shown = behind.slice(0, listed)
    const inWords = shown.map((PartNumber) => ({
      PartNumber,
      Size: sizeOf(size, PartNumber),
      ETag: `"${parts.get(PartNumber)}"`,
    }))
    return { parts: inWords, next: behind.length > listed ? shown.at(-1) : null }
  }),
)
app.post('/api/status/:id/*', (c) =>
  answer(c, 'status', () => ({ state: uploadOf(c.req.param('id')).isCompleted ? 'completed' : 'open' })),
)
app.post('/api/abort/:id/*', (c) => answer(c, 'abort', () => ({ done: uploads.delete(c.req.param('id')) })))
app.post('/api/complete/:id/*', (c) => answer(c, 'complete', (body) => complete(c.req.param('id'), body)))
app.post('/sink/killed/:at', (c) => {
  ledger.killed(Number(c.req.param('at')))
  return c.json({})
})
app.get('/sink/report', (c) => c.json(report()))
app.get('*', serveStatic({ root: page }))

const url = await listen(createServer(getRequestListener(app.fetch)))
console.log(JSON.stringify({ url }))
process.stdin.resume().on('end', () => process.exit())

function report(): SinkReport {
  const completed = [...uploads.values()].filter(({ isCompleted }) => isCompleted).length
  return { ...ledger.report, completed, calls }
}

/** All parts in order, each with the store's answer. */
function complete(id: string, body: Readonly<Record<string, unknown>>): object {
  const upload = uploadOf(id)
  const named = body['parts'] as readonly { readonly PartNumber: number; readonly ETag: string }[]
  const isWhole =
    named.length === Math.ceil(upload.size / partSize) &&
    named.every(
      ({ PartNumber, ETag }, index) => PartNumber === index + 1 && upload.parts.get(PartNumber) === ETag,
    )
  if (upload.isCompleted) ledger.fault('an upload was completed twice')
  if (!isWhole) ledger.fault('complete did not name exactly the parts that are stored')
  upload.isCompleted = isWhole
  return {}
}

function uploadOf(id: string): Upload {
  const upload = uploads.get(id)
  if (upload === undefined) throw new Error(`there is no upload ${id}`)
  return upload
}

function sizeOf(fileSize: number, number: number): number {
  return Math.min(partSize, fileSize - (number - 1) * partSize)
}

async function answer(
  c: Context,
  name: string,
  effect: (body: Readonly<Record<string, unknown>>) => unknown,
): Promise<Response> {
  const text = await c.req.text()
  const answered = JSON.stringify(await effect(JSON.parse(text === '' ? '{}' : text)))
  count(name, Buffer.byteLength(text), Buffer.byteLength(answered))
  return c.body(answered, 200, { 'content-type': 'application/json' })
}

function count(name: string, sent: number, answered: number): void {
  const before = calls[name] ?? { calls: 0, sent: 0, answered: 0 }
  calls[name] = {
    calls: before.calls + 1,
    sent: before.sent + sent,
    answered: before.answered + answered,
  }
}

function answerStore(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-expose-headers', 'ETag')
  if (request.method === 'OPTIONS') {
    count('preflight', 0, 0)
    response.setHeader('access-control-allow-methods', 'PUT')
    response.setHeader('access-control-allow-headers', '*')
    response.writeHead(204).end()
  } else takePart(request, response)
}

function takePart(request: IncomingMessage, response: ServerResponse): void {
  const query = new URL(request.url ?? '', endpoint).searchParams
  const [id, number] = [query.get('uploadId') ?? '', Number(query.get('partNumber'))]
  const upload = uploadOf(id)
  const check = new PartCheck(number, sizeOf(upload.size, number))
  request.on('data', (bytes: Buffer) => check.take(bytes))
  request.on('end', () => {
    count('part', check.received, 0)
    if (!check.isWhole)
      ledger.fault(`part ${number} came with ${check.received} bytes that are not the part's`)
    const etag = md5OfPart(number, sizeOf(upload.size, number))
    upload.parts.set(number, etag)
    response.on('finish', () => ledger.stored(`${id} ${number}`, Date.now()))
    response.writeHead(200, { etag: `"${etag}"` }).end()
  })
}

/** @returns Its address. */
async function listen(server: Server): Promise<string> {
  // A connection that has been idle is used again, and must not be closed at that moment.
  server.keepAliveTimeout = 300_000
  server.requestTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

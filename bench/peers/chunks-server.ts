/**
 * The part of Google Cloud Storage's resumable uploads that upchunk speaks, which is what Mux accepts: `PUT /KEY` with
 * a Content-Range, and the chunks in order. Each is answered with 308 and the Range stored so far, the last one with
 * 200. The bytes are digested and dropped. (Google Cloud Storage documentation, "Perform resumable uploads".)
 */
import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseContentRange } from './chunk-range.ts'
import { runService } from './watched-server.ts'

type Upload = { hash: Hash; received: number }

const uploads = new Map<string, Upload>()

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'PUT',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'Range',
}

async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
  if (message.method === 'OPTIONS') return void response.writeHead(204, cors).end()
  const key = (message.url ?? '').slice(1)
  const range = parseContentRange(message.headers['content-range'])
  const upload = uploads.get(key) ?? { hash: createHash('sha256'), received: 0 }
  uploads.set(key, upload)
  if (range === undefined || range.from > upload.received) return void response.writeHead(400, cors).end()
  await take(message, upload, range.from)
  if (upload.received === range.total) return void response.writeHead(200, cors).end()
  response.writeHead(308, { ...cors, range: `bytes=0-${upload.received - 1}` }).end()
}

/** Bytes that are already there are skipped. Bytes that arrived before a cut are kept. */
async function take(message: IncomingMessage, upload: Upload, from: number): Promise<void> {
  let offset = from
  for await (const chunk of message as AsyncIterable<Buffer>) {
    const fresh = chunk.subarray(Math.max(0, upload.received - offset))
    offset += chunk.length
    upload.hash.update(fresh)
    upload.received += fresh.length
  }
}

await runService({
  serve,
  digest: async (key) => uploads.get(key)?.hash.copy().digest('hex'),
  remove: async (key) => {
    uploads.delete(key)
  },
})

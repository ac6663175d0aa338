/** Forwards a request unchanged to another server: method, path, and headers including `Host`. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Answer, Exchange } from '../../demo/server/store/exchange.ts'
import { faultyBody } from '../../demo/server/store/faults/faulty-body.ts'

/** Headers of a single connection (RFC 9110, 7.6.1), and `Expect`, which has been answered here. */
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer']

/**
 * Rejects if one side goes away before the whole body has come, or the server before it has answered. After the body, it
 * waits for the answer even if the client has gone, since the answer tells what has happened.
 */
export async function forward(exchange: Exchange, upstream: URL, path: string): Promise<Answer> {
  const { message } = exchange
  const sent = request({
    host: upstream.hostname,
    port: upstream.port,
    method: message.method,
    path,
    headers: passedOn(message),
    setHost: false,
    // The other side may be about to close a kept connection.
    agent: false,
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve)
    sent.once('error', reject)
  })
  // Not awaited, since a server may refuse before it has read the body.
  feed(exchange, sent)
  return answerOf(exchange, await answered)
}

/** Never rejects. A failure becomes the request's error. */
async function feed(exchange: Exchange, sent: ClientRequest): Promise<void> {
  try {
    for await (const chunk of faultyBody(exchange)) {
      exchange.received.bytes += chunk.length
      // The body is read even if nobody takes it, since a client may look for the answer only after it has sent everything.
      if (!sent.destroyed && !sent.write(chunk)) await drained(sent)
    }
    sent.end()
  } catch (error) {
    sent.destroy(error as Error)
  }
}

/** Resolves when the request can take more, or is closed. */
function drained(sent: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sent.off('drain', done).off('close', done)
      resolve()
    }
    sent.once('drain', done).once('close', done)
  })
}

/** The raw headers, in pairs and unchanged, without those of the connection. */
function passedOn({ rawHeaders }: IncomingMessage): readonly string[] {
  const isChunked = rawHeaders.some((name, at) => at % 2 === 0 && /^transfer-encoding$/i.test(name))
  const kept = rawHeaders.filter((_, at) => isPassedOn(rawHeaders[at - (at % 2)] ?? ''))
  return isChunked ? [...kept, 'Transfer-Encoding', 'chunked'] : kept
}

function isPassedOn(name: string): boolean {
  return !hopByHop.includes(name.toLowerCase())
}

async function answerOf({ request, message }: Exchange, answer: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 502 } = answer
  const headers = headersOf(answer)
  if (request.kind === 'GetObject' && status < 300) return { status, headers, content: answer }
  const body = (await buffer(answer)).toString()
  if (message.method === 'HEAD') return { status, headers }
  // The body may be changed on the way, so its length is computed again.
  const { 'content-length': _, ...rest } = headers
  return { status, headers: rest, body }
}

/** In lower case, except for the ETag, which a fault may hide. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const { etag, ...others } = headers
  const pairs = Object.entries(others).filter(([name]) => isPassedOn(name))
  const passed = Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
  return etag === undefined ? passed : { ...passed, ETag: etag }
}

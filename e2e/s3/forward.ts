/** One request as it came, sent on to another server: method, path, headers, `Host` and all. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Answer, Exchange } from '../../demo/server/store/exchange.ts'
import { faultyBody } from '../../demo/server/store/faults/faulty-body.ts'

/** What belongs to one connection (RFC 9110, 7.6.1), and `Expect`, which has been answered here. */
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer']

/**
 * Rejects where one side goes away before the whole body has come, or the server before it has answered. Behind the body the
 * answer is waited for, whoever is there to hear it: it tells what has happened.
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
    // A connection that is used again may be one that the other side is about to close.
    agent: false,
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve)
    sent.once('error', reject)
  })
  // A server that refuses may do so before it has read the body: its answer is not to wait for that.
  feed(exchange, sent)
  return answerOf(exchange, await answered)
}

/** Never rejects: what goes wrong is the request's error. */
async function feed(exchange: Exchange, sent: ClientRequest): Promise<void> {
  try {
    for await (const chunk of faultyBody(exchange)) {
      exchange.received.bytes += chunk.length
      // What nobody takes any more is read all the same: a client may look for the answer only when it has sent all.
      if (!sent.destroyed && !sent.write(chunk)) await drained(sent)
    }
    sent.end()
  } catch (error) {
    sent.destroy(error as Error)
  }
}

/** Or gone. */
function drained(sent: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sent.off('drain', done).off('close', done)
      resolve()
    }
    sent.once('drain', done).once('close', done)
  })
}

/** In pairs and as they were written, but for those of the connection. */
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
  // The body may be changed on the way: its length is said anew.
  const { 'content-length': _, ...rest } = headers
  return { status, headers: rest, body }
}

/** In lower case, but for the one that a fault takes away. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const { etag, ...others } = headers
  const pairs = Object.entries(others).filter(([name]) => isPassedOn(name))
  const passed = Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
  return etag === undefined ? passed : { ...passed, ETag: etag }
}

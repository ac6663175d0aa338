/**
 * A relay to a real S3 with the faults and the log of the embedded store, so that tests of the embedded store can run on any
 * store. It changes nothing in the requests that it lets through, `Host` included, so the store verifies signatures for the
 * relay's address. That works if the store listens without TLS and accepts any `Host`, as RGW, MinIO and the embedded
 * store do with path-style addresses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isNetworkError } from '../../demo/server/backends/failure.ts'
import type { Answer, Exchange } from '../../demo/server/store/exchange.ts'
import { faultAfter, faultBefore } from '../../demo/server/store/faults/fault-timeline.ts'
import { Faults } from '../../demo/server/store/faults/faults.ts'
import type { ObjectStore } from '../../demo/server/store/object-store.ts'
import { corsHeaders } from '../../demo/server/store/protocol/cors.ts'
import { S3Error } from '../../demo/server/store/protocol/s3-error.ts'
import { RequestLog } from '../../demo/server/store/request-log.ts'
import { sendAnswer } from '../../demo/server/store/send-answer.ts'
import { arrivalOf, errorAnswer, openExchange } from '../../demo/server/store/serve-exchange.ts'
import { forward } from './forward.ts'
import type { S3Place } from './place.ts'

type Way = { readonly upstream: URL; readonly faults: Faults; readonly log: RequestLog }

/** Whether the store can be reached through a relay. */
export function canBeRelayed({ endpoint, pathStyle }: Pick<S3Place, 'endpoint' | 'pathStyle'>): boolean {
  return pathStyle && endpoint.startsWith('http:')
}

export async function startRelay(place: S3Place): Promise<ObjectStore> {
  const way: Way = { upstream: new URL(place.endpoint), faults: new Faults(), log: new RequestLog() }
  const options = { keepAliveTimeout: 10 * 60 * 1000, requestTimeout: 0, maxHeaderSize: 64 * 1024 }
  const underway = new Set<Promise<void>>()
  const server = createServer(options, (message, response) => {
    const work = serve(way, message, response).finally(() => underway.delete(work))
    underway.add(work)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
    await Promise.all(underway)
  }
  const { region, credentials } = place
  const endpoint = `http://127.0.0.1:${port}`
  const { faults, log } = way
  return { endpoint, port, region, credentials, faults, log, cut: () => server.closeAllConnections(), close }
}

/** Never rejects. */
async function serve(way: Way, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = openExchange(way, message, response)
  const started = performance.now()
  const ended = way.log.arrived(arrivalOf(exchange))
  const answer = await answerTo(way, exchange)
  const code = /<Error>.*<Code>([^<]*)<\/Code>/s.exec(answer.body ?? '')?.[1]
  await sendAnswer(exchange, answer, (status) => {
    const milliseconds = Math.round(performance.now() - started)
    ended({ milliseconds, bytesReceived: exchange.received.bytes, status, code })
  })
}

async function answerTo({ upstream }: Way, exchange: Exchange): Promise<Answer> {
  const { message, effect, gone } = exchange
  const path = message.url ?? '/'
  try {
    if (effect?.kind === 'corrupt' || effect?.kind === 'swap-parts')
      throw new Error(`${effect.kind} happens within a store, and not on the way to it`)
    // The store itself answers the expired URL.
    if (effect?.kind === 'expired') return await forward(exchange, upstream, expired(path))
    const faulty = await faultBefore(exchange, Date.now())
    return faulty ?? faultAfter(await forward(exchange, upstream, path), effect)
  } catch (error) {
    if (error instanceof S3Error) return readable(exchange, errorAnswer(exchange, error))
    // If one side is gone, the other's connection is cut too, as if there were no relay.
    if (!gone.aborted && !isNetworkError(error as Error)) console.error('relay:', error)
    message.socket.destroy()
    return { status: 502, body: '<Error><Code>IncompleteBody</Code></Error>' }
  }
}

/** Lets pages of every origin read the relay's own errors. */
function readable({ request }: Exchange, answer: Answer): Answer {
  const cors = corsHeaders({ allowedOrigins: ['*'], exposeHeaders: ['ETag'] }, request)
  return { ...answer, headers: { ...cors, ...answer.headers } }
}

/** Moves a presigned URL's date into the past. Stores check the date before the signature. */
function expired(path: string): string {
  return path
    .replace(/X-Amz-Date=[^&]*/, 'X-Amz-Date=20200101T000000Z')
    .replace(
      /(X-Amz-Credential=[^&]*?(?:%2F|\/))\d{8}(?=%2F|\/)/i,
      (_, before: string) => `${before}20200101`,
    )
    .replace(/X-Amz-Expires=[^&]*/, 'X-Amz-Expires=1')
}

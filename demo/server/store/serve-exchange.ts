/** Serves one request, from its headers to the end of its answer. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer, Exchange } from './exchange.ts'
import { faultAfter, faultBefore } from './faults/fault-timeline.ts'
import { handlers } from './operations/handlers.ts'
import { corsHeaders, preflightHeaders } from './protocol/cors.ts'
import { S3Error, s3Error } from './protocol/s3-error.ts'
import { parseS3Request } from './protocol/s3-request.ts'
import { errorDocument, hostId } from './protocol/xml.ts'
import type { Arrival } from './request-log.ts'
import { sendAnswer } from './send-answer.ts'
import { parseDate } from './signature/claim.ts'
import type { StoreContext } from './store-context.ts'

/** Never rejects. Resolves when nothing of the request is under way any more. */
export async function serveExchange(
  store: StoreContext,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = openExchange(store, message, response)
  const started = performance.now()
  const ended = store.log.arrived(arrivalOf(exchange))
  const log = (status: number | 'cut', code?: string): void => {
    const milliseconds = Math.round(performance.now() - started)
    ended({ milliseconds, bytesReceived: exchange.received.bytes, status, code })
  }
  const { answer, code } = await outcomeOf(store, exchange)
  await sendAnswer(exchange, completed(store, exchange, answer), (status) => log(status, code))
}

export function openExchange(
  store: Pick<StoreContext, 'faults'>,
  message: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const request = parseS3Request(message)
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  const partNumber = numberOf(request.query.get('partNumber'))
  const signedAt = parseDate(request.query.get('X-Amz-Date') ?? request.headers['x-amz-date'] ?? '')
  const effect = store.faults.take({ operation: request.kind, key: request.key, partNumber, signedAt })
  const requestId = randomBytes(8).toString('hex').toUpperCase()
  return { message, response, request, requestId, effect, gone: gone.signal, received: { bytes: 0 } }
}

export function arrivalOf({ request, effect }: Exchange): Arrival {
  const { kind, method, bucket, key, query, headers } = request
  return {
    time: Date.now(),
    operation: kind,
    method,
    bucket,
    key,
    uploadId: query.get('uploadId'),
    partNumber: numberOf(query.get('partNumber')),
    contentLength: numberOf(headers['content-length']),
    headers,
    fault: effect?.kind,
  }
}

type Outcome = { readonly answer: Answer; readonly code?: string }

async function outcomeOf(store: StoreContext, exchange: Exchange): Promise<Outcome> {
  try {
    return { answer: faultAfter(await answerTo(store, exchange), exchange.effect) }
  } catch (error) {
    if (!(error instanceof S3Error) && !isGone(exchange)) console.error('object store:', error)
    const known = error instanceof S3Error ? error : s3Error('InternalError')
    return { answer: errorAnswer(exchange, known), code: known.code }
  }
}

async function answerTo(store: StoreContext, exchange: Exchange): Promise<Answer> {
  const { request } = exchange
  const faulty = await faultBefore(exchange, store.settings.now())
  if (faulty) return faulty
  if (request.refusal) throw request.refusal
  if (request.kind === 'Preflight') {
    return { status: 200, headers: preflightHeaders(store.settings, request) }
  }
  if (request.kind === 'Unknown') throw s3Error('NotImplemented')
  await store.signatures.verify(request)
  return handlers[request.kind](store, exchange)
}

export function errorAnswer({ request, requestId }: Exchange, error: S3Error): Answer {
  const { status, headers } = error
  const body = errorDocument(error, request.path, requestId)
  return { status, headers: { 'Content-Type': 'application/xml', ...headers }, body }
}

/** Adds the headers that every answer has. */
function completed({ settings }: StoreContext, { request, requestId }: Exchange, answer: Answer): Answer {
  const readable = answer.status < 400 || settings.corsOnErrors
  const headers = {
    'x-amz-request-id': requestId,
    'x-amz-id-2': hostId,
    'Timing-Allow-Origin': '*',
    ...(readable && corsHeaders(settings, request)),
    ...answer.headers,
  }
  return { ...answer, headers }
}

function isGone({ gone, message }: Exchange): boolean {
  return gone.aborted || message.socket.destroyed
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}

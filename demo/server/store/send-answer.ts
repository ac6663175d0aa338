import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Exchange } from './exchange.ts'
import { splitDeclaration } from './protocol/xml.ts'

/**
 * Sends the answer, or cuts the connection if the fault says so. Never rejects.
 *
 * @param log Called once, before the last byte leaves: whoever has the answer finds the request in the log.
 */
export async function sendAnswer(
  exchange: Exchange,
  answer: Answer,
  log: (status: number | 'cut') => void,
): Promise<void> {
  const { response, message, effect } = exchange
  if (effect?.kind === 'cut-answer') message.socket.destroy()
  if (message.socket.destroyed || response.destroyed) return log('cut')
  if (answer.content) return sendContent(exchange, answer, answer.content, log)
  log(answer.status)
  const body = message.method === 'HEAD' ? '' : (answer.body ?? '')
  if (effect?.kind === 'late-body') return sendLate(exchange, answer, body, effect.milliseconds)
  // Node leaves it out of a 204 by itself. A HEAD has the length of what GET would send.
  const length =
    answer.status === 304 || message.method === 'HEAD' ? {} : { 'Content-Length': Buffer.byteLength(body) }
  response.writeHead(answer.status, { ...length, ...answer.headers }).end(body)
}

async function sendContent(
  { response, gone }: Exchange,
  { status, headers }: Answer,
  content: AsyncIterable<Buffer>,
  log: (status: number | 'cut') => void,
): Promise<void> {
  response.writeHead(status, headers)
  try {
    await pipeline(content, response, { signal: gone })
    log(status)
  } catch {
    // A client that closes the connection after the last byte cuts nothing.
    log(response.writableEnded ? status : 'cut')
  }
}

async function sendLate(
  { response, gone }: Exchange,
  { status, headers }: Answer,
  body: string,
  milliseconds: number,
): Promise<void> {
  const [first, rest] = splitDeclaration(body)
  response.writeHead(status, headers).write(first)
  try {
    await sleep(milliseconds, undefined, { signal: gone })
    response.end(rest)
  } catch {
    // The client has gone.
  }
}

/**
 * The store's own interface for tests and benchmarks in other processes: JSON under /_store/, which no bucket can be
 * called.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { parseFaultRules } from './faults/parse-fault-rules.ts'
import type { StoreContext } from './store-context.ts'

const prefix = '/_store/'
const loopback: readonly (string | undefined)[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

type Reply = { readonly status: number; readonly body: unknown }

export function isControlRequest({ url }: IncomingMessage): boolean {
  return url?.startsWith(prefix) === true
}

export async function serveControl(
  store: StoreContext,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await replyTo(store, message)
  const text = JSON.stringify(body)
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}

async function replyTo(store: StoreContext, message: IncomingMessage): Promise<Reply> {
  // A page has an origin, and no business here.
  const allowed = loopback.includes(message.socket.remoteAddress) && message.headers.origin === undefined
  if (!allowed) return { status: 403, body: { error: 'for processes of this machine only' } }
  try {
    return await control(store, message)
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } }
  }
}

async function control({ faults, log }: StoreContext, message: IncomingMessage): Promise<Reply> {
  const { pathname, searchParams } = new URL(message.url ?? '', 'http://store')
  switch (`${message.method} ${pathname}`) {
    case 'POST /_store/faults':
      faults.add(...parseFaultRules(await json(message)))
      return { status: 200, body: { rules: faults.rules } }
    case 'PUT /_store/faults':
      faults.replace(...parseFaultRules(await json(message)))
      return { status: 200, body: { rules: faults.rules } }
    case 'GET /_store/faults':
      return { status: 200, body: { rules: faults.rules } }
    case 'DELETE /_store/faults':
      faults.clear()
      return { status: 200, body: { rules: [] } }
    case 'GET /_store/log':
      return { status: 200, body: { entries: log.entries(Number(searchParams.get('since') ?? 0)) } }
    case 'DELETE /_store/log':
      log.clear()
      return { status: 200, body: { entries: [] } }
    default:
      return { status: 404, body: { error: `no ${message.method} ${pathname}` } }
  }
}

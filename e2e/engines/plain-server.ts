/** A server that takes anything from any origin. It shows what a browser does by itself, without a storage's rules. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type PlainServer = {
  /** As in http://127.0.0.1:4000 */
  readonly url: string
  /** How many requests with a body have arrived, by path. */
  readonly arrived: ReadonlyMap<string, number>
  close(): Promise<void>
}

const allowed = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'PUT',
  'access-control-max-age': '600',
}

/**
 * By path: `/slow` is read at 2 MB a second. `/cut` has its connection closed without an answer the first time. `/never`
 * gets no answer, `/refuse` gets a 403 without CORS headers, and all others get a 200.
 */
export async function startPlainServer(): Promise<PlainServer> {
  const arrived = new Map<string, number>()
  const server = createServer((request, response) => {
    answer(request, response, arrived).catch(() => response.destroy())
  })
  // Longer than the whole suite, so that kept connections can be used again.
  server.keepAliveTimeout = 600_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  arrived: Map<string, number>,
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?')
  if (request.method === 'OPTIONS') return void response.writeHead(204, allowed).end()
  const count = (arrived.get(path) ?? 0) + 1
  arrived.set(path, count)
  if (path === '/cut' && count === 1) return void request.socket.destroy()
  if (path === '/never') return
  for await (const chunk of request) {
    if (path === '/slow') await sleep((chunk as Buffer).length / 2_000)
  }
  if (path === '/refuse') response.writeHead(403).end()
  else response.writeHead(200, allowed).end()
}

/**
 * An HTTP server for a protocol other than S3. It counts what arrives and goes wrong like the store does: the rules are
 * those for a part, and hit the requests that carry bytes.
 */
import { createServer, IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { FaultEffect } from '../../demo/server/store/faults/fault-rule.ts'
import { Faults } from '../../demo/server/store/faults/faults.ts'
import { parseFaultRules } from '../../demo/server/store/faults/parse-fault-rules.ts'
import type { Traffic } from '../receiver.ts'

export interface Service {
  serve(message: IncomingMessage, response: ServerResponse): Promise<void> | void
  /** @returns The SHA-256 in hex of a file that has arrived; `undefined` if there is none. */
  digest(key: string): Promise<string | undefined>
  remove(key: string): Promise<void>
}

/** Prints its address when it is ready, and ends with the process that started it. */
export async function runService(service: Service): Promise<void> {
  const url = await startService(service)
  console.log(JSON.stringify({ url }))
  process.stdin.resume().on('end', () => process.exit())
}

/** @returns Its address. */
async function startService(service: Service): Promise<string> {
  const watched = new WatchedService(service)
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 600_000 }, (message, response) => {
    watched.serve(message, response).catch((error: unknown) => {
      if (!message.socket.destroyed) console.error('peer server:', error)
      message.socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export class WatchedService {
  readonly #service: Service
  readonly #faults = new Faults()
  #traffic: Traffic = nothing

  constructor(service: Service) {
    this.#service = service
  }

  async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.url?.startsWith('/_bench/')) return this.#control(message, response)
    if (message.method === 'OPTIONS') this.#count({ preflights: 1 })
    else this.#count({ requests: 1 })
    const effect = carriesBytes(message)
      ? this.#faults.take({ operation: 'UploadPart', key: '', partNumber: undefined })
      : undefined
    this.#watch(message, response, effect)
    if (effect?.kind === 'status') return refuse(message, response, effect.status)
    await this.#service.serve(message, response)
  }

  /** Counts the body on its way into the request's buffer, because the service has to read it itself. */
  #watch(message: IncomingMessage, response: ServerResponse, effect: FaultEffect | undefined): void {
    const cutAfter = effect?.kind === 'cut' ? (effect.afterBytes ?? 0) : Number.POSITIVE_INFINITY
    let bytes = 0
    message.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk instanceof Uint8Array) bytes += chunk.length
      if (bytes >= cutAfter) message.socket.destroy()
      return IncomingMessage.prototype.push.call(message, chunk, encoding)
    }
    response.once('close', () => {
      const isLost = !response.writableFinished || response.statusCode >= 400
      this.#count({ bodyBytes: bytes, lostBytes: isLost ? bytes : 0 })
    })
  }

  #count(more: Partial<Traffic>): void {
    const { requests = 0, preflights = 0, bodyBytes = 0, lostBytes = 0 } = more
    this.#traffic = {
      requests: this.#traffic.requests + requests,
      preflights: this.#traffic.preflights + preflights,
      bodyBytes: this.#traffic.bodyBytes + bodyBytes,
      lostBytes: this.#traffic.lostBytes + lostBytes,
    }
  }

  async #control(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const [what, name = ''] = (message.url ?? '').split('/').slice(2)
    const body = await this.#answerTo(what, decodeURIComponent(name), message)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  }

  async #answerTo(what: string | undefined, key: string, message: IncomingMessage): Promise<unknown> {
    switch (what) {
      case 'begin':
        this.#faults.replace(...parseFaultRules(await json(message)))
        this.#traffic = nothing
        return {}
      case 'traffic':
        return this.#traffic
      case 'digest':
        return { sha256: (await this.#service.digest(key)) ?? null }
      default:
        await this.#service.remove(key)
        return {}
    }
  }
}

const nothing: Traffic = { requests: 0, preflights: 0, bodyBytes: 0, lostBytes: 0 }

function carriesBytes({ method, headers }: IncomingMessage): boolean {
  return (method === 'PATCH' || method === 'PUT') && Number(headers['content-length'] ?? 0) > 0
}

async function refuse(message: IncomingMessage, response: ServerResponse, status: number): Promise<void> {
  message.resume()
  await new Promise((resolve) => message.once('close', resolve))
  response.writeHead(status, { 'access-control-allow-origin': '*' }).end()
}

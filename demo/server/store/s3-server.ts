import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isControlRequest, serveControl } from './control.ts'
import { serveExchange } from './serve-exchange.ts'
import type { StoreContext } from './store-context.ts'

const options = {
  highWaterMark: 1024 * 1024,
  noDelay: true,
  // Longer than browsers keep idle connections, so that the browser closes them and no request meets a closed one.
  keepAliveTimeout: 10 * 60 * 1000,
  // A part may take as long as it needs.
  requestTimeout: 0,
  // For long keys, escaped, in long presigned URLs.
  maxHeaderSize: 64 * 1024,
}

/** The store's HTTP server. */
export class S3Server {
  readonly #store: StoreContext
  readonly #server: Server
  readonly #underway = new Set<Promise<void>>()

  constructor(store: StoreContext) {
    this.#store = store
    this.#server = createServer(options, (message, response) => this.#accept(message, response))
  }

  /** @returns The port. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /** Cuts what is under way, and waits until nothing of it is left. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
    await Promise.all(this.#underway)
  }

  /** Like pulling a cable: ends every connection, whatever it carries. New ones are accepted. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  #accept(message: IncomingMessage, response: ServerResponse): void {
    const serve = isControlRequest(message) ? serveControl : serveExchange
    const work = serve(this.#store, message, response)
      .catch((error: unknown) => {
        // A mistake of ours. Nobody should wait for an answer that never comes.
        console.error('object store:', error)
        message.socket.destroy()
      })
      .finally(() => this.#underway.delete(work))
    this.#underway.add(work)
  }
}

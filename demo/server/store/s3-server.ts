import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isControlRequest, serveControl } from './control.ts'
import { serveExchange } from './serve-exchange.ts'
import type { StoreContext } from './store-context.ts'

const options = {
  highWaterMark: 1024 * 1024,
  noDelay: true,
  // Longer than browsers keep idle connections, so that it is them who close, and no request meets a closed one.
  keepAliveTimeout: 10 * 60 * 1000,
  // A part may take as long as it takes.
  requestTimeout: 0,
  // Long keys, escaped, in long presigned URLs.
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

  /** Cuts what is underway, and waits until nothing of it is left. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
    await Promise.all(this.#underway)
  }

  /** As a cable that is pulled does it: every connection, whatever is on it. New ones are taken. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  #accept(message: IncomingMessage, response: ServerResponse): void {
    const serve = isControlRequest(message) ? serveControl : serveExchange
    const work = serve(this.#store, message, response)
      .catch((error: unknown) => {
        // A mistake of ours. Nobody shall wait for an answer that does not come.
        console.error('object store:', error)
        message.socket.destroy()
      })
      .finally(() => this.#underway.delete(work))
    this.#underway.add(work)
  }
}

/** A network of a certain kind on loopback: it carries TCP connections to servers with a given rate and latency. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { CarriedBytes } from './carried-bytes.ts'
import { carry, type Line } from './connection.ts'
import { Pace } from './pace.ts'
import type { Shape } from './shape.ts'

const host = '127.0.0.1'
/** Bytes that are read ahead of their turn. The kernel holds more: `README.md` says how much. */
const readAhead = 16 * 1024

export class Relay {
  readonly #line: Line
  readonly #servers: Server[] = []
  readonly #clients = new Set<Socket>()

  constructor(shape: Shape) {
    this.#line = { shape, pace: new Pace(shape.rate), carried: new CarriedBytes() }
  }

  /** See `CarriedAnswer`. */
  get carried(): number {
    return this.#line.carried.bytes
  }

  /** Starts counting from 0. See `BeginRequest`. */
  begin(stallAfter?: number): void {
    this.#line.carried.begin(stallAfter)
  }

  /** @returns The address that leads to the target. */
  async open(target: string): Promise<string> {
    const port = Number(new URL(target).port)
    const server = createServer({ highWaterMark: readAhead, allowHalfOpen: true }, (client) =>
      this.#carry(client, port),
    )
    this.#servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    return `http://${host}:${(server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const client of this.#clients) client.destroy()
    await Promise.all(closed)
  }

  #carry(client: Socket, port: number): void {
    this.#clients.add(client)
    client.once('close', () => this.#clients.delete(client))
    void carry(client, connect({ port, host, allowHalfOpen: true }), this.#line)
  }
}

/**
 * A small client of the Chrome DevTools Protocol. Playwright cannot be used to measure: it enables the Network domain,
 * and then Chromium copies every request body that is an array to its tools.
 */

export type Fields = Readonly<Record<string, unknown>>

type Message = {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: Fields
  readonly result?: Fields
  readonly error?: { readonly message: string }
}

type Pending = { readonly resolve: (result: Fields) => void; readonly reject: (reason: Error) => void }

/** Domains that would change the measured times. */
const distorting = /^(Network|Fetch|Tracing|Profiler)\./

export class Cdp {
  readonly #socket: WebSocket
  readonly #pending = new Map<number, Pending>()
  readonly #waiting = new Map<string, Pending>()
  #count = 0

  /** @internal See `connect`. */
  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as Message)
    socket.onclose = () => this.#fail(new Error('the browser has closed the connection'))
  }

  send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    if (distorting.test(method)) throw new TypeError(`${method} would distort what is measured`)
    this.#count += 1
    const id = this.#count
    this.#socket.send(
      JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }),
    )
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
  }

  /** The next event with this name in this session. */
  once(event: string, sessionId: string): Promise<Fields> {
    return new Promise((resolve, reject) => this.#waiting.set(`${sessionId} ${event}`, { resolve, reject }))
  }

  close(): void {
    this.#socket.close()
  }

  #receive({ id, method, sessionId, params = {}, result = {}, error }: Message): void {
    const waiting = id === undefined ? this.#take(this.#waiting, `${sessionId} ${method}`) : undefined
    const call = id === undefined ? undefined : this.#take(this.#pending, id)
    waiting?.resolve(params)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(`the browser refused a command: ${error.message}`))
  }

  #take<Key>(from: Map<Key, Pending>, key: Key): Pending | undefined {
    const found = from.get(key)
    from.delete(key)
    return found
  }

  #fail(reason: Error): void {
    for (const { reject } of [...this.#pending.values(), ...this.#waiting.values()]) reject(reason)
    this.#pending.clear()
    this.#waiting.clear()
  }
}

/** @param url The browser's own, `ws://…/devtools/browser/…`. */
export function connect(url: string): Promise<Cdp> {
  const socket = new WebSocket(url)
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(new Cdp(socket))
    socket.onerror = () => reject(new Error(`no connection to the browser at ${url}`))
  })
}

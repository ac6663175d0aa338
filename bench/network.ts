/** The network between the page and the servers, as the bench sees it: a relay, or nothing if there are no limits. */
import { fileURLToPath } from 'node:url'
import { startScript } from './child.ts'
import type { BeginRequest, CarriedAnswer, OpenAnswer, OpenRequest, Shape } from './relay/shape.ts'

export interface Network {
  /** @returns The address that leads to the server through the network. */
  open(server: string): Promise<string>
  /** Starts counting from 0. @param stallAfter Bytes after which one connection stops for ever. */
  begin(stallAfter?: number): Promise<void>
  /** Bytes towards the servers since then. */
  carried(): Promise<number>
}

/** @param shape If left out, there is no relay, and the page reaches the servers directly. */
export async function startNetwork(shape: Shape | undefined): Promise<Network> {
  if (shape === undefined) return direct
  const script = fileURLToPath(new URL('relay/main.ts', import.meta.url))
  const { said } = await startScript(script, [JSON.stringify(shape)])
  return new RelayedNetwork((said as { readonly control: string }).control)
}

const direct: Network = {
  open: async (server) => server,
  begin: async () => {},
  carried: async () => 0,
}

class RelayedNetwork implements Network {
  readonly #control: string

  constructor(control: string) {
    this.#control = control
  }

  async open(server: string): Promise<string> {
    const request: OpenRequest = { target: server }
    const { url } = (await this.#post('/open', request)) as OpenAnswer
    return url
  }

  async begin(stallAfter?: number): Promise<void> {
    const request: BeginRequest = stallAfter === undefined ? {} : { stallAfter }
    await this.#post('/begin', request)
  }

  async carried(): Promise<number> {
    const response = await fetch(`${this.#control}/carried`)
    const { bytes } = (await response.json()) as CarriedAnswer
    return bytes
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(this.#control + path, { method: 'POST', body: JSON.stringify(body) })
    return response.json()
  }
}

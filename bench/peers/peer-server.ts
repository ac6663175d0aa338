/** The server of a contender with its own protocol, in a process of its own, as the bench sees it. */
import { fileURLToPath } from 'node:url'
import type { FaultRule } from '../../demo/server/store/faults/fault-rule.ts'
import { startScript } from '../child.ts'
import type { Protocol } from '../contenders.ts'
import type { BenchFile } from '../file.ts'
import type { Network } from '../network.ts'
import type { Receiver, Traffic } from '../receiver.ts'

export type PeerServerOptions = {
  readonly protocol: Exclude<Protocol, 's3'>
  /** The folder for its data. */
  readonly directory: string
  /** The network between the page and it. */
  readonly network: Network
}

export class PeerServer implements Receiver {
  /** Its address for the page. */
  readonly url: string
  readonly #direct: string

  /** @internal See `startPeerServer`. */
  constructor(url: string, direct: string) {
    this.url = url
    this.#direct = direct
  }

  async begin(faults: readonly FaultRule[]): Promise<void> {
    await fetch(`${this.#direct}/_bench/begin`, { method: 'POST', body: JSON.stringify(faults) })
  }

  async traffic(): Promise<Traffic> {
    const response = await fetch(`${this.#direct}/_bench/traffic`)
    return (await response.json()) as Traffic
  }

  async has(file: BenchFile, key: string): Promise<boolean> {
    const response = await fetch(`${this.#direct}/_bench/digest/${encodeURIComponent(key)}`)
    const { sha256 } = (await response.json()) as { readonly sha256: string }
    return sha256 === file.sha256
  }

  async remove(key: string): Promise<void> {
    await fetch(`${this.#direct}/_bench/files/${encodeURIComponent(key)}`, { method: 'DELETE' })
  }
}

export async function startPeerServer({
  protocol,
  directory,
  network,
}: PeerServerOptions): Promise<PeerServer> {
  const script = fileURLToPath(new URL(`${protocol}-server.ts`, import.meta.url))
  const { said } = await startScript(script, [directory])
  const { url } = said as { readonly url: string }
  return new PeerServer(await network.open(url), url)
}

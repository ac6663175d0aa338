/** The server of the page and of the control calls, as the bench sees it. */
import { fileURLToPath } from 'node:url'
import { startScript } from './child.ts'
import type { Network } from './network.ts'
import type { ServerSettings } from './server.ts'

export class Site {
  /** Its address for the page. */
  readonly url: string
  readonly #direct: string
  #seen = 0

  /** @internal See `startSite`. */
  constructor(url: string, direct: string) {
    this.url = url
    this.#direct = direct
  }

  /** The number of control calls since the last time. */
  async calls(): Promise<number> {
    const response = await fetch(`${this.#direct}/calls`)
    const { calls } = (await response.json()) as { readonly calls: number }
    const since = calls - this.#seen
    this.#seen = calls
    return since
  }
}

/** @param network What lies between the page and it. */
export async function startSite(settings: ServerSettings, network: Network): Promise<Site> {
  const script = fileURLToPath(new URL('server.ts', import.meta.url))
  const { said } = await startScript(script, [JSON.stringify(settings)])
  const { url } = said as { readonly url: string }
  return new Site(await network.open(url), url)
}

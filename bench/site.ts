/** The server of the page and of the control calls, as the bench sees it. */
import { fileURLToPath } from 'node:url'
import { startScript } from './child.ts'
import type { ServerSettings } from './server.ts'

export class Site {
  readonly url: string
  #seen = 0

  /** @internal See `startSite`. */
  constructor(url: string) {
    this.url = url
  }

  /** Control calls since the last time. */
  async calls(): Promise<number> {
    const response = await fetch(`${this.url}/calls`)
    const { calls } = (await response.json()) as { readonly calls: number }
    const since = calls - this.#seen
    this.#seen = calls
    return since
  }
}

export async function startSite(settings: ServerSettings): Promise<Site> {
  const script = fileURLToPath(new URL('server.ts', import.meta.url))
  const { said } = await startScript(script, [JSON.stringify(settings)])
  return new Site((said as { readonly url: string }).url)
}

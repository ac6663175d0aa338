/** Starts a Chromium for each run, so that no run inherits another's memory. */
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright'
import { chromiumLaunch } from '../scripts/browser-path.js'
import { Page } from './browser-page.ts'
import { type Cdp, connect } from './cdp.ts'
import { type Group, startGroup } from './child.ts'
import { removeFolder } from './cleanup.ts'

const startTimeout = 30_000
const endTimeout = 5_000

export class Browser {
  readonly #cdp: Cdp
  readonly #group: Group
  readonly #profile: string

  /** @internal See `launchBrowser`. */
  constructor(cdp: Cdp, group: Group, profile: string) {
    this.#cdp = cdp
    this.#group = group
    this.#profile = profile
  }

  /** The id of the process group that all its processes belong to. */
  get pid(): number {
    return this.#group.pid
  }

  async version(): Promise<string> {
    const { product } = await this.#cdp.send('Browser.getVersion')
    return String(product).replace(/^.*\//, '')
  }

  /** Opens a page, and waits until it has loaded. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.#cdp.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.#cdp.send('Target.attachToTarget', { targetId, flatten: true })
    const page = new Page(this.#cdp, String(sessionId))
    await page.load(url)
    return page
  }

  /** Kills all of it at once, whatever it is doing. The profile stays for the next browser. */
  async kill(): Promise<void> {
    const ended = once(this.#group.process, 'exit')
    this.#group.kill()
    this.#cdp.close()
    if (this.#group.process.exitCode === null && this.#group.process.signalCode === null) await ended
  }

  async close(): Promise<void> {
    const ended = once(this.#group.process, 'exit')
    // It answers, or it is gone first. The group is killed in any case.
    this.#cdp.send('Browser.close').catch(() => {})
    if (this.#group.process.exitCode === null) {
      await Promise.race([ended, sleep(endTimeout, undefined, { ref: false })])
    }
    this.#cdp.close()
    this.#group.kill()
    removeFolder(this.#profile)
  }
}

/** @param folder The folder for its profile while it runs. A killed browser may have left its own there. */
export async function launchBrowser(folder: string): Promise<Browser> {
  const profile = join(folder, 'profile')
  mkdirSync(profile, { recursive: true })
  rmSync(portFile(profile), { force: true })
  const { executablePath = chromium.executablePath(), args } = chromiumLaunch(chromium.executablePath())
  const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`]
  const group = startGroup(executablePath, [...args, ...own, 'about:blank'], { stdio: 'ignore' })
  try {
    return new Browser(await connect(await debuggerUrl(profile, group)), group, profile)
  } catch (error) {
    group.kill()
    removeFolder(profile)
    throw error
  }
}

function portFile(profile: string): string {
  return join(profile, 'DevToolsActivePort')
}

/** Chromium writes the port that it has chosen into a file, and the path on the next line. */
async function debuggerUrl(profile: string, group: Group): Promise<string> {
  const file = portFile(profile)
  const deadline = performance.now() + startTimeout
  while (performance.now() < deadline && group.process.exitCode === null) {
    const [port, path] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (port && path) return `ws://127.0.0.1:${port}${path}`
    await sleep(20)
  }
  throw new Error(`Chromium ended, or was not ready within ${startTimeout / 1000} s`)
}

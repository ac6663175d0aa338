/** WebKit in the form of WebKitGTK's MiniBrowser, driven by WebKitWebDriver on a virtual display. It is not Safari. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Engine, Profile, Tab } from '../engine.ts'
import { type WebDriver, webDriver } from './web-driver.ts'

/** Milliseconds that one command may take in the page. */
const patience = 60_000

/** How the protocol marks an element in JSON. */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf'

export async function webkitEngine(): Promise<Engine> {
  const display = await startDisplay()
  const port = await freePort()
  const env = { ...process.env, DISPLAY: display.name, GDK_BACKEND: 'x11', WAYLAND_DISPLAY: '' }
  const driver = withUs(spawn('WebKitWebDriver', [`--port=${port}`], { stdio: 'ignore', env }))
  const close = async (): Promise<void> => {
    await ended(driver)
    await ended(display.server)
  }
  try {
    const protocol = webDriver(`http://127.0.0.1:${port}`)
    await untilReady(protocol, driver)
    const first = await startSession(protocol)
    await first.profile.close()
    return {
      name: 'WebKitGTK',
      version: first.version,
      newProfile: async () => (await startSession(protocol)).profile,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Display = { readonly name: string; readonly server: ChildProcess }

/** Xvfb finds a free display number itself, and writes it to the descriptor when it is ready. */
async function startDisplay(): Promise<Display> {
  const parameters = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']
  const server = withUs(spawn('Xvfb', parameters, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }))
  const lines = createInterface({ input: server.stdio[3] as Readable })
  const failed = failure(server, 'Xvfb')
  const [number] = await Promise.race([once(lines, 'line') as Promise<string[]>, failed])
  return { name: `:${number}`, server }
}

async function untilReady(protocol: WebDriver, driver: ChildProcess): Promise<void> {
  let dead: unknown
  failure(driver, 'WebKitWebDriver').catch((error: unknown) => {
    dead = error
  })
  for (let tries = 0; ; tries++) {
    try {
      await protocol.send('GET', '/status')
      return
    } catch (error) {
      if (dead !== undefined) throw dead
      if (tries === 300) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Makes the child end with this process, even if that exits suddenly. */
function withUs(child: ChildProcess): ChildProcess {
  const end = (): void => void child.kill()
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

/** Rejects if the process cannot be started or ends by itself. */
function failure(child: ChildProcess, name: string): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`${name} ended: ${code ?? signal}`)))
  })
  failed.catch(() => {})
  return failed
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exit = once(child, 'exit')
  child.kill()
  await exit
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

type Session = { readonly version: string; readonly profile: Profile }

/** Starts a browser, whose storage ends with it. */
async function startSession(protocol: WebDriver): Promise<Session> {
  const { sessionId, capabilities } = (await protocol.send('POST', '/session', {
    capabilities: { alwaysMatch: { browserName: 'MiniBrowser' } },
  })) as { sessionId: string; capabilities: { browserVersion: string } }
  const path = `/session/${sessionId}`
  await protocol.send('POST', `${path}/timeouts`, { script: patience, pageLoad: patience })
  const windows = new Windows(protocol, path)
  return {
    version: capabilities.browserVersion,
    profile: {
      newTab: () => windows.newTab(),
      close: async () => {
        await protocol.send('DELETE', path)
      },
    },
  }
}

/** A session has one current window, so commands to several windows take turns. */
class Windows {
  readonly #protocol: WebDriver
  readonly #path: string
  #current = ''
  #turn: Promise<unknown> = Promise.resolve()
  /** A session begins with a window. */
  #hasSpare = true

  constructor(protocol: WebDriver, path: string) {
    this.#protocol = protocol
    this.#path = path
  }

  newTab(): Promise<Tab> {
    return this.#inTurn(async () => this.#tab(await this.#newHandle()))
  }

  async #newHandle(): Promise<string> {
    if (this.#hasSpare) {
      this.#hasSpare = false
      return (await this.#protocol.send('GET', `${this.#path}/window`)) as string
    }
    const opened = await this.#protocol.send('POST', `${this.#path}/window/new`, { type: 'tab' })
    return (opened as { handle: string }).handle
  }

  #tab(handle: string): Tab {
    const post = (command: string, body: object): Promise<unknown> =>
      this.#protocol.send('POST', `${this.#path}/${command}`, body)
    const here = <Result>(work: () => Promise<Result>): Promise<Result> =>
      this.#inTurn(async () => {
        if (this.#current !== handle) await post('window', { handle })
        this.#current = handle
        return work()
      })
    return {
      open: (url) => here(async () => void (await post('url', { url }))),
      reload: () => here(async () => void (await post('refresh', {}))),
      evaluate: (run, ...args) =>
        here(async () => resultOf(await post('execute/async', { script: scriptOf(run), args }))),
      pick: (selector, paths) =>
        here(async () => {
          const element = await post('element', { using: 'css selector', value: selector })
          const { [elementKey]: id } = element as { [elementKey]: string }
          // The protocol adds files to those already in a field for several.
          await post('execute/sync', { script: 'arguments[0].value = ""', args: [element] })
          await post(`element/${id}/value`, { text: paths.join('\n') })
        }),
      close: () =>
        here(async () => {
          await this.#protocol.send('DELETE', `${this.#path}/window`)
          this.#current = ''
        }),
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

function scriptOf(run: (...args: never[]) => unknown): string {
  return `const done = arguments[arguments.length - 1]
    const args = Array.prototype.slice.call(arguments, 0, -1)
    Promise.resolve().then(() => (${run})(...args))
      .then((value) => done({ value }), (error) => done({ error: String(error) }))`
}

function resultOf(answer: unknown): never {
  const { value, error } = answer as { value: unknown; error?: string }
  if (error !== undefined) throw new Error(error)
  return value as never
}

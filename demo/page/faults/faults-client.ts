/**
 * The faults that are switched on at the demo's server. They are the same for all tabs and all visitors of this server.
 */
import { Listeners } from '../listeners.ts'

export const switches = ['unplugged', 'cuts', 'busy', 'slow'] as const
export type Switch = (typeof switches)[number]

export type Faults = {
  /** Whether the server can be told to fail. It cannot if its storage is a real one. `undefined`: not known yet. */
  readonly available: boolean | undefined
  readonly on: readonly Switch[]
  /** How many requests each fault has hit since it was switched on. */
  readonly hits: Readonly<Record<Switch | 'expired', number>>
  /** When URLs were last made to expire, by performance.now(). */
  readonly expiredAt: number | undefined
  /** Why the server did not take the last order. */
  readonly problem: string | undefined
}

/** Milliseconds between two looks at the hits. */
const beat = 1_000

class FaultsClient {
  readonly changes = new Listeners()
  readonly #channel =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('demo-faults')
  #orders = 0
  #faults: Faults = {
    available: undefined,
    on: [],
    hits: { unplugged: 0, cuts: 0, busy: 0, slow: 0, expired: 0 },
    expiredAt: undefined,
    problem: undefined,
  }

  constructor() {
    this.#channel?.addEventListener('message', () => void this.#look())
    document.addEventListener('visibilitychange', () => void this.#look())
    setInterval(() => {
      if (this.#isAtWork && document.visibilityState === 'visible') void this.#look()
    }, beat)
    void this.#look()
  }

  readonly view = (): Faults => this.#faults

  /** Shown at once, and taken back if the server does not take the order. */
  async turn(name: Switch, on: boolean): Promise<void> {
    const others = this.#faults.on.filter((one) => one !== name)
    this.#set({ on: on ? [...others, name] : others })
    await this.#order(`/trouble/${name}`, 'PUT', { on })
  }

  async expireUrls(): Promise<void> {
    await this.#order('/trouble/expire-urls', 'POST', {})
    this.#set({ expiredAt: performance.now() })
  }

  /** Expired URLs go on being used, and refused, for as long as parts were signed ahead. */
  get #isAtWork(): boolean {
    const { on, expiredAt } = this.#faults
    return on.length > 0 || (expiredAt !== undefined && performance.now() - expiredAt < 60_000)
  }

  async #order(path: string, method: string, body: object): Promise<void> {
    this.#orders += 1
    try {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(path, { method, headers, body: JSON.stringify(body) })
      if (!response.ok) throw new Error(`The demo's server answered ${response.status}`)
      this.#set({ ...(await response.json()), problem: undefined })
      this.#channel?.postMessage('changed')
    } catch (error) {
      this.#set({ problem: error instanceof Error ? error.message : String(error) })
      await this.#look()
    }
  }

  async #look(): Promise<void> {
    const orders = this.#orders
    try {
      const response = await fetch('/trouble')
      const found = response.ok ? { ...(await response.json()), available: true } : { available: false }
      // An answer from before the last order would turn its switch back for a moment.
      if (orders === this.#orders) this.#set(found)
    } catch {
      // The server is gone. What was known of it stays until it is back.
    }
  }

  #set(change: Partial<Faults>): void {
    this.#faults = { ...this.#faults, ...change }
    this.changes.notify()
  }
}

export const faultsClient = new FaultsClient()

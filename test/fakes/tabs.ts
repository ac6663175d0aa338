import type { Call, Claim, TabNews, Tabs } from '../../src/ports.ts'

type Waiter = { readonly key: string; readonly tab: FakeTab; grant(): void }
type Listener = { readonly key: string; readonly tab: FakeTab; hear(news: TabNews): void }

/** What the tabs of one browser share. */
export class FakeBrowser {
  readonly owners = new Map<string, FakeTab>()
  readonly #losing = new Map<string, () => void>()
  waiters: Waiter[] = []
  listeners: Listener[] = []

  tab(): FakeTab {
    return new FakeTab(this)
  }

  /** Takes the claim from its tab, as Safari does with a page that it keeps for the Back button. */
  takeAway(key: string): void {
    this.#losing.get(key)?.()
    this.free(key)
  }

  own(key: string, tab: FakeTab): Claim {
    this.owners.set(key, tab)
    const held = new Promise<never>((_, reject) => {
      this.#losing.set(key, () => reject(new DOMException('the page is kept', 'AbortError')))
    })
    held.catch(() => {})
    return {
      held,
      release: () => {
        if (this.owners.get(key) === tab) this.free(key)
      },
    }
  }

  free(key: string): void {
    this.owners.delete(key)
    const next = this.waiters.find((waiter) => waiter.key === key)
    if (next === undefined) return
    this.waiters = this.waiters.filter((waiter) => waiter !== next)
    next.grant()
  }
}

export class FakeTab implements Tabs {
  readonly #browser: FakeBrowser

  constructor(browser: FakeBrowser) {
    this.#browser = browser
  }

  async claim(key: string): Promise<Claim | undefined> {
    return this.#browser.owners.has(key) ? undefined : this.#own(key)
  }

  wait(key: string, { signal }: Call): Promise<Claim> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { key, tab: this, grant: () => resolve(this.#own(key)) }
      if (!this.#browser.owners.has(key)) return waiter.grant()
      this.#browser.waiters.push(waiter)
      signal.addEventListener('abort', () => {
        this.#browser.waiters = this.#browser.waiters.filter((one) => one !== waiter)
        reject(signal.reason)
      })
    })
  }

  async isTaken(key: string): Promise<boolean> {
    return this.#browser.owners.has(key)
  }

  async isWanted(key: string): Promise<boolean> {
    return this.#browser.waiters.some((waiter) => waiter.key === key)
  }

  tell(key: string, news: TabNews): void {
    const others = this.#browser.listeners.filter((listener) => listener.key === key && listener.tab !== this)
    for (const { hear } of others) queueMicrotask(() => hear(structuredClone(news)))
  }

  hear(key: string, hear: (news: TabNews) => void): () => void {
    const listener: Listener = { key, tab: this, hear }
    this.#browser.listeners.push(listener)
    return () => {
      this.#browser.listeners = this.#browser.listeners.filter((one) => one !== listener)
    }
  }

  /** Closes or kills the tab: it no longer hears or waits, and its claims are free. */
  close(): void {
    this.#browser.listeners = this.#browser.listeners.filter(({ tab }) => tab !== this)
    this.#browser.waiters = this.#browser.waiters.filter(({ tab }) => tab !== this)
    for (const [key, owner] of [...this.#browser.owners]) if (owner === this) this.#browser.free(key)
  }

  #own(key: string): Claim {
    return this.#browser.own(key, this)
  }
}

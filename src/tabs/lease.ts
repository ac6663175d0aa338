import { createStore, del, get, type UseStore, update } from 'idb-keyval'
import type { Call, Claim, TabNews, Tabs } from '../ports.ts'
import { NewsChannel } from './channel.ts'

type Lease = {
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly until: number
  /** Until then somebody waits for it; milliseconds since 1970. */
  readonly wantedUntil: number
}

/** Browsers slow the timers of hidden pages down to one a second, so a lease must outlive several of those. */
const length = 10_000
const renewal = 1_000
const polling = 500

/** Claims as leases in IndexedDB, for browsers and pages without Web Locks (an insecure context has none). */
export class LeaseTabs implements Tabs {
  readonly #owner = Math.random().toString(36).slice(2)
  readonly #channel = new NewsChannel('longhaul:')
  #opened: UseStore | undefined

  async claim(key: string): Promise<Claim | undefined> {
    const lease = await this.#update(key, (old) => (this.#isFree(old) ? this.#mine(old) : old))
    return lease?.owner === this.#owner ? this.#held(key) : undefined
  }

  async wait(key: string, { signal }: Call): Promise<Claim> {
    for (;;) {
      signal.throwIfAborted()
      const claim = await this.claim(key)
      if (claim !== undefined) return claim
      await this.#update(key, (old) => old && { ...old, wantedUntil: Date.now() + 3 * polling })
      await new Promise((resolve) => setTimeout(resolve, polling))
    }
  }

  async isWanted(key: string): Promise<boolean> {
    const lease = await get<Lease>(key, this.#store())
    return lease !== undefined && lease.wantedUntil > Date.now()
  }

  tell(key: string, news: TabNews): void {
    this.#channel.tell(key, news)
  }

  hear(key: string, listener: (news: TabNews) => void): () => void {
    return this.#channel.hear(key, listener)
  }

  #isFree(lease: Lease | undefined): boolean {
    return lease === undefined || lease.until < Date.now()
  }

  #mine(old: Lease | undefined): Lease {
    return { owner: this.#owner, until: Date.now() + length, wantedUntil: old?.wantedUntil ?? 0 }
  }

  #held(key: string): Claim {
    const renewing = setInterval(() => {
      this.#update(key, (old) => (old?.owner === this.#owner ? this.#mine(old) : old)).catch(() => {})
    }, renewal)
    return {
      release: () => {
        clearInterval(renewing)
        del(key, this.#store()).catch(() => {})
      },
    }
  }

  /** One transaction: of two tabs that ask at the same moment, one reads what the other has written. */
  async #update(
    key: string,
    change: (old: Lease | undefined) => Lease | undefined,
  ): Promise<Lease | undefined> {
    let changed: Lease | undefined
    await update<Lease | undefined>(
      key,
      (old) => {
        changed = change(old)
        return changed
      },
      this.#store(),
    )
    return changed
  }

  #store(): UseStore {
    this.#opened ??= createStore('longhaul-leases', 'leases')
    return this.#opened
  }
}

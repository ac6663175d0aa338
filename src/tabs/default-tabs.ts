import type { Call, Claim, TabNews, Tabs } from '../ports.ts'
import { LeaseTabs } from './lease.ts'
import { WebLockTabs } from './web-locks.ts'

/**
 * Keeps the tabs of a browser apart: by Web Locks, by leases in IndexedDB where there are none, and where neither can be
 * had every page is on its own. Looked for at the first use, because a server has none of them.
 */
export function browserTabs(): Tabs {
  return new BrowserTabs()
}

class BrowserTabs implements Tabs {
  #found: Tabs | undefined

  claim(key: string): Promise<Claim | undefined> {
    return this.#tabs().claim(key)
  }

  wait(key: string, call: Call): Promise<Claim> {
    return this.#tabs().wait(key, call)
  }

  isTaken(key: string): Promise<boolean> {
    return this.#tabs().isTaken(key)
  }

  isWanted(key: string): Promise<boolean> {
    return this.#tabs().isWanted(key)
  }

  tell(key: string, news: TabNews): void {
    this.#tabs().tell(key, news)
  }

  hear(key: string, listener: (news: TabNews) => void): () => void {
    return this.#tabs().hear(key, listener)
  }

  #tabs(): Tabs {
    this.#found ??= find()
    return this.#found
  }
}

function find(): Tabs {
  if (typeof navigator !== 'undefined' && navigator.locks) return new WebLockTabs(navigator.locks)
  return typeof indexedDB === 'undefined' ? alone : new LeaseTabs()
}

const alone: Tabs = {
  claim: async () => ({ release: () => {} }),
  wait: async () => ({ release: () => {} }),
  isTaken: async () => false,
  isWanted: async () => false,
  tell: () => {},
  hear: () => () => {},
}

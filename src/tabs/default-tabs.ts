import type { Tabs } from '../ports.ts'
import { LeaseTabs } from './lease.ts'
import { WebLockTabs } from './web-locks.ts'

/**
 * Keeps a browser's tabs apart with Web Locks, or with leases in IndexedDB if there are none. If neither can be had, as
 * on a server, every page is on its own.
 */
export function browserTabs(): Tabs {
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

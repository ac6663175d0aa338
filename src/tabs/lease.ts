import { createStore, promisifyRequest, type UseStore } from 'idb-keyval'
import { unless } from '../patience.ts'
import type { Call, Claim, TabNews, Tabs } from '../ports.ts'
import { NewsChannel } from './channel.ts'

type Lease = {
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly until: number
  /** Until then somebody waits for it. Milliseconds since 1970. */
  readonly wantedUntil: number
}

/**
 * Milliseconds. Browsers slow the timers of hidden pages down to one a second, and after some minutes to one a minute,
 * while their requests go on. So a lease that has run out may still be in use.
 */
const length = 10_000
const renewal = 1_000
const polling = 500
/** Longer than the pause of a page whose waiting has failed. */
const wanting = 5_000
/**
 * As for checkpoints: a storage that does not answer by then, such as a database whose opening is blocked, is given up.
 */
const patience = 10_000

/** Claims as leases in IndexedDB, for browsers and pages without Web Locks (an insecure context has none). */
export class LeaseTabs implements Tabs {
  readonly #channel = new NewsChannel('longhaul:')
  #opened: UseStore | undefined
  /** Aborts when the storage is given up, counted from the first call that it has not answered. */
  #patience: AbortSignal | undefined

  async claim(key: string): Promise<Claim | undefined> {
    const left = await this.#update(key)
    if (isHeld(left) || (await this.#isAlive(key, left))) return undefined
    // Of this claim, because a page may ask for two at once.
    const owner = Math.random().toString(36).slice(2)
    const lease = await this.#update(key, (old) => (isHeld(old) ? old : leaseOf(owner, old)))
    return lease?.owner === owner ? this.#held(key, owner) : undefined
  }

  async wait(key: string, { signal }: Call): Promise<Claim> {
    for (;;) {
      signal.throwIfAborted()
      const claim = await this.claim(key)
      if (claim !== undefined) return claim
      await this.#update(key, (old) => old && { ...old, wantedUntil: Date.now() + wanting })
      await pause()
    }
  }

  /** Not if the owner is gone, as after a reload, although its lease still runs: whoever waits gets it then. */
  async isTaken(key: string): Promise<boolean> {
    return this.#isAlive(key, await this.#update(key))
  }

  /** Asks the owner, which answers by renewing its lease: messages come in time where timers do not. */
  async #isAlive(key: string, lease: Lease | undefined): Promise<boolean> {
    if (lease === undefined) return false
    // A channel does not hear itself, and this page may be the owner, so this takes a channel of its own.
    const channel = new NewsChannel('longhaul:')
    const deaf = channel.hear(key, () => {})
    channel.tell(key, { type: 'watch' })
    await pause()
    deaf()
    const { until = lease.until } = (await this.#update(key)) ?? {}
    return until !== lease.until
  }

  async isWanted(key: string): Promise<boolean> {
    const { wantedUntil = 0 } = (await this.#update(key)) ?? {}
    return wantedUntil > Date.now()
  }

  tell(key: string, news: TabNews): void {
    this.#channel.tell(key, news)
  }

  hear(key: string, listener: (news: TabNews) => void): () => void {
    return this.#channel.hear(key, listener)
  }

  #held(key: string, owner: string): Claim {
    /** Not if the lease is another tab's by now, because this one has slept. */
    const change = (ours: (old: Lease) => Lease | undefined): void => {
      this.#update(key, (old) => (old?.owner === owner ? ours(old) : old)).catch(() => {})
    }
    const renew = (): void => change((old) => leaseOf(owner, old))
    const renewing = setInterval(renew, renewal)
    const deaf = this.hear(key, renew)
    return {
      release: () => {
        clearInterval(renewing)
        deaf()
        change(() => undefined)
      },
    }
  }

  /** In one transaction: of two tabs that ask at the same moment, one reads what the other has written. */
  #update(
    key: string,
    change: (old: Lease | undefined) => Lease | undefined = (old) => old,
  ): Promise<Lease | undefined> {
    const updated = this.#store()('readwrite', async (store) => {
      const { db } = store.transaction
      // Whoever deletes the database would otherwise wait until this page is closed.
      db.onversionchange = () => {
        db.close()
        this.#opened = undefined
      }
      const old = await promisifyRequest<Lease | undefined>(store.get(key))
      const lease = change(old)
      if (lease === undefined) store.delete(key)
      else if (lease !== old) store.put(lease, key)
      await promisifyRequest(store.transaction)
      return lease
    })
    this.#patience ??= AbortSignal.timeout(patience)
    const answered = updated.finally(() => {
      this.#patience = undefined
    })
    return unless(this.#patience, answered)
  }

  #store(): UseStore {
    this.#opened ??= createStore('longhaul-leases', 'leases')
    return this.#opened
  }
}

function leaseOf(owner: string, old: Lease | undefined): Lease {
  // Different each time, even if the clock stands still for a tenth of a second (Firefox, resistFingerprinting).
  const until = Date.now() + length - Math.random()
  return { owner, until, wantedUntil: old?.wantedUntil ?? 0 }
}

/** After a clock was set back there are leases with more time than anybody can have taken. */
function isHeld(lease: Lease | undefined): boolean {
  const left = (lease?.until ?? 0) - Date.now()
  return left > 0 && left <= length
}

/** Waits before the next look. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, polling))
}

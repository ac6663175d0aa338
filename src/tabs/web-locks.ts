import type { Call, Claim, TabNews, Tabs } from '../ports.ts'
import { NewsChannel } from './channel.ts'
import { pause } from './lease.ts'

const prefix = 'longhaul:'

/**
 * Claims as Web Locks (W3C Web Locks API). The browser frees a lock when its page closes or crashes, and gives it to
 * whoever waits for it.
 */
export class WebLockTabs implements Tabs {
  readonly #locks: LockManager
  readonly #channel = new NewsChannel(prefix)
  #asked: Promise<LockManagerSnapshot> | undefined

  constructor(locks: LockManager) {
    this.#locks = locks
  }

  claim(key: string): Promise<Claim | undefined> {
    return this.#request(key, { ifAvailable: true })
  }

  wait(key: string, { signal }: Call): Promise<Claim> {
    // Only a request with `ifAvailable` may be refused.
    return this.#request(key, { signal }) as Promise<Claim>
  }

  /**
   * Chromium keeps a page that was left, with its locks, in case the user goes back, but ends it soon after somebody
   * looks.
   */
  async isTaken(key: string): Promise<boolean> {
    if (!(await this.#isIn('held', key))) return false
    await pause()
    return this.#isIn('held', key)
  }

  /**
   * Asking the browser for all its locks takes time at the end of each small file, and mostly there is only one page.
   */
  async isWanted(key: string): Promise<boolean> {
    return this.#channel.mayHaveCompany && this.#isIn('pending', key)
  }

  async #isIn(list: keyof LockManagerSnapshot, key: string): Promise<boolean> {
    // One query for all that ask in the same moment.
    this.#asked ??= this.#locks.query()
    queueMicrotask(() => {
      this.#asked = undefined
    })
    const { [list]: locks = [] } = await this.#asked
    return locks.some(({ name }) => name === prefix + key)
  }

  tell(key: string, news: TabNews): void {
    this.#channel.tell(key, news)
  }

  hear(key: string, listener: (news: TabNews) => void): () => void {
    return this.#channel.hear(key, listener)
  }

  /** A lock is held as long as the promise of its callback is pending. */
  #request(key: string, options: LockOptions): Promise<Claim | undefined> {
    return new Promise((resolve, reject) => {
      const hold = (lock: Lock | null): Promise<void> | undefined => {
        // Later, because some call back before they have returned the promise, as Node does.
        if (lock !== null) return new Promise((release) => queueMicrotask(() => resolve({ release, held })))
        resolve(undefined)
        return undefined
      }
      const held = this.#locks.request(prefix + key, options, hold)
      held.catch(reject)
    })
  }
}

import type { Call, Claim, TabNews, Tabs } from '../../src/ports.ts'
import type { Answer, Page } from './page.ts'
import type { World } from './world.ts'

type Waiting = { readonly page: Page; readonly grant: () => void }
type Listener = {
  readonly page: Page
  readonly key: string
  readonly hear: (news: TabNews, from: Page) => void
}

/** The browser's locks and channels. A key has one holder, waiting pages get it in turn, and a crash releases it. */
export class Locks {
  readonly holders = new Map<string, Page>()
  /** Tells a page that its claim has been taken away. */
  readonly #tellers = new Map<string, (reason: unknown) => void>()
  readonly waiting = new Map<string, Waiting[]>()
  readonly listeners = new Set<Listener>()
  /** Whose end was about to be left to somebody. */
  readonly left = new Set<string>()

  take(key: string, page: Page): boolean {
    if (this.holders.has(key)) return false
    this.holders.set(key, page)
    page.lostAtTheEnd.delete(key)
    return true
  }

  enqueue(key: string, waiting: Waiting): void {
    this.waiting.set(key, [...(this.waiting.get(key) ?? []), waiting])
    this.#next(key)
  }

  leave(key: string, waiting: Waiting): void {
    this.#keep(key, (other) => other !== waiting)
  }

  release(key: string, page: Page): void {
    if (this.holders.get(key) !== page) return
    this.holders.delete(key)
    this.#next(key)
  }

  crashed(page: Page): void {
    for (const key of this.waiting.keys()) this.#keep(key, (other) => other.page !== page)
    for (const [key, holder] of [...this.holders]) if (holder === page) this.release(key, page)
    for (const listener of [...this.listeners]) if (listener.page === page) this.listeners.delete(listener)
  }

  isHolder(page: Page): boolean {
    return [...this.holders.values()].includes(page)
  }

  /** The page loses all its locks, and hears about it at the same moment. */
  taken(page: Page): void {
    for (const [key, holder] of [...this.holders]) {
      if (holder !== page) continue
      this.#tellers.get(key)?.(new DOMException('the lock was taken away', 'AbortError'))
      this.release(key, page)
    }
  }

  /** @returns A promise that rejects when the key is taken away. */
  held(key: string): Promise<never> {
    return new Promise((_, reject) => {
      this.#tellers.set(key, reject)
    })
  }

  #keep(key: string, keeps: (waiting: Waiting) => boolean): void {
    const left = (this.waiting.get(key) ?? []).filter(keeps)
    if (left.length > 0) this.waiting.set(key, left)
    else this.waiting.delete(key)
  }

  #next(key: string): void {
    const next = this.waiting.get(key)?.[0]
    if (next === undefined || !this.take(key, next.page)) return
    this.leave(key, next)
    next.grant()
  }
}

/** Locks and channels as a page sees them. */
export class PageTabs implements Tabs {
  readonly #page: Page
  readonly #world: World

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
  }

  claim(key: string): Promise<Claim | undefined> {
    this.#world.referee.claiming(this.#page, key)
    return this.#ask('claim', key, () => (this.#locks.take(key, this.#page) ? this.#claim(key) : undefined))
  }

  wait(key: string, { signal }: Call): Promise<Claim> {
    return this.#page.call<Claim>({ port: 'wait', key }, (answer) => this.#wait(key, answer), signal)
  }

  isTaken(key: string): Promise<boolean> {
    return this.#ask('taken', key, () => this.#locks.holders.has(key))
  }

  isWanted(key: string): Promise<boolean> {
    return this.#ask('wanted', key, () => {
      const [waiting] = this.#locks.waiting.get(key) ?? []
      if (waiting !== undefined && !this.#locks.left.has(key)) {
        this.#locks.left.add(key)
        this.#mayDie(waiting.page)
      }
      return waiting !== undefined
    })
  }

  /** Who waits, before it has read what is left for it. Not at a second look: who dies after that leaves what nobody can know of. */
  #mayDie(page: Page): void {
    const { isCalm, random, history } = this.#world
    if (isCalm || !random.chance(0.1)) return
    history.count('world', 'crash of a page that waits for news')
    page.crash()
  }

  tell(key: string, news: TabNews): void {
    if (!this.#page.isAlive) return
    if (news.type === 'cancel') this.#page.note('tells the other page to cancel')
    const from = this.#page
    const session = this.#world.referee.sessionOn(from, key)
    for (const listener of this.#locks.listeners) {
      if (listener.page === from || listener.key !== key) continue
      this.#world.timeline.after(this.#world.plan.newsLatency, () => {
        if (!this.#locks.listeners.has(listener)) return
        if (news.type !== 'watch' && news.type !== 'cancel')
          this.#world.referee.heard(listener.page, key, session)
        listener.hear(news, from)
      })
    }
  }

  hear(key: string, listener: (news: TabNews) => void): () => void {
    if (!this.#page.isAlive) return () => {}
    const entry = { page: this.#page, key, hear: listener }
    this.#locks.listeners.add(entry)
    return () => this.#locks.listeners.delete(entry)
  }

  get #locks(): Locks {
    return this.#world.locks
  }

  #ask<T>(port: 'claim' | 'taken' | 'wanted', key: string, decide: () => T): Promise<T> {
    return this.#page.call<T>({ port, key }, (answer) => {
      this.#soon(() => {
        if (!answer.isOpen) return
        const decided = decide()
        this.#soon(() => answer.resolve(decided))
      })
      return undefined
    })
  }

  /** A grant that is on its way when the signal aborts is returned, because nobody hears of it. */
  #wait(key: string, answer: Answer<Claim>): () => void {
    let claim: Claim | undefined
    const grant = (): void => {
      const granted = this.#claim(key)
      claim = granted
      this.#soon(() => {
        if (answer.isOpen) this.#world.referee.granted(this.#page, key)
        answer.resolve(granted)
      })
    }
    const waiting = { page: this.#page, grant }
    const isLost = !this.#world.isCalm && this.#world.random.chance(this.#world.plan.lostWaits)
    if (isLost) this.#world.history.count('world', 'waiting for a lock failed')
    this.#soon(() => {
      if (isLost) answer.reject(new DOMException('the connection was lost', 'UnknownError'))
      if (answer.isOpen) this.#locks.enqueue(key, waiting)
    })
    return () => {
      // It was granted by then, and nobody heard of it.
      if (claim !== undefined) claim.release()
      else this.#locks.leave(key, waiting)
    }
  }

  #claim(key: string): Claim {
    let isReleased = false
    const held = this.#locks.held(key)
    // The lock may be taken away before the page has heard of it. Then there is nothing to release.
    held.catch(() => {
      isReleased = true
    })
    return {
      held,
      release: () => {
        // It is released once only, because the page may have claimed the key again by then.
        if (this.#page.isAlive && !isReleased) this.#locks.release(key, this.#page)
        isReleased = true
      },
    }
  }

  #soon(run: () => void): void {
    this.#world.timeline.after(this.#world.random.between(0, 3), run)
  }
}

import type { Timeline } from './timeline.ts'

/** What is between the pages and the servers, and what the browser says of it, which need not be the same. */
export class Weather {
  /** What `navigator.onLine` says. */
  saysOnline = true
  /** Nothing gets through. */
  isNetworkAway = false
  /** The servers fail at everything. */
  isServerDead = false
  /** Something on the way answers whatever is asked. */
  isPortalUp = false
  /** Milliseconds for which one will be up. */
  #portal: number | undefined
  readonly #timeline: Timeline
  readonly #listeners = new Set<() => void>()

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  takeNetworkAway(isNoticed: boolean, duration: number): void {
    this.isNetworkAway = true
    if (isNoticed) this.#say(false)
    this.#timeline.after(duration, () => {
      this.isNetworkAway = false
      this.#say(true)
    })
  }

  claimToBeOffline(duration: number): void {
    this.#say(false)
    this.#timeline.after(duration, () => this.#say(true))
  }

  killServer(duration: number): void {
    this.isServerDead = true
    this.#timeline.after(duration, () => {
      this.isServerDead = false
    })
  }

  putUpPortal(isNoticed: boolean, duration: number): void {
    this.isPortalUp = true
    if (isNoticed) this.#say(false)
    this.#timeline.after(duration, () => {
      this.isPortalUp = false
      if (isNoticed) this.#say(true)
    })
  }

  /** Where it hurts most: when the next upload completes. */
  keepPortalFor(duration: number): void {
    this.#portal = duration
  }

  completes(): void {
    if (this.#portal !== undefined) this.putUpPortal(false, this.#portal)
    this.#portal = undefined
  }

  /** Nothing is wrong any more, but perhaps the browser does not notice. */
  clear(isUnnoticed: boolean): void {
    this.isNetworkAway = false
    this.isServerDead = false
    this.isPortalUp = false
    this.#portal = undefined
    if (!isUnnoticed) this.#say(true)
    else this.#listeners.clear()
    this.isUnnoticed = isUnnoticed
  }

  isUnnoticed = false

  /** @returns The undo. */
  hear(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #say(isOnline: boolean): void {
    if (this.isUnnoticed || this.saysOnline === isOnline) return
    this.saysOnline = isOnline
    for (const listener of [...this.#listeners]) listener()
  }
}

import type { Timeline } from './timeline.ts'

/** The state between the pages and the servers, and the state that the browser reports, which may differ. */
export class Weather {
  /** The value of `navigator.onLine`. */
  saysOnline = true
  /** Nothing gets through. */
  isNetworkAway = false
  /** The servers fail at everything. */
  isServerDead = false
  /** Something on the way answers every request. */
  isPortalUp = false
  /** How many milliseconds the next portal will be up. */
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

  /** At the most harmful moment, when the next upload completes. */
  keepPortalFor(duration: number): void {
    this.#portal = duration
  }

  completes(): void {
    if (this.#portal !== undefined) this.putUpPortal(false, this.#portal)
    this.#portal = undefined
  }

  /** Nothing is wrong any more, but the browser may not notice. */
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

  /** @returns A function that undoes it. */
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

/** Decides whether this page may work on an upload, and passes on what another tab that does tells of it. */
import type { Call, Claim, Clock, TabNews, Tabs } from './ports.ts'

export type OwnershipOptions = {
  readonly key: string
  readonly tabs: Tabs
  readonly clock: Clock
  /** What the owner tells. */
  readonly onNews?: (news: TabNews) => void
  /** The upload has become ours after another tab had it. */
  readonly onOwned?: () => void
  /**
   * It was taken from us. @returns Whether it stops being ours at once, and not only at the next `take`. @default the
   * latter
   */
  readonly onLost?: () => boolean
  /** It was cancelled in another tab. */
  readonly onCancel?: () => void
}

/** The claim, if no other tab has it. If claims cannot be had at all, this page acts as if it were alone. */
export function claimOf(tabs: Tabs, key: string): Promise<Claim | undefined> {
  return tabs.claim(key).catch(() => ({ release: () => {} }))
}

/** Milliseconds until the next try, if the waiting itself has failed. */
const pause = 2_000

export class Ownership {
  readonly #options: OwnershipOptions
  readonly #deaf: () => void
  #claim: Claim | undefined
  /** The claim was taken away, but counts until the end of the run that goes on with it. */
  #isGone = false
  #waiting: AbortController | undefined
  #waited = false
  /** Another tab shows the upload. Telling costs the page something, and mostly nobody listens. */
  #isWatched = false
  #granted: Promise<void> = Promise.resolve()

  constructor(options: OwnershipOptions) {
    this.#options = options
    this.#deaf = options.tabs.hear(options.key, (news) => this.#heard(news))
  }

  get isOurs(): boolean {
    return this.#claim !== undefined
  }

  /** Whether another tab had it before us, or may have had it, so that what it left has to be looked at. Asked once. */
  takeWaited(): boolean {
    const waited = this.#waited
    this.#waited = false
    return waited
  }

  /** Makes it ours if no other tab has it. Otherwise waits for it in the background, and then says so. */
  async take(): Promise<boolean> {
    if (this.#isGone) this.#claim = undefined
    this.#isGone = false
    if (this.#claim !== undefined) return true
    if (this.#waiting !== undefined) return false
    const claim = await claimOf(this.#options.tabs, this.#options.key)
    if (claim === undefined) {
      this.#wait()
      this.#send({ type: 'watch' })
    } else this.#own(claim)
    return claim !== undefined
  }

  /**
   * Makes it ours even if another tab has it, by asking that one to let go. It takes as long as it takes: what a
   * sleeping tab holds must not be changed behind its back.
   */
  async insist(): Promise<void> {
    if (await this.take()) return
    this.#send({ type: 'cancel' })
    await this.#granted
  }

  /** Tells the tabs that show the upload what this one does with it. */
  tell(news: TabNews): void {
    if (this.isOurs && this.#isWatched) this.#send(news)
  }

  release(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
    this.#deaf()
    this.#claim?.release()
    this.#claim = undefined
  }

  #send(news: TabNews): void {
    this.#options.tabs.tell(this.#options.key, news)
  }

  #heard(news: TabNews): void {
    if (news.type === 'watch') this.#isWatched = true
    else if (news.type === 'cancel') this.#options.onCancel?.()
    else if (!this.isOurs) this.#options.onNews?.(news)
  }

  #wait(): void {
    const waiting = new AbortController()
    this.#waiting = waiting
    this.#granted = this.#grant(waiting).then(
      (claim) => this.#owned(claim, waiting),
      () => {},
    )
  }

  /** Rejects only when the wait is called off. */
  async #grant(call: Call): Promise<Claim> {
    const { tabs, key, clock } = this.#options
    for (;;) {
      try {
        return await tabs.wait(key, call)
      } catch {
        await clock.sleep(pause, call)
      }
      // Another tab had this claim, so a failure does not mean that this page is alone.
      const claim = await tabs.claim(key).catch(() => undefined)
      if (claim !== undefined) return claim
    }
  }

  #own(claim: Claim): void {
    this.#claim = claim
    claim.held?.catch(() => {
      if (this.#claim !== claim) return
      if (this.#options.onLost?.()) this.#claim = undefined
      else this.#isGone = true
      // Until it is ours again, another tab may have had it, and ended it or sent other content.
      this.#waited = true
    })
  }

  #owned(claim: Claim, waiting: AbortController): void {
    // Granted at the moment when nobody wanted it any more.
    if (this.#waiting !== waiting) {
      claim.release()
      return
    }
    this.#waiting = undefined
    this.#own(claim)
    this.#waited = true
    // Other tabs may wait too, and have told only the owner before us.
    this.#isWatched = true
    this.#options.onOwned?.()
  }
}

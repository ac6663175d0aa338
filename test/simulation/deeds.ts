import { lastSteps, type Page, writes } from './page.ts'
import { crowd, type Deed } from './plan.ts'
import type { User } from './user.ts'
import type { UserUpload } from './user-upload.ts'
import type { Visit, World } from './world.ts'

/** The number of pages in one history, at most two of them at once. */
export const mostPages = 8

/** What is done to an upload, to its page, or to everything. */
export class Deeds {
  readonly #world: World
  readonly #user: User

  constructor(world: World, user: User) {
    this.#world = world
    this.#user = user
  }

  do(deed: Deed, visit: Visit, shown: UserUpload | undefined): void {
    const { random, history, plan } = this.#world
    // Ends are rare, or few histories would get anywhere. If cancels go wrong, there are more of them.
    const isEnd =
      deed === 'cancel' || deed === 'abort signal' || (deed === 'cancel all' && plan.sizes.length < crowd)
    if ((isEnd && random.chance(plan.losesAborts ? 0.3 : 0.7)) || !this.#isPossible(deed, visit, shown))
      return
    history.note('user', `${deed} (${shown?.name ?? visit.page.name})`)
    history.count('deed', deed)
    this.#toPage(deed, visit)
    if (shown !== undefined) this.#toUpload(deed, visit, shown)
  }

  #isPossible(deed: Deed, { page }: Visit, shown: UserUpload | undefined): boolean {
    const { visits, open, plan } = this.#world
    switch (deed) {
      case 'second page':
        return open.length < 2 && visits.length < mostPages
      case 'crash':
      case 'crash at a call':
        return visits.length < mostPages && page.isAlive && !this.#user.isContent
      case 'sleep':
      case 'take the network away':
      case 'claim to be offline':
      case 'kill the server':
      case 'put up a portal':
        return true
      case 'take the locks away':
        return this.#world.locks.isHolder(page) && !this.#isEnding(page)
      case 'lose the session':
        return this.#world.openSessions().length > 0
      case 'change the file':
        return shown !== undefined && plan.verify !== 'none' && shown.source.size > 0
      default:
        return shown !== undefined
    }
  }

  #toPage(deed: Deed, visit: Visit): void {
    const { page } = visit
    switch (deed) {
      case 'crash':
        return this.#crash(page)
      case 'crash at a call':
        return this.#crashAtCall(page)
      case 'second page':
        return this.#user.comeAgain()
      case 'sleep':
        return this.#sleep()
      case 'take the locks away':
        return this.#takeLocks(page)
      case 'lose the session':
        return this.#loseSession()
      case 'take the network away':
      case 'claim to be offline':
      case 'kill the server':
      case 'put up a portal':
        return this.#change(deed)
      case 'cancel all':
        return this.#cancelAll(visit)
    }
  }

  #toUpload(deed: Deed, visit: Visit, shown: UserUpload): void {
    switch (deed) {
      case 'pause':
        return this.#pause(shown)
      case 'pause gently':
        return shown.upload.pause({ finishParts: true })
      case 'resume':
        return shown.resume()
      case 'cancel':
        return this.#cancel(visit, shown)
      case 'abort signal':
        shown.abort.abort('the user has left')
        return this.#world.referee.stopped(shown)
      case 'pick again':
        return this.#user.pick(visit, shown.source)
      case 'change the file':
        shown.source.version += 1
        return
      case 'pull the medium out':
        return shown.source.vanish()
    }
  }

  /** Parts that a gentle pause allowed to arrive may still arrive after this pause. */
  #pause(shown: UserUpload): void {
    const wasPaused = shown.status === 'paused'
    shown.upload.pause()
    if (!wasPaused) this.#world.referee.stopped(shown)
  }

  #cancel(visit: Visit, shown: UserUpload): void {
    const { random, visits } = this.#world
    if (visits.length < mostPages && random.chance(0.5))
      visit.page.crashAfter(random.between(1, 2), random.chance(0.5), writes)
    void shown.upload.cancel()
    this.#world.referee.stopped(shown)
    if (random.chance(0.3)) this.#user.pick(visit, shown.source)
  }

  #cancelAll({ uploads }: Visit): void {
    for (const { upload, isOver } of uploads) if (!isOver) void upload.cancel()
    for (const shown of uploads) this.#world.referee.stopped(shown)
  }

  /** Of one page, or of the whole browser. */
  #crash(page: Page): void {
    const { random, open } = this.#world
    const dying = random.chance(0.3) ? open.map((visit) => visit.page) : [page]
    for (const one of dying) one.crash()
  }

  /** At any call, or at the most harmful one. */
  #crashAtCall(page: Page): void {
    const { random } = this.#world
    const where = random.pick(['anywhere', 'anywhere', 'writing', 'ending'] as const)
    const isMade = random.chance(0.5)
    if (where === 'anywhere') page.crashAfter(random.between(1, 25), isMade)
    else if (where === 'writing') page.crashAfter(random.between(1, 8), isMade, writes)
    else page.crashAfter(random.between(1, 2), isMade, lastSteps)
  }

  #sleep(): void {
    const { random, timeline, network, pages } = this.#world
    timeline.sleep(random.between(1_000, 10 * 60_000), random.chance(0.3))
    for (const page of pages) network.drop(page)
  }

  /** As WebKit does with a page in its back/forward cache, whose requests are cut too. */
  #takeLocks(page: Page): void {
    const { locks, network } = this.#world
    network.drop(page)
    page.hasLostLocks = true
    // Before the page has its locks again, another page may have sent other content.
    for (const shown of this.#world.uploadsOn(page)) {
      shown.sent = undefined
      for (const [key, holder] of shown.status === 'completing' ? locks.holders : []) {
        if (holder === page && this.#world.nameOfKey(key) === shown.source.name) page.lostAtTheEnd.add(key)
      }
    }
    locks.taken(page)
    this.#world.referee.lostLocks(page)
  }

  #change(
    deed: 'take the network away' | 'claim to be offline' | 'kill the server' | 'put up a portal',
  ): void {
    const { random, weather, network, pages } = this.#world
    const duration = random.between(1_000, 120_000)
    if (deed === 'claim to be offline') return weather.claimToBeOffline(duration)
    if (deed === 'kill the server') return weather.killServer(5 * duration)
    if (deed === 'put up a portal')
      return random.chance(0.5)
        ? weather.keepPortalFor(duration)
        : weather.putUpPortal(random.chance(0.3), duration)
    weather.takeNetworkAway(random.chance(0.7), duration)
    for (const page of pages) network.drop(page)
  }

  #loseSession(): void {
    const { random, history } = this.#world
    const [first, ...others] = this.#world.openSessions()
    if (first === undefined) return
    const id = random.pick([first, ...others])
    this.#world.lose(id)
    history.note('server', `loses ${id}`)
  }

  /** Throwing away, or telling the server about an earlier cancel, goes on without the lock. */
  #isEnding(page: Page): boolean {
    const isEnding = this.#world
      .uploadsOn(page)
      .some(({ isOver, status }) => !isOver && status === 'cancelled')
    return isEnding || page.isBusy || this.#world.isBurying
  }
}

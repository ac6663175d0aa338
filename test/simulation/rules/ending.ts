import { isOfDisk, sessionIdOf } from '../disk.ts'
import type { OpenCall, Page } from '../page.ts'
import { week } from '../plan.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** After the end nothing is running, and nothing is left. */
export class EndingRules {
  readonly #world: World
  readonly #violate: Violate
  /** Sessions of which a checkpoint was stored. */
  readonly #remembered = new Set<string>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  remembered(session: string): void {
    this.#remembered.add(session)
  }

  /** An upload has ended, or failed. Nothing of it may be under way. */
  over(ended: UserUpload): void {
    const { page, source } = ended
    const others = this.#world.uploadsOn(page).filter((other) => other !== ended && !other.isOver)
    // Another upload of the same file begins at the moment in which this one ends.
    if (page.isBusy || others.some((other) => other.source === source)) return
    const running = [...page.open].filter((call) => this.#isAbout(call, source.name) && !isStuck(page, call))
    if (running.length > 0)
      this.#violate('quiet', `${ended.name} has ended, and there is still: ${inWords(running)}`)
    const timers = [...page.open].filter(({ port }) => port === 'sleep')
    // The page's own requests to a storage that never answers, such as for its list, are given up after some time.
    const isWaiting = this.#world.hasTombstones || [...page.open].some((call) => isStuck(page, call))
    if (timers.length > 0 && others.length === 0 && !isWaiting)
      this.#violate('quiet', `${ended.name} has ended, and ${timers.length} timers are still running`)
    if (ended.isOver) this.#checkLocks(page, ended)
  }

  /** The world has ended: all pages are quiet, and neither they nor the servers hold anything. */
  final(): void {
    const { pages, locks } = this.#world
    for (const page of pages.filter(({ isAlive }) => isAlive)) {
      const running = [...page.open].filter((call) => !isStuck(page, call))
      if (running.length > 0) this.#violate('quiet', `${page.name} never stops: ${inWords(running)}`)
    }
    if (locks.holders.size + locks.waiting.size + locks.listeners.size > 0)
      this.#violate('quiet', 'a lock or a listener is left behind')
    const forgetful = pages.filter(({ isForgetful }) => isForgetful)
    if (forgetful.length === 0) this.#checkRemains()
    if (forgetful.length < 2 && this.#world.plan.diskTrouble?.kind === 'once') this.#checkFinished()
  }

  /**
   * This holds even if one page's storage has failed once. If a page died before it could report its work, another page
   * completes it.
   */
  #checkFinished(): void {
    const { disk, visits } = this.#world
    const said = visits.flatMap(({ uploads }) =>
      uploads.flatMap(({ upload: { state } }) => (state.status === 'done' ? [state.result.key] : [])),
    )
    const finished = [...disk.checkpoints.values()].flatMap((one) => {
      const session = one.stage === 'opened' ? sessionIdOf(one.session) : ''
      return said.includes(`objects/${session}`) ? [session] : []
    })
    if (finished.length > 0) this.#violate('remains', `${finished} is done, and will be offered again`)
  }

  #checkRemains(): void {
    const { disk, server, plan, isForgiven } = this.#world
    const left = [...disk.checkpoints.values()].filter(({ stage }) => stage !== 'aborting')
    if (left.length > 0)
      this.#violate('remains', `a checkpoint is left behind: ${left.map(({ stage }) => stage)}`)
    // An expired checkpoint is given up without telling the server, which is to expire the session itself.
    if (!plan.hasAbort || isForgiven || plan.expiry < week) return
    const open = [...server.sessions.values()].filter(
      (one) => server.isOpen(one) && this.#remembered.has(one.id) && !this.#world.isDenied(one.id, ofAnAbort),
    )
    if (open.length > 0) this.#violate('remains', `sessions are left open: ${open.map(({ id }) => id)}`)
  }

  #checkLocks(page: Page, { source, name }: UserUpload): void {
    const world = this.#world
    const key = [...world.locks.holders].find(
      ([held, holder]) => holder === page && world.nameOfKey(held) === source.name && !world.isBuried(held),
    )
    if (key !== undefined) this.#violate('quiet', `${name} has ended, and ${page.name} still holds its lock`)
  }

  #isAbout({ key, session }: OpenCall, name: string): boolean {
    const world = this.#world
    if (key !== undefined) return world.nameOfKey(key) === name && !world.isBuried(key)
    return session !== undefined && world.nameOfSession(session) === name && !world.isBuried(session)
  }
}

/** A cancel is sent to the server this many times, whatever the retry options. */
const ofAnAbort = 3

/** A storage that never answers leaves its caller waiting for ever. */
function isStuck({ isForgetful }: Page, call: OpenCall): boolean {
  return isForgetful && isOfDisk(call)
}

function inWords(calls: readonly OpenCall[]): string {
  return calls.map(({ port, session }) => [port, session].filter(Boolean).join(' ')).join(', ')
}

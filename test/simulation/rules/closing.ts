import { partCount } from '../../../src/layout.ts'
import type { Layout, PartReceipt } from '../../../src/ports.ts'
import { sessionIdOf } from '../disk.ts'
import type { Page } from '../page.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Sent } from './parts.ts'
import type { Violate } from './rules.ts'

/** A browser refuses requests beyond its limit, including those of others. */
const mostAborts = 50

/** Completing and aborting: when each is requested from the server, and that it is never both. */
export class ClosingRules {
  readonly #world: World
  readonly #violate: Violate
  /** Sessions whose completion was answered, and the upload that it was answered to. */
  readonly #completed = new Map<string, UserUpload | undefined>()
  /** Sessions that a page has begun to abort. */
  readonly #aborting = new Map<string, Page>()
  /** Sessions whose files were reported as done, for good. */
  readonly #done = new Set<string>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  completing(
    page: Page,
    session: string,
    receipts: readonly PartReceipt[],
    layout: Layout | undefined,
  ): void {
    const problem = this.#problem(session, receipts, layout)
    if (problem !== undefined) this.#violate('gaps', `${page.name} completes ${session}: ${problem}`)
    if (this.#world.isCancelled(page, session))
      this.#violate('exclusive', `${page.name} completes ${session} after it was reported as cancelled`)
  }

  completed(shown: UserUpload | undefined, session: string): void {
    this.#completed.set(session, shown)
  }

  hasCompleted(shown: UserUpload, session: string): boolean {
    return this.#completed.get(session) === shown
  }

  sending(page: Page, { session, number }: Sent): void {
    const aborting = this.#aborting.get(session)
    // If a page loses its lock in the middle, or cannot record what it does, another one goes on with the rest.
    if (!aborting || aborting.isForgetful || aborting.hasLostLocks || this.#world.isDenied(session)) return
    this.#violate(
      'exclusive',
      `${page.name} sends part ${number} of ${session}, which ${aborting.name} aborts`,
    )
  }

  aborting(page: Page, session: string): void {
    this.#aborting.set(session, page)
    if ([...page.open].filter(({ port }) => port === 'abort').length >= mostAborts)
      this.#violate('width', `${page.name} tells the server of more than ${mostAborts} cancels at once`)
    const isCompleting = [...page.open].some((call) => call.port === 'complete' && call.session === session)
    if (isCompleting) this.#violate('exclusive', `${page.name} aborts ${session} while it is completing it`)
    // A page whose storage has failed may not know.
    if (page.isForgetful) return
    if (this.#completed.get(session)?.page === page || this.#done.has(session))
      this.#violate('exclusive', `${page.name} aborts ${session}, which is completed`)
  }

  /** An upload was reported as done, by a page that remembers what it has stored. */
  done(page: Page, session: string): void {
    // One that has lost its lock while it completed may say so after who has the lock was told to throw it away, or has read what it was to throw away.
    if (!page.hasLostLocks || !(this.#isToBeAborted(session) || this.#isTaken(page, session)))
      this.#done.add(session)
  }

  #isTaken(page: Page, session: string): boolean {
    const world = this.#world
    const name = world.nameOfSession(session)
    return [...world.locks.holders].some(([key, holder]) => holder !== page && world.nameOfKey(key) === name)
  }

  #isToBeAborted(session: string): boolean {
    const kept = [...this.#world.disk.checkpoints.values()]
    return kept.some((one) => one.stage === 'aborting' && sessionIdOf(one.session) === session)
  }

  #problem(
    session: string,
    receipts: readonly PartReceipt[],
    layout: Layout | undefined,
  ): string | undefined {
    const size = this.#world.server.sessions.get(session)?.size
    const sum = receipts.reduce((total, receipt) => total + receipt.size, 0)
    if (receipts.some(({ number }, index) => number !== index + 1))
      return `parts ${receipts.map(({ number }) => number)}`
    if (sum !== size) return `${sum} of ${size} bytes`
    if (layout !== undefined && receipts.length !== partCount(layout)) return `${receipts.length} parts`
    return undefined
  }
}

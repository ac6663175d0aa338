import type { Checkpoint } from '../../../src/ports.ts'
import { sessionIdOf } from '../disk.ts'
import type { Page } from '../page.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/**
 * Who writes to the storage, and what must not collide or get lost there, because only the storage survives a crash.
 */
export class KeepingRules {
  readonly #world: World
  readonly #violate: Violate

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  /** A tombstone has its own key, under which nobody works on anything. */
  writes(page: Page, key: string, isEnd: boolean): void {
    if (this.#world.locks.holders.get(key) === page || key.includes(' aborting ')) return
    if (isEnd && page.lostAtTheEnd.has(key)) return
    this.#violate('lock', `${page.name} changes what is kept of ${this.#world.nameOfKey(key)}`)
  }

  /** At the moment before it is in its place. */
  saving(page: Page, checkpoint: Checkpoint): void {
    if (checkpoint.stage === 'aborting') this.#checkLive(checkpoint.key, sessionIdOf(checkpoint.session))
    // For a tab that waits, the cancel is the more important news.
    else if (checkpoint.stage !== 'ended' || !page.isForgetful)
      this.#checkDead(this.#world.disk.checkpoints.get(checkpoint.key))
  }

  #checkLive(key: string, session: string): void {
    const isGoneOnWith = this.#kept().some(
      (one) => one.key !== key && one.stage === 'opened' && sessionIdOf(one.session) === session,
    )
    if (isGoneOnWith) this.#violate('buried', `${session} is kept to go on with, too`)
  }

  /** A record that is about to be overwritten may be the only thing that tells the next visit about a session. */
  #checkDead(before: Checkpoint | undefined): void {
    const { server, plan, timeline } = this.#world
    if (before?.stage !== 'aborting' || !plan.hasAbort) return
    // Expired sessions are given up without telling the server, and so are their tombstones.
    if (before.expiresAt <= timeline.date) return
    const id = sessionIdOf(before.session)
    const session = server.sessions.get(id)
    const hasTombstone = this.#kept().some(
      (one) => one.key !== before.key && one.stage === 'aborting' && sessionIdOf(one.session) === id,
    )
    if (session !== undefined && server.isOpen(session) && !hasTombstone)
      this.#violate('buried', `${id} is written over, and the server was not told`)
  }

  #kept(): readonly Checkpoint[] {
    return [...this.#world.disk.checkpoints.values()]
  }
}

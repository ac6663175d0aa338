import type { Checkpoint } from '../../../src/ports.ts'
import { sessionIdOf } from '../disk.ts'
import type { Page } from '../page.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** Who writes to the storage, and what must not meet there or get lost there: it is all that a crash leaves. */
export class KeepingRules {
  readonly #world: World
  readonly #violate: Violate

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  /** A tombstone has a key of its own, under which nobody works on anything. */
  writes(page: Page, key: string, isEnd: boolean): void {
    if (this.#world.locks.holders.get(key) === page || key.includes(' aborting ')) return
    if (isEnd && page.lostAtTheEnd.has(key)) return
    this.#violate('lock', `${page.name} changes what is kept of ${this.#world.nameOfKey(key)}`)
  }

  /** In the moment before it is in its place. */
  saving(page: Page, checkpoint: Checkpoint): void {
    if (checkpoint.stage === 'aborting') this.#checkLive(checkpoint.key, sessionIdOf(checkpoint.session))
    // To a tab that waits it is more that it was cancelled.
    else if (checkpoint.stage !== 'ended' || !page.isForgetful)
      this.#checkDead(this.#world.disk.checkpoints.get(checkpoint.key))
  }

  #checkLive(key: string, session: string): void {
    const isGoneOnWith = this.#kept().some(
      (one) => one.key !== key && one.stage === 'opened' && sessionIdOf(one.session) === session,
    )
    if (isGoneOnWith) this.#violate('buried', `${session} is kept to go on with, too`)
  }

  /** What is about to be written over may be all that tells the next visit of a session. */
  #checkDead(before: Checkpoint | undefined): void {
    const { server, plan, timeline } = this.#world
    if (before?.stage !== 'aborting' || !plan.hasAbort) return
    // What has expired is given up without a word to the server, and so is its tombstone.
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

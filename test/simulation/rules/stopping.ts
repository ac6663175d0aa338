import type { PartResponse } from '../../../src/ports.ts'
import type { Page } from '../page.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Sent } from './parts.ts'
import type { Violate } from './rules.ts'

/** What the user stops is cut at once, and where one part was refused for good no other one leaves. */
export class StoppingRules {
  readonly #world: World
  readonly #violate: Violate
  /** Sessions of which a part was refused for good. */
  readonly #refused = new Map<Page, Set<string>>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  sending(page: Page, { session, number }: Sent): void {
    if (this.#refused.get(page)?.has(session))
      this.#violate('stops', `part ${number} of ${session} leaves ${page.name} after another was refused`)
  }

  answered(page: Page, { session }: Sent, { status, body }: PartResponse): void {
    // A 404 without a word may be of a proxy.
    if (status !== 400 && !(status === 404 && body !== '')) return
    this.#refused.set(page, (this.#refused.get(page) ?? new Set()).add(session))
  }

  /** A new run may try again. */
  began(page: Page): void {
    this.#refused.delete(page)
  }

  /** The user has paused or cancelled it just now, not gently. */
  stopped({ name, page, source, status }: UserUpload): void {
    if (status !== 'paused' && status !== 'cancelled') return
    const isIts = (session = ''): boolean => this.#world.nameOfSession(session) === source.name
    const left = [...page.open].filter(({ port, session }) => port === 'put' && isIts(session))
    if (left.length > 0) this.#violate('stops', `${name} is ${status}, and ${left.length} parts go on`)
  }
}

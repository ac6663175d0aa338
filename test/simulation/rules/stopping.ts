import { EtagHiddenError } from '../../../src/errors.ts'
import type { PartResponse } from '../../../src/ports.ts'
import type { Page } from '../page.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Sent } from './parts.ts'
import type { Violate } from './rules.ts'

/** How many are thrown away at once. */
const atOnce = 50

/** Whatever the user stops is cut at once, and if one part was refused for good, no other part leaves. */
export class StoppingRules {
  readonly #world: World
  readonly #violate: Violate
  /** Sessions of which a part was refused for good. */
  readonly #refused = new Map<Page, Set<string>>()

  /** Sessions of which a part had an ETag since their upload began to send. */
  readonly #tagged = new Map<Page, Set<string>>()
  /** Uploads of which a part had no ETag before any other part had one. */
  readonly #mayHide = new Set<UserUpload>()

  /**
   * For each page, how many uploads that were cancelled before they had begun have started to end since the last event.
   */
  readonly #ending = new Map<Page, number>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  sending(page: Page, { session, number }: Sent): void {
    if (this.#refused.get(page)?.has(session))
      this.#violate('stops', `part ${number} of ${session} leaves ${page.name} after another was refused`)
  }

  answered(page: Page, { session }: Sent, { status, headers, body }: PartResponse): void {
    if (status === 200 && headers['etag'] !== undefined) put(this.#tagged, page, session)
    const isHidden = status === 200 && headers['etag'] === undefined && body === ''
    const hides = isHidden && !this.#tagged.get(page)?.has(session)
    const shown = this.#world.uploadOn(page, this.#world.nameOfSession(session))
    if (hides && shown !== undefined) this.#mayHide.add(shown)
    // A 404 without a body may come from a proxy.
    if (status === 400 || hides || (status === 404 && body !== '')) put(this.#refused, page, session)
  }

  /** A page takes the lock of an upload. */
  claiming(page: Page, name: string): void {
    if (this.#world.uploadOn(page, name)?.status !== 'cancelled') return
    const ending = (this.#ending.get(page) ?? 0) + 1
    this.#ending.set(page, ending)
    // And the uploads that were about to begin.
    if (ending > atOnce + 4 * this.#world.plan.concurrency)
      this.#violate('freeze', `${page.name} throws away ${ending} uploads in one go`)
  }

  stepped(): void {
    this.#ending.clear()
  }

  /** A storage that has shown one ETag shows all. */
  failed(shown: UserUpload): void {
    const isHidden = shown.error instanceof EtagHiddenError
    if (isHidden && !this.#mayHide.has(shown)) this.#violate('causes', `${shown.name} fails: ${shown.error}`)
  }

  /** A new run may try again. */
  began(shown: UserUpload): void {
    const { page, source } = shown
    this.#refused.delete(page)
    this.#mayHide.delete(shown)
    for (const session of this.#tagged.get(page) ?? [])
      if (this.#world.nameOfSession(session) === source.name) this.#tagged.get(page)?.delete(session)
  }

  /** The user has just paused or cancelled it, and not gently. */
  stopped({ name, page, source, status }: UserUpload): void {
    if (status !== 'paused' && status !== 'cancelled') return
    const isIts = (session = ''): boolean => this.#world.nameOfSession(session) === source.name
    const left = [...page.open].filter(({ port, session }) => port === 'put' && isIts(session))
    if (left.length > 0) this.#violate('stops', `${name} is ${status}, and ${left.length} parts go on`)
  }
}

function put(map: Map<Page, Set<string>>, page: Page, session: string): void {
  map.set(page, (map.get(page) ?? new Set()).add(session))
}

import type { Progress } from '../../../src/progress.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

type Seen = { readonly session: string | undefined; readonly confirmed: number }

/** The figures that a page shows. */
export class ProgressRules {
  readonly #world: World
  readonly #violate: Violate
  readonly #seen = new Map<UserUpload, Seen>()
  /** Sessions of which something was lost. */
  readonly #doubtful = new Set<string | undefined>()
  /** Their figures may fall once, until they send again. */
  readonly #mayFall = new Set<UserUpload>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  progress(shown: UserUpload, session: string | undefined, { confirmed, inFlight, total }: Progress): void {
    if (confirmed < 0 || inFlight < 0 || confirmed + inFlight > total)
      this.#violate('falls', `${shown.name} shows ${confirmed} + ${inFlight} of ${total} bytes`)
    const before = this.#seen.get(shown)
    if (
      before !== undefined &&
      before.session === session &&
      !this.#doubtful.has(session) &&
      confirmed < before.confirmed
    )
      this.#fell(shown, `${shown.name} showed ${before.confirmed} bytes and now ${confirmed} of ${session}`)
    this.#seen.set(shown, { session, confirmed })
  }

  /** While parts are sent, the bytes shown as on their way never exceed the parts'. */
  inFlight(
    { name, page }: UserUpload,
    { inFlight }: Progress,
    sessionsName: (session: string) => boolean,
  ): void {
    const open = [...page.open].filter(({ session = '' }) => sessionsName(session))
    const bytes = open.reduce((sum, call) => sum + (call.bytes ?? 0), 0)
    // With 'etag' a part is shown as on its way until its ETag has been compared with its digest.
    const isComparing =
      this.#world.plan.verify === 'etag' && [...page.open].some(({ port }) => port === 'digest')
    if (inFlight > bytes && !isComparing)
      this.#violate('flight', `${name} shows ${inFlight} bytes on their way, and there are ${bytes}`)
  }

  /** An acknowledged part no longer counts, and the pages learn about it one after the other. */
  lost(session: string): void {
    this.#doubtful.add(session)
  }

  /** The page has another session or another file. Until it sends, it shows the former figures. */
  changed(shown: UserUpload): void {
    this.#mayFall.add(shown)
  }

  sends(shown: UserUpload): void {
    this.#mayFall.delete(shown)
  }

  /** If a page has lost its locks, another page has them, which may not know everything that the first knew. */
  #fell(shown: UserUpload, detail: string): void {
    if (shown.page.hasLostLocks) return
    if (!this.#mayFall.delete(shown)) this.#violate('falls', detail)
  }
}

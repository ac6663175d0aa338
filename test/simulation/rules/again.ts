import { partCount } from '../../../src/layout.ts'
import type { Checkpoint, PartReceipt } from '../../../src/ports.ts'
import { sessionIdOf } from '../disk.ts'
import { isSame } from '../file.ts'
import { isProven } from '../knowledge.ts'
import type { Page } from '../page.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

type Ended = Extract<Checkpoint, { stage: 'ended' }>

/** What was brought to its end is not sent again, by this page or by another, and what was refused is not asked again. */
export class AgainRules {
  readonly #world: World
  readonly #violate: Violate
  /** They have waited for another page, which has let go. */
  readonly #granted = new Set<UserUpload>()
  /** That one has left them word that it has ended: it is the last that they have read. */
  readonly #ended = new Map<UserUpload, Ended>()
  /** They have failed, so they do not trust what they have kept. */
  readonly #doubtful = new Set<UserUpload>()
  /** What was refused when they were completed last. */
  readonly #refused = new Map<UserUpload, string>()
  /** It made them fail: of what is refused while they are to pause they are not told. */
  readonly #failedBy = new Map<UserUpload, string>()

  /** Sessions that a server may have completed, whose answer something on the way has replaced. */
  readonly #unsure = new Map<UserUpload, string>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  failed(shown: UserUpload): void {
    this.#doubtful.add(shown)
    const refused = this.#refused.get(shown)
    if (refused !== undefined) this.#failedBy.set(shown, refused)
  }

  /** Not where the page waits to cancel what was left: that may wait beside an upload of the same file. */
  granted(page: Page, name: string): void {
    const shown = this.#world.uploadOn(page, name)
    if (shown !== undefined && !page.isBusy) this.#granted.add(shown)
  }

  loaded(page: Page, name: string, checkpoint: Checkpoint | undefined): void {
    const shown = this.#world.uploadOn(page, name)
    if (shown === undefined || !this.#granted.has(shown)) return
    if (checkpoint?.stage === 'ended' && !isOfOneBefore(checkpoint, shown)) this.#ended.set(shown, checkpoint)
    else this.#ended.delete(shown)
  }

  /** It leaves word itself, where it begins anew of its own accord. */
  leaving(page: Page, name: string): void {
    const shown = this.#world.uploadOn(page, name)
    if (shown !== undefined) this.#granted.delete(shown)
  }

  opened(page: Page, name: string): void {
    const shown = this.#world.uploadOn(page, name)
    const ended = shown && this.#ended.get(shown)
    // What it has read to show it is not what it goes on by, and that it may not have been able to read any more.
    if (shown !== undefined && ended !== undefined && this.#isOf(ended, shown) && !page.isForgetful)
      this.#violate('again', `${shown.name} begins what another page has ended`)
  }

  /** Whether the other page has shown that what it has sent is what this one has. */
  #isOf(ended: Ended, { file }: UserUpload): boolean {
    const { plan, server } = this.#world
    if (ended.result === 'cancelled' || plan.verify === 'none') return true
    const object = server.objects.get(ended.result.key)
    return ended.fingerprint !== undefined && object !== undefined && isSame(object, file.content)
  }

  leftInDoubt(shown: UserUpload, session: string): void {
    this.#unsure.set(shown, session)
  }

  /** Nothing is in doubt any more. */
  certain(shown: UserUpload): void {
    this.#unsure.delete(shown)
  }

  /** The server has not got what these receipts say. */
  refused(shown: UserUpload, receipts: readonly PartReceipt[]): void {
    this.#refused.set(shown, inWords(receipts))
  }

  /** After a failure the server's list tells what is wrong, where it has one. */
  completing(shown: UserUpload, receipts: readonly PartReceipt[]): void {
    const isRefused = this.#failedBy.get(shown) === inWords(receipts)
    this.#refused.delete(shown)
    const { hasList, listsRecord } = this.#world.plan
    if (isRefused && hasList && !listsRecord)
      this.#violate('learns', `${shown.name} completes again with what was refused: ${inWords(receipts)}`)
  }

  /** A page is about to give up the session that is kept. One that is completed may look as if it were lost. */
  replacing(page: Page, next: Checkpoint): void {
    if (next.stage !== 'identified' && next.stage !== 'opened') return
    const { disk, server, timeline, plan } = this.#world
    const { checkpoint, receipts } = disk.read(next.key) ?? {}
    const before = checkpoint as Checkpoint | undefined
    if (before?.stage !== 'opened' || before.expiresAt <= timeline.date || page.isForgetful) return
    const shown = this.#world.uploadOn(page, before.identity.name)
    const session = sessionIdOf(before.session)
    const isUnsure = shown !== undefined && this.#unsure.get(shown) === session
    // Who has not asked to complete it himself cannot know of it.
    if (plan.completesOnce && !plan.hasStatus && !isUnsure) return
    if (shown === undefined || (this.#doubtful.has(shown) && !isUnsure)) return
    if (next.stage === 'opened' && sessionIdOf(next.session) === session) return
    if (this.#world.isDenied(session)) return
    const counting = this.#counting((receipts ?? []) as readonly PartReceipt[])
    if (server.sessions.get(session)?.state === 'completed' && counting.length === partCount(before.layout))
      this.#violate('again', `${shown.name} gives up ${session}, which is completed`)
  }

  #counting(receipts: readonly PartReceipt[]): readonly PartReceipt[] {
    return this.#world.plan.verify === 'full' ? receipts.filter(isProven) : receipts
  }
}

/** What was picked after a cancel is another upload. */
function isOfOneBefore({ result, createdAt }: Ended, { begunAt }: UserUpload): boolean {
  return result === 'cancelled' && createdAt < begunAt
}

function inWords(receipts: readonly PartReceipt[]): string {
  return receipts.map(({ number, etag }) => `${number} ${etag}`).join(', ')
}

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

/**
 * An upload that was brought to its end is not sent again, by this page or by another, and a refused request is not
 * repeated.
 */
export class AgainRules {
  readonly #world: World
  readonly #violate: Violate
  /** Uploads that have waited for another page, which has released its lock. */
  readonly #granted = new Set<UserUpload>()
  /** The other page has told them that the upload has ended, and that is the last news that they have read. */
  readonly #ended = new Map<UserUpload, Ended>()
  /** They have failed, so they do not trust their own records. */
  readonly #doubtful = new Set<UserUpload>()
  /** The refusal when they were completed last. */
  readonly #refused = new Map<UserUpload, string>()
  /** The refusal made them fail. A page that is about to pause is not told about refusals. */
  readonly #failedBy = new Map<UserUpload, string>()

  /** Sessions that a server may have completed, while something on the way replaced the answer. */
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

  /** Not if the page waits in order to cancel an earlier upload, which may wait beside an upload of the same file. */
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

  /** A page tells the others itself if it begins again of its own accord. */
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

  /** Whether the other page has shown that it sent the same content as this page has. */
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

  /** The server does not have what these receipts say. */
  refused(shown: UserUpload, receipts: readonly PartReceipt[]): void {
    this.#refused.set(shown, inWords(receipts))
  }

  /** After a failure the server's list, if it has one, shows what is wrong. */
  completing(shown: UserUpload, receipts: readonly PartReceipt[]): void {
    const isRefused = this.#failedBy.get(shown) === inWords(receipts)
    this.#refused.delete(shown)
    const { hasList, listsRecord } = this.#world.plan
    if (isRefused && hasList && !listsRecord)
      this.#violate('learns', `${shown.name} completes again with what was refused: ${inWords(receipts)}`)
  }

  /** A page is about to give up the stored session. A completed session may look like a lost one. */
  replacing(page: Page, next: Checkpoint): void {
    if (next.stage !== 'identified' && next.stage !== 'opened') return
    const { disk, server, timeline, plan } = this.#world
    const { checkpoint, receipts } = disk.read(next.key) ?? {}
    const before = checkpoint as Checkpoint | undefined
    if (before?.stage !== 'opened' || before.expiresAt <= timeline.date || page.isForgetful) return
    const shown = this.#world.uploadOn(page, before.identity.name)
    const session = sessionIdOf(before.session)
    const isUnsure = shown !== undefined && this.#unsure.get(shown) === session
    // A page that has not asked to complete it cannot know.
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

/** A file that was picked after a cancel is another upload. */
function isOfOneBefore({ result, createdAt }: Ended, { begunAt }: UserUpload): boolean {
  return result === 'cancelled' && createdAt < begunAt
}

function inWords(receipts: readonly PartReceipt[]): string {
  return receipts.map(({ number, etag }) => `${number} ${etag}`).join(', ')
}

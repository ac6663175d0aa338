import { BackendError, HttpError } from '../../src/errors.ts'
import type {
  Checkpoint,
  Layout,
  ListedPart,
  PartReceipt,
  PartResponse,
  StoredRecords,
  UploadResult,
} from '../../src/ports.ts'
import type { Progress } from '../../src/progress.ts'
import { sessionIdOf } from './disk.ts'
import { isListed, isProven, Knowledge, type Known } from './knowledge.ts'
import type { Page } from './page.ts'
import { AcknowledgedRules } from './rules/acknowledged.ts'
import { AgainRules } from './rules/again.ts'
import { AttemptRules } from './rules/attempts.ts'
import { ClosingRules } from './rules/closing.ts'
import { ContentRules } from './rules/content.ts'
import { EndingRules } from './rules/ending.ts'
import { KeepingRules } from './rules/keeping.ts'
import { PartRules, type Sent } from './rules/parts.ts'
import { ProgressRules } from './rules/progress.ts'
import type { Rule, Violation } from './rules/rules.ts'
import { StoppingRules } from './rules/stopping.ts'
import { WaitingRules } from './rules/waiting.ts'
import type { ServerSession } from './server.ts'
import type { UserUpload } from './user-upload.ts'
import type { World } from './world.ts'

/** Sees everything that crosses a port and everything that a user is shown, and calls the rules. */
export class Referee {
  violation: Violation | undefined
  readonly #world: World
  readonly #acknowledged: AcknowledgedRules
  readonly #parts: PartRules
  readonly #closing: ClosingRules
  readonly #content: ContentRules
  readonly #progress: ProgressRules
  readonly #ending: EndingRules
  readonly #attempts: AttemptRules
  readonly #stopping: StoppingRules
  readonly #again: AgainRules
  readonly #keeping: KeepingRules
  readonly #waiting: WaitingRules
  readonly #layouts = new Map<string, Layout>()
  readonly #knowledge: Knowledge

  constructor(world: World) {
    const violate = (rule: Rule, detail: string): void => this.violate(rule, detail)
    this.#world = world
    this.#acknowledged = new AcknowledgedRules(world, violate)
    this.#parts = new PartRules(world, violate)
    this.#closing = new ClosingRules(world, violate)
    this.#content = new ContentRules(world, violate)
    this.#progress = new ProgressRules(world, violate)
    this.#ending = new EndingRules(world, violate)
    this.#knowledge = new Knowledge(world)
    this.#attempts = new AttemptRules(world, violate)
    this.#stopping = new StoppingRules(world, violate)
    this.#again = new AgainRules(world, violate)
    this.#keeping = new KeepingRules(world, violate)
    this.#waiting = new WaitingRules(world, violate)
    this.#acknowledged.onLost = (session) => this.#progress.lost(session)
  }

  violate(rule: Rule, detail: string): void {
    this.violation ??= { rule, detail }
  }

  opened(page: Page, { id, name }: ServerSession): void {
    this.#again.opened(page, name)
    this.#set(page, name, { session: id, receipts: [], isTrusted: true })
  }

  loaded(page: Page, key: string, records: StoredRecords | undefined): void {
    const checkpoint = records?.checkpoint as Checkpoint | undefined
    this.#again.loaded(page, this.#world.nameOfKey(key), checkpoint)
    if (records === undefined || checkpoint?.stage !== 'opened') return
    const session = sessionIdOf(checkpoint.session)
    const receipts = records.receipts as readonly PartReceipt[]
    const name = this.#world.nameOfKey(key)
    const isTrusted = this.#knowledge.trusts(page, name, session, receipts)
    this.#set(page, name, { session, receipts, isTrusted })
    if (!isTrusted) this.#acknowledged.doubted(session, receipts.filter(isProven))
  }

  /** A record under this key is about to be written or removed. */
  writes(page: Page, key: string, isEnd = false): void {
    if (page.isAlive) this.#keeping.writes(page, key, isEnd)
  }

  saving(page: Page, checkpoint: Checkpoint): void {
    this.#keeping.saving(page, checkpoint)
    this.#checkSecrets(checkpoint)
    if (checkpoint.stage === 'ended') this.#again.leaving(page, checkpoint.identity.name)
    this.#again.replacing(page, checkpoint)
    if (checkpoint.stage === 'aborting') this.#world.buried(sessionIdOf(checkpoint.session), checkpoint.key)
    if (checkpoint.stage !== 'opened') return
    this.#layouts.set(sessionIdOf(checkpoint.session), checkpoint.layout)
    this.#ending.remembered(sessionIdOf(checkpoint.session))
  }

  writingReceipt(page: Page, key: string, receipt: PartReceipt): void {
    this.#checkSecrets(receipt)
    this.#acknowledged.writing(page, this.#world.nameOfKey(key), receipt)
  }

  receiptKept(key: string, receipt: PartReceipt): void {
    this.#acknowledged.kept(this.#world.nameOfKey(key), receipt)
  }

  sending(page: Page, sent: Sent): void {
    this.#parts.sending(page, sent)
    this.#stopping.sending(page, sent)
    this.#closing.sending(page, sent)
    this.#acknowledged.sending(page, sent)
    this.#goesOn(page, sent.session, sent.version)
  }

  partAnswered(page: Page, sent: Sent, response: PartResponse): void {
    const isStored = response.status < 300 && response.headers['etag'] !== undefined
    if (isStored) this.answered(page, this.#world.nameOfSession(sent.session))
    this.#acknowledged.answered(page, sent, response)
    this.#parts.answered(page, sent, response)
    this.#stopping.answered(page, sent, response)
  }

  /** A page got no answer, because its URL had expired. */
  expiryHidden({ url }: Sent): void {
    this.#parts.refused(url)
  }

  /** The user has just paused or cancelled it, and not gently. */
  stopped(shown: UserUpload): void {
    this.#stopping.stopped(shown)
  }

  /** The upload gets a warning about its storage. */
  storageGivenUp(shown: UserUpload, cause: unknown): void {
    this.#waiting.givenUp(shown, cause)
  }

  claiming(page: Page, key: string): void {
    this.#stopping.claiming(page, this.#world.nameOfKey(key))
  }

  stepped(): void {
    this.#stopping.stepped()
  }

  /** When it has its locks again, it goes on in another run. */
  lostLocks(page: Page): void {
    for (const shown of this.#world.uploadsOn(page)) this.#attempts.began(shown)
  }

  /** The page has waited for this lock, and has it now. */
  granted(page: Page, key: string): void {
    this.#again.granted(page, this.#world.nameOfKey(key))
  }

  listed(page: Page, session: string, list: readonly ListedPart[]): void {
    const name = this.#world.nameOfSession(session)
    const { receipts, isTrusted } = this.#knowledge.of(page, name)
    const { listsRecord } = this.#world.plan
    const confirmed = listsRecord ? receipts : receipts.filter((receipt) => isListed(receipt, list))
    if (confirmed.length < receipts.length) this.#progress.lost(session)
    const trusts = isTrusted && this.#knowledge.trusts(page, name, session, confirmed)
    if (!trusts) this.#acknowledged.doubted(session, confirmed.filter(isProven))
    const isNew = (part: ListedPart): boolean =>
      trusts && !page.isForgetful && this.#fits(session, part) && !isDenied(part, receipts)
    this.#acknowledged.listed(page, session, list, isNew)
  }

  completing(page: Page, session: string, receipts: readonly PartReceipt[]): void {
    const shown = this.#world.uploadOn(page, this.#world.nameOfSession(session))
    this.#closing.completing(page, session, receipts, this.#layouts.get(session))
    this.#acknowledged.completing(page, session, receipts)
    if (shown === undefined) return
    this.#again.completing(shown, receipts)
    this.#goesOn(page, session, shown.file.version)
  }

  completed(page: Page, session: string): void {
    this.#closing.completed(this.#world.uploadOn(page, this.#world.nameOfSession(session)), session)
    this.#parts.closed(page, session)
  }

  notCompleted(page: Page, session: string, receipts: readonly PartReceipt[], error: unknown): void {
    const shown = this.#world.uploadOn(page, this.#world.nameOfSession(session))
    if (shown === undefined) return
    if (error instanceof BackendError) this.#again.leftInDoubt(shown, session)
    if (error instanceof HttpError && !error.retryable) this.#again.certain(shown)
    if (error instanceof HttpError && error.serviceCode === 'InvalidPart')
      this.#again.refused(shown, receipts)
  }

  /** The user wants to start again, whatever has become of the upload. */
  restarted(shown: UserUpload): void {
    this.#again.certain(shown)
  }

  aborting(page: Page, session: string): void {
    this.#closing.aborting(page, session)
  }

  aborted(page: Page, session: string): void {
    this.#parts.closed(page, session)
  }

  requested(page: Page, name: string, what: string): void {
    // Nothing that a crashed page does counts.
    if (!page.isAlive) return
    const shown = this.#world.uploadOn(page, name)
    if (shown !== undefined) this.#attempts.made(shown, what)
  }

  /** A request of this file's upload was answered with success. */
  answered(page: Page, name: string): void {
    const shown = this.#world.uploadOn(page, name)
    if (shown !== undefined) this.#attempts.answered(shown)
  }

  /** Something on the way answered a call of this file's upload. */
  foisted(page: Page, name: string, what: string): void {
    const shown = this.#world.uploadOn(page, name)
    if (shown !== undefined) this.#attempts.foisted(shown, what)
  }

  /** A request was refused because of its stale token. It is made once more, which counts as the same attempt. */
  unauthorized(page: Page, name: string, what: string): void {
    const shown = this.#world.uploadOn(page, name)
    if (shown !== undefined) this.#attempts.unauthorized(shown, what)
  }

  refreshing(page: Page, atOnce: number): void {
    if (atOnce > 1) this.violate('refresh', `${page.name} refreshes its token ${atOnce} times at once`)
  }

  /** The state has changed. */
  shows(shown: UserUpload): void {
    if (shown.status === 'waiting') this.#attempts.began(shown)
    else if (shown.status === 'opening') this.#attempts.reopened(shown)
    else if (shown.status === 'failed') this.#failed(shown)
    else if (shown.status === 'uploading') this.#sends(shown)
  }

  /** The page that works on the upload had this session when it told the other page. */
  heard(page: Page, key: string, session: string | undefined): void {
    if (this.#world.locks.holders.get(key) !== page) this.#set(page, this.#world.nameOfKey(key), { session })
  }

  sessionOn(page: Page, key: string): string | undefined {
    return this.#knowledge.of(page, this.#world.nameOfKey(key)).session
  }

  progress(shown: UserUpload, progress: Progress): void {
    if (shown.status === 'uploading')
      this.#progress.inFlight(
        shown,
        progress,
        (session) => this.#world.nameOfSession(session) === shown.source.name,
      )
    // If a page's storage has failed, nobody else knows what the page has in memory.
    if (this.#world.pages.some(({ isForgetful }) => isForgetful)) return
    // If the file was picked again, parts without proof do not count.
    if (shown.isPickedAgain && this.#world.plan.verify !== 'none') return
    this.#progress.progress(shown, this.#knowledge.of(shown.page, shown.source.name).session, progress)
  }

  over(ended: UserUpload): void {
    this.#ending.over(ended)
  }

  done(ended: UserUpload, result: UploadResult): void {
    const { page, source, file } = ended
    const session = result.key.replace('objects/', '')
    // Then nobody compares what another page has sent.
    const isTrusted = this.#world.plan.verify === 'none' && !this.#closing.hasCompleted(ended, session)
    const version = isTrusted ? undefined : file.version
    this.#content.done(page, source, version, result)
    if (!page.isForgetful) this.#closing.done(page, session)
  }

  final(): void {
    this.#ending.final()
  }

  #fits(session: string, { number, size }: ListedPart): boolean {
    const layout = this.#layouts.get(session)
    if (layout === undefined) return false
    return size === Math.min(layout.partSize, layout.fileSize - (number - 1) * layout.partSize)
  }

  /** A new run, which may ask at once. */
  #sends(shown: UserUpload): void {
    this.#parts.began(shown.page)
    this.#stopping.began(shown)
    this.#progress.sends(shown)
  }

  #failed(shown: UserUpload): void {
    this.#attempts.failed(shown)
    this.#stopping.failed(shown)
    this.#again.failed(shown)
  }

  /** About the record that is to be written. */
  #checkSecrets(record: Checkpoint | PartReceipt): void {
    const text = JSON.stringify(record)
    if (text.includes('://')) this.violate('secrets', text)
  }

  #changed(page: Page, name: string): void {
    for (const shown of this.#world.uploadsOn(page))
      if (shown.source.name === name) this.#progress.changed(shown)
  }

  #goesOn(page: Page, session: string, version: number): void {
    this.#content.goesOn(
      page,
      session,
      version,
      this.#knowledge.of(page, this.#world.nameOfSession(session)).receipts,
    )
  }

  #set(page: Page, name: string, known: Partial<Known>): void {
    if (known.session !== this.#knowledge.of(page, name).session) this.#changed(page, name)
    this.#knowledge.set(page, name, known)
  }
}

/** Whether the page has a receipt for other content. */
function isDenied({ number, etag }: ListedPart, receipts: readonly PartReceipt[]): boolean {
  return receipts.some((receipt) => receipt.number === number && receipt.etag !== etag)
}

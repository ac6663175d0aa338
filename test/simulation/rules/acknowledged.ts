import type { ListedPart, PartReceipt, PartResponse } from '../../../src/ports.ts'
import type { Page } from '../page.ts'
import type { World } from '../world.ts'
import type { Sent } from './parts.ts'
import type { Violate } from './rules.ts'

/** The engine's knowledge that the storage has a part. */
type Acknowledged = {
  readonly session: string
  readonly number: number
  readonly etag: string
  /** The page that was told. */
  readonly page: Page
  /** Its receipt was written before that page could die. */
  isKept: boolean
}

/** A part that the storage has acknowledged is not sent again, and nothing else is recorded as a receipt. */
export class AcknowledgedRules {
  readonly #world: World
  readonly #violate: Violate
  readonly #known = new Map<string, Acknowledged>()
  readonly #ever = new Set<string>()
  /** Called when an acknowledged part no longer counts, through no fault of the engine. */
  onLost: (session: string) => void = () => {}

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  sending(page: Page, { session, number }: Sent): void {
    const known = this.#known.get(idOf(session, number))
    if (known === undefined || (known.page !== page && !known.isKept)) return
    // With 'etag' a part counts when its ETag has been compared, and a crash or a pause can come before that.
    if (this.#world.plan.verify === 'etag' && !known.isKept) return
    // Nobody sees what the page has in memory, and whether it has proofs.
    if (page.isForgetful && (this.#world.plan.verify !== 'none' || this.#wasCancelled(page, session))) return
    this.#violate('twice', `part ${number} of ${session} is sent again by ${page.name}`)
  }

  /** The cancel cleared the page's memory, and the records that it could not remove are still stored. */
  #wasCancelled(page: Page, session: string): boolean {
    const name = this.#world.nameOfSession(session)
    return this.#world
      .uploadsOn(page)
      .some(({ source, status }) => source.name === name && status === 'cancelled')
  }

  answered(page: Page, { session, number }: Sent, { status, headers }: PartResponse): void {
    const etag = headers['etag']
    if (status > 299 || etag === undefined) return
    this.#ever.add(idOf(session, number) + etag)
    this.#known.set(idOf(session, number), { session, number, etag, page, isKept: false })
  }

  /** The records must be true of the session that they are written with, at the time of writing. */
  writing(page: Page, name: string, { number, etag }: PartReceipt): void {
    const session = this.#world.disk.sessionOf(name)
    if (session === undefined || this.#ever.has(idOf(session, number) + etag)) return
    this.#violate('receipts', `${page.name} keeps a receipt of part ${number}, which ${session} has not`)
  }

  completing(page: Page, session: string, receipts: readonly PartReceipt[]): void {
    const unknown = receipts.find(({ number, etag }) => !this.#ever.has(idOf(session, number) + etag))
    if (unknown)
      this.#violate(
        'receipts',
        `${page.name} completes ${session} with a part ${unknown.number} that it has not`,
      )
  }

  kept(name: string, { number, etag }: PartReceipt): void {
    const session = this.#world.disk.sessionOf(name)
    const known = this.#known.get(idOf(session ?? '', number))
    if (known?.etag === etag) known.isKept = true
  }

  /** For the page's present file, only proven parts count. */
  doubted(session: string, proven: readonly PartReceipt[]): void {
    for (const { number } of this.#of(session)) {
      if (!proven.some((receipt) => receipt.number === number)) this.#lose(session, number)
    }
  }

  /**
   * Parts that the list lacks, or has with another ETag or size, must be sent again. Parts that only the list has need
   * not be.
   */
  listed(
    page: Page,
    session: string,
    list: readonly ListedPart[],
    isNew: (part: ListedPart) => boolean,
  ): void {
    const isWhole = !this.#world.plan.listsRecord
    for (const { number, etag } of isWhole ? this.#of(session) : []) {
      if (!list.some((part) => part.number === number && part.etag === etag)) this.#lose(session, number)
    }
    for (const { number, etag } of list) this.#ever.add(idOf(session, number) + etag)
    for (const part of list.filter(isNew)) this.#learn(page, session, part)
  }

  #of(session: string): readonly Acknowledged[] {
    return [...this.#known.values()].filter((known) => known.session === session)
  }

  #learn(page: Page, session: string, { number, etag = '' }: ListedPart): void {
    const id = idOf(session, number)
    if (!this.#known.has(id)) this.#known.set(id, { session, number, etag, page, isKept: false })
  }

  #lose(session: string, number: number): void {
    if (this.#known.delete(idOf(session, number))) this.onLost(session)
  }
}

function idOf(session: string, number: number): string {
  return `${session}/${number}/`
}

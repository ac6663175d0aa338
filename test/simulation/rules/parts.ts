import { parseRetryAfter } from '../../../src/http-failure.ts'
import type { PartResponse } from '../../../src/ports.ts'
import type { Page } from '../page.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** A part on its way. */
export type Sent = {
  readonly session: string
  readonly number: number
  readonly bytes: Uint8Array
  /** The file that it was cut from. */
  readonly version: number
  readonly url: string
}

/** When a part may leave, and who may send it. */
export class PartRules {
  readonly #world: World
  readonly #violate: Violate
  /** Sessions that a page knows to be completed or aborted. */
  readonly #closed = new Map<Page, Set<string>>()
  /** URLs that were refused as expired. */
  readonly #refused = new Set<string>()
  readonly #notBefore = new Map<Page, Map<string, number>>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  sending(page: Page, sent: Sent): void {
    this.#checkOwner(page, sent)
    this.#checkTime(page, sent)
    const { session, number } = sent
    const { disk, plan } = this.#world
    const name = this.#world.nameOfSession(session)
    if (!page.isForgetful && disk.sessionOf(name) !== session)
      this.#violate('first', `part ${number} of ${session} leaves ${page.name}, and ${session} is not kept`)
    if (this.#closed.get(page)?.has(session))
      this.#violate('after', `part ${number} of ${session} leaves ${page.name} after the end of ${session}`)
    if (putsOf(page).length >= plan.concurrency)
      this.#violate('width', `${page.name} sends more than ${plan.concurrency} parts at once`)
  }

  answered(page: Page, { session, number, url }: Sent, { status, headers }: PartResponse): void {
    if (status === 403) this.refused(url)
    if (status !== 503 && status !== 429) return
    const { now, date } = this.#world.timeline
    const after = parseRetryAfter(headers['retry-after'], date)
    const times = this.#notBefore.get(page) ?? new Map<string, number>()
    if (after !== undefined) this.#notBefore.set(page, times.set(`${session}/${number}`, now + after))
  }

  /** The page knows that the URL has expired, or got no answer because of that. */
  refused(url: string): void {
    this.#refused.add(url)
  }

  closed(page: Page, session: string): void {
    this.#closed.set(page, (this.#closed.get(page) ?? new Set()).add(session))
  }

  /** A new run may ask at once. */
  began(page: Page): void {
    this.#notBefore.delete(page)
  }

  #checkOwner(page: Page, { session, number }: Sent): void {
    const name = this.#world.nameOfSession(session)
    const others = this.#world.pages.filter((other) => other !== page && other.isAlive)
    const rival = others.find((other) =>
      putsOf(other).some((put) => put.session && this.#world.nameOfSession(put.session) === name),
    )
    if (rival)
      this.#violate('owner', `${page.name} sends part ${number} of ${name} while ${rival.name} does too`)
  }

  #checkTime(page: Page, { url, session, number }: Sent): void {
    const { now } = this.#world.timeline
    if (now >= this.#world.urls.of(url).usableUntil)
      this.#violate('expired', `part ${number} of ${session} is sent to a URL that has expired`)
    if (this.#refused.has(url))
      this.#violate('expired', `part ${number} of ${session} is sent again to a URL that was refused`)
    const notBefore = this.#notBefore.get(page)?.get(`${session}/${number}`) ?? 0
    if (now < notBefore)
      this.#violate('patience', `part ${number} of ${session} is sent ${notBefore - now} ms too early`)
    this.#notBefore.get(page)?.delete(`${session}/${number}`)
  }
}

function putsOf(page: Page) {
  return [...page.open].filter(({ port }) => port === 'put')
}

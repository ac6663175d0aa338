import type { ListedPart, PartReceipt } from '../../src/ports.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

/** What a page works with: the session that it knows and the receipts that it has read. */
export type Known = {
  readonly session: string | undefined
  readonly receipts: readonly PartReceipt[]
  /** Whether parts count although nothing proves that they belong to the page's file. */
  readonly isTrusted: boolean
}

const nothing: Known = { session: undefined, receipts: [], isTrusted: false }

/** What every page knows about every file, as far as that can be seen from outside. */
export class Knowledge {
  readonly #world: World
  readonly #known = new Map<Page, Map<string, Known>>()

  constructor(world: World) {
    this.#world = world
  }

  of(page: Page, name: string): Known {
    return this.#known.get(page)?.get(name) ?? nothing
  }

  set(page: Page, name: string, known: Partial<Known>): void {
    const all = this.#known.get(page) ?? new Map<string, Known>()
    this.#known.set(page, all.set(name, { ...nothing, ...known }))
  }

  /**
   * Whether these receipts make the page believe that the stored parts belong to its file. If the file was picked
   * again, at least one part must be proven. If the storage's ETags are MD5s, they are proofs.
   */
  trusts(page: Page, name: string, session: string, receipts: readonly PartReceipt[]): boolean {
    const { verify, etags } = this.#world.plan
    const shown = this.#world.uploadOn(page, name)
    if (verify === 'none' || shown?.isSentBefore === true) return true
    const isSame = !this.#world.server.hasOther(session, shown?.file.version)
    return verify !== 'full' && ((etags === 'md5' && isSame) || receipts.some(isProven))
  }
}

export function isProven({ md5, crc32c }: PartReceipt): boolean {
  return md5 !== undefined || crc32c !== undefined
}

/** Whether the server's list says the same. */
export function isListed({ number, etag }: PartReceipt, list: readonly ListedPart[]): boolean {
  return list.some((part) => part.number === number && part.etag === etag)
}

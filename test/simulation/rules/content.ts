import type { DigestAlgorithm, PartReceipt, UploadResult } from '../../../src/ports.ts'
import { digestOf, isSame, type Source } from '../file.ts'
import { isProven } from '../knowledge.ts'
import type { Page } from '../page.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** The bytes that arrive are those of the file, and no object ever holds bytes of two versions of it. */
export class ContentRules {
  readonly #world: World
  readonly #violate: Violate

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  /**
   * A page goes on with a session and a file of this version. If its checkpoint proves the content of a part, and that
   * part is of another version, the page must have refused the file.
   */
  goesOn(page: Page, session: string, version: number, receipts: readonly PartReceipt[]): void {
    const { plan, server } = this.#world
    const parts = server.sessions.get(session)?.parts
    const others = [...(parts ?? [])].filter(([, part]) => part.version !== version)
    if (others.length === 0) return
    if (plan.verify === 'none' || page.isForgetful) return
    const kept = receipts.filter(({ number, etag }) =>
      others.some((other) => other[0] === number && other[1].etag === etag),
    )
    const proven = kept.find(isProven)
    if (proven)
      this.#violate(
        'changed',
        `${page.name} goes on with ${session}, whose part ${proven.number} is of another file`,
      )
    else if (kept.length > 0 && !receipts.some(isProven) && this.#isDoubtful(kept, receipts))
      this.#violate('mixed', `${page.name} goes on with ${session}, of which nothing is proven`)
  }

  /** An ETag that is an MD5 is a proof that is not stored, and only a sample of these is checked. */
  #isDoubtful(others: readonly PartReceipt[], receipts: readonly PartReceipt[]): boolean {
    return this.#world.plan.etags !== 'md5' || others.length === receipts.length
  }

  /** `version`: of the file that the user picked; `undefined` if another page has finished it. */
  done(
    page: Page,
    source: Source,
    version: number | undefined,
    { key, size, checksums }: UploadResult,
  ): void {
    const object = this.#world.server.objects.get(key)
    if (object === undefined)
      return this.#violate('content', `${page.name} reports ${key}, which does not exist`)
    if (size !== source.size)
      this.#violate('content', `${page.name} reports ${size} bytes, not ${source.size}`)
    const versions = version === undefined ? range(source.version + 1) : [version]
    if (!versions.some((one) => isSame(object, source.bytes(one))))
      this.#violate('content', `${key} does not hold the bytes of ${source.name}`)
    const wrong = Object.entries(checksums).find(
      ([name, value]) => value !== digestOf(object, name as DigestAlgorithm),
    )
    if (wrong) this.#violate('content', `${page.name} reports ${wrong}, which is not the digest of ${key}`)
  }
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index)
}

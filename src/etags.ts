/**
 * Treats ETags as the MD5s of their parts, which they are on most storages. Not with SSE-KMS and SSE-C (S3, API_Object:
 * ETag).
 */
import { CorruptedError } from './errors.ts'
import type { PartReceipt } from './ports.ts'

/** The MD5 that an ETag looks like, in lowercase hex. */
export function md5Of(etag: string): string | undefined {
  return /^"?([\da-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase()
}

/**
 * Compares ETags with the MD5s of the sent bytes, as long as this storage's ETags are MD5s. They are not if they do not
 * look like it, or if one part, sent twice, got two different ones while no part ever had the right one.
 */
export class EtagCheck {
  readonly #onUnfit: () => void
  readonly #wrong = new Map<number, string>()
  #hasMatched = false
  #isUnfit = false

  /** @param onUnfit Called once, if this storage's ETags cannot be compared. */
  constructor(onUnfit: () => void) {
    this.#onUnfit = onUnfit
  }

  /** @throws CorruptedError if the storage holds something else than was sent. */
  compare({ number, etag }: PartReceipt, md5: string): void {
    if (this.#isUnfit) return
    const shown = md5Of(etag)
    if (shown === md5) this.#hasMatched = true
    else if (this.#isOtherwise(number, shown)) this.#giveUp()
    else throw new CorruptedError(number, etag, md5)
  }

  #isOtherwise(number: number, shown: string | undefined): boolean {
    if (this.#hasMatched) return false
    if (shown === undefined) return true
    const before = this.#wrong.get(number)
    this.#wrong.set(number, shown)
    return before !== undefined && before !== shown
  }

  #giveUp(): void {
    this.#isUnfit = true
    this.#onUnfit()
  }
}

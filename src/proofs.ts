import { md5Of } from './etags.ts'
import type { PartReads } from './part-reads.ts'
import type { Clock, Part, PartReceipt } from './ports.ts'

export type ProofOptions = {
  readonly reads: PartReads
  readonly clock: Clock
  /** Adds the proof to the part's receipt, and keeps that. */
  readonly keep: (number: number, proof: Pick<PartReceipt, 'md5' | 'crc32c'>) => Promise<void>
}

/** Milliseconds. Until then the CRC32C of the first part is the proof that there is. */
const settling = 2_000

/**
 * Gives receipts a proof of their part's content. Most storages make ETags of the MD5 of the part, and such an ETag is a
 * proof that costs nothing: one part is digested to learn whether this storage does. Where it does not, every part's
 * CRC32C is computed while the part is on its way; so is the very first part's, so that one proof is there early.
 *
 * A receipt never waits for its proof: where that is not there yet it is added later, or never.
 */
export class Proofs {
  readonly #options: ProofOptions
  readonly #end = new AbortController()
  readonly #open = new Set<Promise<void>>()
  #first: number | undefined
  #etagIsMd5: boolean | undefined
  #learning: Promise<boolean> | undefined

  constructor(options: ProofOptions) {
    this.#options = options
  }

  /** What ends with them. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** Whether the CRC32C of this part, which is on its way, is to be computed meanwhile. */
  wants({ number }: Part): boolean {
    if (this.#etagIsMd5 !== undefined) return !this.#etagIsMd5
    // Of the parts that go out before anything is known, one with a proof is enough for all of them to count.
    this.#first ??= number
    return this.#first === number
  }

  /** The receipt with its proof, where that costs nothing. */
  atOnce(receipt: PartReceipt): PartReceipt {
    const md5 = md5Of(receipt.etag)
    return this.#etagIsMd5 && md5 !== undefined ? { ...receipt, md5 } : receipt
  }

  /** Learns from the receipt what ETags are here, and computes its proof if it has none. */
  compute(receipt: PartReceipt): void {
    this.#learning ??= this.#learn(receipt)
    const proving = this.#learning.then((etagIsMd5) => this.#prove(receipt, etagIsMd5))
    // A proof that cannot be had is done without.
    const tracked = proving.catch(() => {}).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }

  /** What is not computed by now is not needed any more. */
  async end(): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#open)
  }

  async #prove({ number, etag, md5, crc32c }: PartReceipt, etagIsMd5: boolean): Promise<void> {
    if (md5 !== undefined || crc32c !== undefined) return
    const { reads, keep } = this.#options
    const shown = md5Of(etag)
    const proof = etagIsMd5 && shown ? { md5: shown } : await reads.of(number, ['crc32c'], this.signal)
    await keep(number, proof)
  }

  /** Not in the first moments, when there is much else to do: many uploads are over by then. */
  async #learn({ number, etag }: PartReceipt): Promise<boolean> {
    const { reads, clock } = this.#options
    await clock.sleep(settling, this.#end)
    const shown = md5Of(etag)
    this.#etagIsMd5 = shown !== undefined && (await reads.of(number, ['md5'], this.signal)).md5 === shown
    return this.#etagIsMd5
  }
}

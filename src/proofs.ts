import { md5Of } from './etags.ts'
import type { PartReads } from './part-reads.ts'
import type { DigestAlgorithm, Part, PartReceipt } from './ports.ts'

type ProofOptions = {
  readonly reads: PartReads
  /** Adds the proof to the part's receipt, and keeps that. */
  readonly keep: (number: number, proof: Pick<PartReceipt, 'md5' | 'crc32c'>) => Promise<void>
}

/**
 * Gives receipts a proof of their part's content. Most storages make ETags of the MD5 of the part, and such an ETag is a
 * proof that costs nothing. Whether this one does is learned from the part that goes out first, which is digested meanwhile;
 * where it does not, every part is, by CRC32C, and that one once more: both at once would cost all other uploads 3 MiB.
 *
 * A receipt never waits for its proof: where that is not there yet it is added later, or never.
 */
export class Proofs {
  readonly #options: ProofOptions
  readonly #end = new AbortController()
  readonly #open = new Set<Promise<void>>()
  #first: number | undefined
  #etagIsMd5: boolean | undefined
  /** Receipts that came before that was known. */
  #unproven: PartReceipt[] = []

  constructor(options: ProofOptions) {
    this.#options = options
  }

  /** What ends with them. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** What is to be computed of this part while it is on its way. */
  wants({ number }: Part): readonly DigestAlgorithm[] {
    if (this.#etagIsMd5 !== undefined) return this.#etagIsMd5 ? [] : ['crc32c']
    this.#first ??= number
    return this.#first === number ? ['md5'] : []
  }

  /** The receipt with its proof, where that costs nothing. */
  atOnce(receipt: PartReceipt): PartReceipt {
    const md5 = md5Of(receipt.etag)
    return this.#etagIsMd5 && md5 !== undefined ? { ...receipt, md5 } : receipt
  }

  /** Computes the receipt's proof if it has none, as soon as it is known what ETags are here. */
  compute(receipt: PartReceipt): void {
    if (this.#etagIsMd5 !== undefined) return this.#track(this.#prove(receipt))
    this.#unproven.push(receipt)
    if (receipt.number === this.#first) this.#track(this.#learn(receipt))
  }

  /** What is not computed by now is not needed any more. */
  async end(): Promise<void> {
    this.#end.abort()
    await Promise.all([...this.#open])
  }

  async #learn({ number, etag }: PartReceipt): Promise<void> {
    const { md5 } = await this.#options.reads.of(number, ['md5'], this.signal)
    this.#etagIsMd5 = md5Of(etag) === md5
    const unproven = this.#unproven
    this.#unproven = []
    await Promise.all(unproven.map((receipt) => this.#prove(receipt)))
  }

  async #prove({ number, etag, md5, crc32c }: PartReceipt): Promise<void> {
    if (md5 !== undefined || crc32c !== undefined) return
    const { reads, keep } = this.#options
    const shown = md5Of(etag)
    const proof = this.#etagIsMd5 && shown ? { md5: shown } : await reads.of(number, ['crc32c'], this.signal)
    await keep(number, proof)
  }

  /** A proof that cannot be had is done without. */
  #track(proving: Promise<void>): void {
    const tracked = proving.catch(() => {}).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }
}

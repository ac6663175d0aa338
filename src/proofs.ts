import { md5Of } from './etags.ts'
import type { PartReads } from './part-reads.ts'
import type { DigestAlgorithm, Part, PartReceipt } from './ports.ts'

type ProofOptions = {
  readonly reads: PartReads
  /** Adds the proof to the part's receipt, and stores it. */
  readonly keep: (number: number, proof: Pick<PartReceipt, 'md5' | 'crc32c'>) => Promise<void>
}

/**
 * Gives receipts a proof of their part's content. Most storages use the part's MD5 as its ETag, and such an ETag is a
 * proof that costs nothing. The first part on its way is digested to learn whether this storage does. If it does not,
 * every part gets a CRC32C, for which the first is read once more: computing both at once would cost all other uploads
 * 3 MiB.
 *
 * A receipt never waits for its proof, which may be added later or never.
 */
export class Proofs {
  readonly #options: ProofOptions
  readonly #end = new AbortController()
  readonly #open = new Set<Promise<void>>()
  #first: number | undefined
  #etagIsMd5: boolean | undefined
  /** Receipts that came before this was known. */
  #unproven: PartReceipt[] = []

  constructor(options: ProofOptions) {
    this.#options = options
  }

  /** Aborts when the proofs are given up. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** The digests to compute of this part while it is on its way. */
  wants({ number }: Part): readonly DigestAlgorithm[] {
    if (this.#etagIsMd5 !== undefined) return this.#etagIsMd5 ? [] : ['crc32c']
    this.#first ??= number
    return this.#first === number ? ['md5'] : []
  }

  /** The receipt with its proof, if that costs nothing. */
  atOnce(receipt: PartReceipt): PartReceipt {
    const md5 = md5Of(receipt.etag)
    return this.#etagIsMd5 && md5 !== undefined ? { ...receipt, md5 } : receipt
  }

  /** Computes a missing proof, as soon as it is known what this storage's ETags are. */
  compute(receipt: PartReceipt): void {
    if (this.#etagIsMd5 !== undefined) return this.#track(this.#prove(receipt))
    this.#unproven.push(receipt)
    if (receipt.number === this.#first) this.#track(this.#learn(receipt))
  }

  /** Cuts what is not computed by now: it is no longer needed. */
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

  /** A receipt does without a proof that cannot be had. */
  #track(proving: Promise<void>): void {
    const tracked = proving.catch(() => {}).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }
}

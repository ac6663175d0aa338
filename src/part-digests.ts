/** Which digests each part needs, when they are computed, and what they are for. */
import { base64OfHex } from './base64.ts'
import { EtagCheck, md5Of } from './etags.ts'
import { partCount } from './layout.ts'
import { PartReads, type PartReadsOptions } from './part-reads.ts'
import type { Checksums, CrcAlgorithm, DigestAlgorithm, Part, PartReceipt, PartTarget } from './ports.ts'
import { Proofs } from './proofs.ts'
import type { Verify } from './verification.ts'
import { lacking } from './whole-checksum.ts'

/** The digests of its part that a receipt keeps. */
export type Kept = Pick<PartReceipt, 'md5' | CrcAlgorithm>

export type PartDigestsOptions = PartReadsOptions & {
  readonly verify: Verify
  /** Checksums that the whole file needs, and therefore each part. */
  readonly whole: readonly CrcAlgorithm[]
  /** The run's own: cuts the digests that are being computed. */
  readonly kill: AbortSignal
  /** Adds late digests to the part's receipt, and stores it. */
  readonly keep: (number: number, kept: Kept) => Promise<void>
  /** Called if ETags were to be compared and this storage's cannot be. */
  readonly onUnfitEtags: () => void
}

/** The digests of one run. Nothing is under way any more when `end` resolves. */
export class PartDigests {
  readonly #options: PartDigestsOptions
  readonly #reads: PartReads
  /** Digests that every part needs. */
  readonly #always: readonly DigestAlgorithm[]
  readonly #etags: EtagCheck | undefined
  /** Left out if there are proofs anyway, or none are wanted. */
  readonly #proofs: Proofs | undefined
  readonly #open = new Set<Promise<unknown>>()
  readonly #cut = new AbortController()

  constructor(options: PartDigestsOptions) {
    const { verify, whole, layout, keep, kill, onUnfitEtags } = options
    this.#options = options
    this.#reads = new PartReads(options)
    this.#always = verify === 'etag' ? [...whole, 'md5'] : whole
    if (verify === 'etag') this.#etags = new EtagCheck(onUnfitEtags)
    // A file of one part needs no proof: checking its content would cost more than sending it again.
    const needsProofs = verify !== 'none' && !whole.includes('crc32c') && partCount(layout) > 1
    if (needsProofs) this.#proofs = new Proofs({ reads: this.#reads, keep })
    kill.addEventListener('abort', () => this.#cut.abort(kill.reason))
  }

  /** Adds the header that the target asks for. If it asks for none, nothing is read. */
  async dress(part: Part, target: PartTarget): Promise<PartTarget> {
    if (target.digest === undefined) return target
    const { algorithm } = target.digest
    const needs = [...new Set([algorithm, ...this.#needs(part)])]
    const digests = await this.#reads.of(part.number, needs, this.#cut.signal)
    return dressed(target, digests)
  }

  /** Computes what the part needs while it is being sent. */
  begin(part: Part): void {
    const needs = this.#needs(part)
    if (needs.length === 0) return
    const { signal } = this.#always.length > 0 ? this.#cut : (this.#proofs ?? this.#cut)
    this.#track(this.#reads.of(part.number, needs, signal))
  }

  /** Rejects with `CorruptedError` if the ETag shows that the storage holds something else. */
  async confirm(receipt: PartReceipt): Promise<void> {
    if (this.#etags === undefined) return
    const { md5 = '' } = await this.#reads.of(receipt.number, this.#always, this.#cut.signal)
    this.#etags.compare(receipt, md5)
  }

  /** The receipt with what is known of its part by now. */
  atOnce(receipt: PartReceipt): PartReceipt {
    const known = kept(this.#reads.known(receipt.number), receipt)
    return { ...(this.#proofs?.atOnce(receipt) ?? receipt), ...known }
  }

  /** Computes what the receipt still lacks. */
  compute(receipt: PartReceipt): void {
    this.#proofs?.compute(receipt)
    if (lacking(this.#options.whole, [receipt]).length > 0) this.#complete(receipt)
  }

  /** Waits for the digests that the sent parts still need. Proofs that are not there yet are given up. */
  async settled(): Promise<void> {
    await this.#proofs?.end()
    await Promise.all([...this.#open])
  }

  /** Reads these parts again for their missing checksums, and keeps these. */
  async again(receipts: readonly PartReceipt[]): Promise<void> {
    await Promise.all(receipts.map((receipt) => this.#complete(receipt)))
  }

  /** Cuts what is not computed by now: it is no longer needed. */
  async end(): Promise<void> {
    this.#cut.abort()
    await this.settled()
  }

  #complete(receipt: PartReceipt): Promise<void> {
    const { whole, keep } = this.#options
    const { number } = receipt
    const missing = whole.filter((algorithm) => receipt[algorithm] === undefined)
    const reading = this.#reads.of(number, missing, this.#cut.signal)
    const completed = reading.then((digests) => keep(number, kept(digests, receipt)))
    this.#track(completed)
    return completed
  }

  #needs(part: Part): readonly DigestAlgorithm[] {
    return [...new Set([...this.#always, ...(this.#proofs?.wants(part) ?? [])])]
  }

  /** A failure is ignored: whoever cannot do without the digest asks again. */
  #track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.catch(() => {}).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }
}

/** Puts the digest into the header in which the target wants it. */
export function dressed(target: PartTarget, digests: Checksums): PartTarget {
  if (target.digest === undefined) return target
  const { header, algorithm } = target.digest
  return { ...target, headers: { ...target.headers, [header]: base64OfHex(digests[algorithm] ?? '') } }
}

/** An MD5 is kept only if it is the ETag: one such part shows what this storage's ETags are. */
function kept({ crc32, crc32c, crc64nvme, md5 }: Checksums, { etag }: PartReceipt): Kept {
  return {
    ...(crc32 && { crc32 }),
    ...(crc32c && { crc32c }),
    ...(crc64nvme && { crc64nvme }),
    ...(md5 && md5 === md5Of(etag) && { md5 }),
  }
}

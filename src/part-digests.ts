/** Which digests each part needs, when they are computed, and what they are for. */
import { base64OfHex } from './base64.ts'
import { EtagCheck, md5Of } from './etags.ts'
import { partCount } from './layout.ts'
import { PartReads, type PartReadsOptions } from './part-reads.ts'
import type { Checksums, CrcAlgorithm, DigestAlgorithm, Part, PartReceipt, PartTarget } from './ports.ts'
import { Proofs } from './proofs.ts'
import type { Verify } from './verification.ts'
import { lacking } from './whole-checksum.ts'

/** What a receipt keeps of its part's digests. */
export type Kept = Pick<PartReceipt, 'md5' | CrcAlgorithm>

export type PartDigestsOptions = PartReadsOptions & {
  readonly verify: Verify
  /** Checksums that the whole file needs, and so each part. */
  readonly whole: readonly CrcAlgorithm[]
  /** The run's own: cuts what is being computed. */
  readonly kill: AbortSignal
  /** Adds what has been computed late to the part's receipt, and keeps that. */
  readonly keep: (number: number, kept: Kept) => Promise<void>
  /** ETags were to be compared, and this storage's cannot be. */
  readonly onUnfitEtags: () => void
}

/** Of one run. Nothing of it is under way when `end` has resolved. */
export class PartDigests {
  readonly #options: PartDigestsOptions
  readonly #reads: PartReads
  /** What every part needs, whatever else it needs. */
  readonly #always: readonly DigestAlgorithm[]
  readonly #etags: EtagCheck | undefined
  /** Left out where there are proofs anyway, or none are wanted. */
  readonly #proofs: Proofs | undefined
  readonly #open = new Set<Promise<unknown>>()
  readonly #cut = new AbortController()

  constructor(options: PartDigestsOptions) {
    const { verify, whole, layout, keep, kill, onUnfitEtags } = options
    this.#options = options
    this.#reads = new PartReads(options)
    this.#always = verify === 'etag' ? [...whole, 'md5'] : whole
    if (verify === 'etag') this.#etags = new EtagCheck(onUnfitEtags)
    // A file of one part needs no proof: looking at its content would cost more than sending it again.
    const needsProofs = verify !== 'none' && !whole.includes('crc32c') && partCount(layout) > 1
    if (needsProofs) this.#proofs = new Proofs({ reads: this.#reads, keep })
    kill.addEventListener('abort', () => this.#cut.abort(kill.reason))
  }

  /** The target with the header that it asks for; where it asks for none, nothing is read. */
  async dress(part: Part, target: PartTarget): Promise<PartTarget> {
    if (target.digest === undefined) return target
    const { algorithm } = target.digest
    const needs = [...new Set([algorithm, ...this.#needs(part)])]
    const digests = await this.#reads.of(part.number, needs, this.#cut.signal)
    return dressed(target, digests)
  }

  /** The part is on its way: what it needs is computed meanwhile. */
  begin(part: Part): void {
    const needs = this.#needs(part)
    if (needs.length === 0) return
    const { signal } = this.#always.length > 0 ? this.#cut : (this.#proofs ?? this.#cut)
    this.#track(this.#reads.of(part.number, needs, signal))
  }

  /** Rejects with `CorruptedError` where the storage shows that it holds something else. */
  async confirm(receipt: PartReceipt): Promise<void> {
    if (this.#etags === undefined) return
    const { md5 = '' } = await this.#reads.of(receipt.number, this.#always, this.#cut.signal)
    this.#etags.compare(receipt, md5)
  }

  /** The receipt with what is known of the part by now. */
  atOnce(receipt: PartReceipt): PartReceipt {
    const known = kept(this.#reads.known(receipt.number), receipt)
    return { ...(this.#proofs?.atOnce(receipt) ?? receipt), ...known }
  }

  /** Computes what the receipt still lacks. */
  compute(receipt: PartReceipt): void {
    this.#proofs?.compute(receipt)
    if (lacking(this.#options.whole, [receipt]).length > 0) this.#complete(receipt)
  }

  /** What the parts that were sent still need of digests. */
  async settled(): Promise<void> {
    await this.#proofs?.end()
    await Promise.all([...this.#open])
  }

  /** The checksums of these parts, which are read for them, and kept. */
  async again(receipts: readonly PartReceipt[]): Promise<void> {
    await Promise.all(receipts.map((receipt) => this.#complete(receipt)))
  }

  /** What is not computed by now is not needed any more. */
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

  /** What cannot be had here is asked for again, by whoever cannot do without it. */
  #track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.catch(() => {}).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }
}

/** The target with its digest in the header that it is wanted in. */
export function dressed(target: PartTarget, digests: Checksums): PartTarget {
  if (target.digest === undefined) return target
  const { header, algorithm } = target.digest
  return { ...target, headers: { ...target.headers, [header]: base64OfHex(digests[algorithm] ?? '') } }
}

/** An MD5 is kept only where it is the ETag: a part that has one tells what ETags are here. */
function kept({ crc32, crc32c, crc64nvme, md5 }: Checksums, { etag }: PartReceipt): Kept {
  return {
    ...(crc32 && { crc32 }),
    ...(crc32c && { crc32c }),
    ...(crc64nvme && { crc64nvme }),
    ...(md5 && md5 === md5Of(etag) && { md5 }),
  }
}

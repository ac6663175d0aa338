/** Is it still the same file? Proofs of the parts' content are kept with the receipts, and some are looked at again. */
import { FileChangedError } from './errors.ts'
import { partOf } from './layout.ts'
import type { Call, Clock, DigestAlgorithm, Hasher, Layout, Part, PartReceipt } from './ports.ts'

/** How much of what is stored is compared with the file when an upload goes on with a file that was picked again. */
export type Verify = 'sample' | 'full' | 'none'

/** Who computes proofs, and of what. */
export type ProofOptions = {
  readonly file: Blob
  readonly layout: Layout
  readonly hasher: Hasher
  readonly clock: Clock
  /** Keeps a receipt that has been given its proof. */
  readonly keep: (receipt: PartReceipt) => Promise<void>
}

/**
 * Gives receipts a proof of their part's content. Most storages make ETags of the MD5 of the part, and such an ETag is a
 * proof that costs nothing: one part is digested to learn whether this storage does. Where it does not, every part's
 * CRC32C is computed while the part is on its way; so is the very first part's, so that one proof is there early.
 *
 * A receipt never waits for its proof: where that is not there yet it is added later, or never.
 */
/** Milliseconds. Until then the CRC32C of the first part is the proof that there is. */
const settling = 2_000

export class Proofs {
  readonly #options: ProofOptions
  readonly #end = new AbortController()
  readonly #open = new Set<Promise<void>>()
  /** CRC32Cs of parts that are on their way, once they are there. */
  readonly #early = new Map<number, string | undefined>()
  #hasBegun = false
  #etagIsMd5: boolean | undefined
  #learning: Promise<boolean> | undefined

  constructor(options: ProofOptions) {
    this.#options = options
  }

  /** The part is on its way. */
  begin({ number }: Part): void {
    // Of the parts that go out before anything is known, one with a proof is enough for all of them to count.
    if (this.#etagIsMd5 === undefined ? this.#hasBegun : this.#etagIsMd5 || this.#early.has(number)) return
    this.#hasBegun = true
    this.#early.set(number, undefined)
    this.#track(this.#digest(number, 'crc32c').then((crc32c) => void this.#early.set(number, crc32c)))
  }

  /** The receipt with its proof, where that is there already. */
  atOnce(receipt: PartReceipt): PartReceipt {
    const md5 = md5Of(receipt.etag)
    const crc32c = this.#early.get(receipt.number)
    this.#early.delete(receipt.number)
    if (this.#etagIsMd5 && md5 !== undefined) return { ...receipt, md5 }
    return crc32c === undefined ? receipt : { ...receipt, crc32c }
  }

  /** Learns from the receipt what ETags are here, and computes its proof if it has none. */
  compute(receipt: PartReceipt): void {
    this.#learning ??= this.#learn(receipt)
    this.#track(this.#learning.then((etagIsMd5) => this.#prove(receipt, etagIsMd5)))
  }

  /** What is not computed by now is not needed any more. */
  async end(): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#open)
  }

  async #prove(receipt: PartReceipt, etagIsMd5: boolean): Promise<void> {
    if (receipt.md5 !== undefined || receipt.crc32c !== undefined) return
    const md5 = md5Of(receipt.etag)
    const proof = etagIsMd5 && md5 ? { md5 } : { crc32c: await this.#digest(receipt.number, 'crc32c') }
    await this.#options.keep({ ...receipt, ...proof })
  }

  /** Not in the first moments, when there is much else to do: many uploads are over by then. */
  async #learn({ number, etag }: PartReceipt): Promise<boolean> {
    await this.#options.clock.sleep(settling, this.#end)
    const md5 = md5Of(etag)
    this.#etagIsMd5 = md5 !== undefined && (await this.#digest(number, 'md5')) === md5
    return this.#etagIsMd5
  }

  #digest(number: number, algorithm: DigestAlgorithm): Promise<string> {
    const { file, layout, hasher } = this.#options
    return digestPart(file, partOf(layout, number), algorithm, hasher, { signal: this.#end.signal })
  }

  /** A proof that cannot be had is done without. */
  #track(work: Promise<void>): void {
    const tracked = work.catch(() => {}).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }
}

export type Verification = {
  readonly file: File
  readonly layout: Layout
  readonly verify: Verify
  readonly hasher: Hasher
  readonly signal: AbortSignal
}

/**
 * The receipts that count for a file that was picked again: with 'full' only those with a proof, with 'sample' all, if
 * there is a proof at all. Where there is none, because the page was gone before the first was computed, ETags that look
 * like MD5s are tried: if they are what the file has, they count; if not, nobody can tell a changed file from a storage
 * with other ETags, and then nothing counts: a part that is sent twice is better than a wrong one.
 */
export async function countable(
  receipts: readonly PartReceipt[],
  options: Verification,
): Promise<readonly PartReceipt[]> {
  const { verify } = options
  if (verify === 'none') return receipts
  const proven = await withProofs(receipts, options)
  if (proven.length > 0) return verify === 'full' ? proven : receipts
  const guessed = receipts.flatMap((receipt) => {
    const md5 = md5Of(receipt.etag)
    return md5 === undefined ? [] : [{ ...receipt, md5 }]
  })
  return (await firstChanged(guessed, options)) === undefined ? guessed : []
}

/**
 * Compares stored parts with the file: the first, the last and, the more there are, some in between; with 'full' all.
 * Rejects with `FileChangedError` where the content of a part differs.
 */
export async function verifyParts(receipts: readonly PartReceipt[], options: Verification): Promise<void> {
  if (options.verify === 'none') return
  const different = await firstChanged(await withProofs(receipts, options), options)
  if (different !== undefined) throw new FileChangedError(changed(options.file, different))
}

async function firstChanged(
  proven: readonly PartReceipt[],
  { file, layout, verify, hasher, signal }: Verification,
): Promise<PartReceipt | undefined> {
  for (const receipt of sampleOf(proven, verify)) {
    const algorithm = receipt.md5 === undefined ? 'crc32c' : 'md5'
    const digest = await digestPart(file, partOf(layout, receipt.number), algorithm, hasher, { signal })
    if (digest !== receipt[algorithm]) return receipt
  }
  return undefined
}

/** Where one ETag is known to be an MD5, those of its form are too: also of parts that only the server knew of. */
async function withProofs(
  receipts: readonly PartReceipt[],
  options: Verification,
): Promise<readonly PartReceipt[]> {
  const etagIsMd5 = receipts.some(({ md5 }) => md5 !== undefined) || (await showsMd5(receipts, options))
  return receipts
    .map((receipt) => {
      const md5 = md5Of(receipt.etag)
      return etagIsMd5 && receipt.crc32c === undefined && md5 !== undefined ? { ...receipt, md5 } : receipt
    })
    .filter(({ md5, crc32c }) => md5 !== undefined || crc32c !== undefined)
}

/** Of a page that was gone before it had learned it: a part that is the same by its CRC32C tells what ETags are here. */
async function showsMd5(receipts: readonly PartReceipt[], options: Verification): Promise<boolean> {
  const one = receipts.find(({ etag, crc32c }) => crc32c !== undefined && md5Of(etag) !== undefined)
  if (one === undefined) return false
  const { file, layout, hasher, signal } = options
  const digest = (algorithm: DigestAlgorithm): Promise<string> =>
    digestPart(file, partOf(layout, one.number), algorithm, hasher, { signal })
  return (await digest('crc32c')) === one.crc32c && (await digest('md5')) === md5Of(one.etag)
}

function changed(file: File, { number }: PartReceipt): string {
  return `"${file.name}" has changed: its part ${number} is not what was sent before. Nothing is lost: pick the file as it was, or call restart() to send this one from its beginning`
}

/** The MD5 that an ETag looks like, in lowercase hex. */
function md5Of(etag: string): string | undefined {
  return /^"?([\da-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase()
}

/** For n of them about 2 + log2(n), evenly spread, the first and the last among them. */
export function sampleOf<T>(all: readonly T[], verify: Verify): readonly T[] {
  const wanted = 2 + Math.floor(Math.log2(all.length))
  if (verify === 'full' || all.length <= wanted) return all
  const positions = Array.from({ length: wanted }, (_, index) =>
    Math.round((index * (all.length - 1)) / (wanted - 1)),
  )
  return all.filter((_, position) => positions.includes(position))
}

function digestPart(
  file: Blob,
  { offset, size }: Part,
  algorithm: DigestAlgorithm,
  hasher: Hasher,
  call: Call,
): Promise<string> {
  return hasher.digest(file.slice(offset, offset + size), algorithm, call)
}

/** Is it still the same file? Receipts carry proofs of their parts' content, and some of these are checked again. */
import { FileChangedError } from './errors.ts'
import { md5Of } from './etags.ts'
import { partOf } from './layout.ts'
import type { DigestAlgorithm, Hasher, Layout, PartReceipt } from './ports.ts'

/**
 * How much of the stored content is compared with the file when an upload goes on with a file that was picked again,
 * and before an upload that took ten seconds or longer is completed. `etag` does what `sample` does, and also compares
 * each part's ETag with the MD5 of the bytes that were sent.
 */
export type Verify = 'sample' | 'full' | 'none' | 'etag'

export type Verification = {
  readonly file: File
  readonly layout: Layout
  readonly verify: Verify
  readonly hasher: Hasher
  readonly signal: AbortSignal
}

/**
 * The receipts that count for a file that was picked again: with 'full' only those with a proof, with 'sample' all of
 * them if any has a proof.
 *
 * There is none if the page died before it computed the first. Then ETags that look like MD5s are tried, and count if
 * the file has these MD5s. If not, the file may have changed, or this storage makes other ETags. Then nothing counts:
 * sending a part twice is better than keeping a wrong one.
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
 * With 'etag', leaves out parts that only the server knew of and whose ETag is an MD5 that the file does not have.
 * Their page died before it could compare them.
 */
export async function confirmed(
  receipts: readonly PartReceipt[],
  kept: readonly PartReceipt[],
  options: Verification,
): Promise<readonly PartReceipt[]> {
  if (options.verify !== 'etag') return receipts
  const known = new Set(kept.map(({ number }) => number))
  const checks = receipts.map(async ({ number, etag }) => {
    const md5 = known.has(number) ? undefined : md5Of(etag)
    return md5 === undefined || md5 === (await digestPart(number, 'md5', options))
  })
  const same = await Promise.all(checks)
  return receipts.filter((_, index) => same[index])
}

/**
 * Compares stored parts with the file: the first, the last and some in between, more of them for more parts; with
 * 'full' all of them. Rejects with `FileChangedError` if the content of a part differs.
 */
export async function verifyParts(receipts: readonly PartReceipt[], options: Verification): Promise<void> {
  if (options.verify === 'none') return
  const different = await firstChanged(await withProofs(receipts, options), options)
  if (different !== undefined) throw new FileChangedError(changed(options.file, different))
}

async function firstChanged(
  proven: readonly PartReceipt[],
  options: Verification,
): Promise<PartReceipt | undefined> {
  for (const receipt of sampleOf(proven, options.verify)) {
    const algorithm = receipt.md5 === undefined ? 'crc32c' : 'md5'
    if ((await digestPart(receipt.number, algorithm, options)) !== receipt[algorithm]) return receipt
  }
  return undefined
}

/**
 * If one ETag is known to be an MD5, all ETags of that form are, including those of parts that only the server knew of.
 */
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

/** The page may have died before it learned what this storage's ETags are. One part whose ETag is its MD5 shows it. */
async function showsMd5(receipts: readonly PartReceipt[], options: Verification): Promise<boolean> {
  const one = receipts.find(({ etag, crc32c }) => crc32c !== undefined && md5Of(etag) !== undefined)
  return one !== undefined && (await digestPart(one.number, 'md5', options)) === md5Of(one.etag)
}

function changed(file: File, { number }: PartReceipt): string {
  return `"${file.name}" has changed: its part ${number} is not what was sent before`
}

/** Picks about 2 + log2(n) of n items, evenly spread, with the first and the last among them. */
export function sampleOf<T>(all: readonly T[], verify: Verify): readonly T[] {
  const wanted = 2 + Math.floor(Math.log2(all.length))
  if (verify === 'full') return all
  const positions = Array.from({ length: wanted }, (_, index) =>
    Math.round((index * (all.length - 1)) / (wanted - 1)),
  )
  return all.filter((_, position) => positions.includes(position))
}

function digestPart(
  number: number,
  algorithm: DigestAlgorithm,
  { file, layout, hasher, signal }: Verification,
): Promise<string> {
  const { offset, size } = partOf(layout, number)
  return hasher.digest(file.slice(offset, offset + size), algorithm, { signal })
}

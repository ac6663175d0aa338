/** Pure: how a file is cut into parts, and which parts are missing. */
import { TooLargeError, UploadError } from './errors.ts'
import { isWhole, requireWhole } from './options.ts'
import type { BackendLimits, Layout, Part, PartReceipt } from './ports.ts'

const mebibyte = 1024 * 1024

/** Larger parts need fewer requests and preflights; smaller ones lose less when a connection is cut. */
export const preferredPartSize: number = 16 * mebibyte

/**
 * A layout with the part size, or the cuts, that the server has decided.
 *
 * @throws RangeError if the cuts are not the whole file in order, each byte once, or if there would be more than
 * `maxParts` parts: a list of millions would bring the page to a stop.
 */
export function createLayout(
  fileSize: number,
  partSize: number,
  cuts?: readonly Part[],
  maxParts: number = Number.POSITIVE_INFINITY,
): Layout {
  requireWhole('fileSize', fileSize, 0)
  requireWhole('partSize', partSize, 1)
  const even = { fileSize, partSize }
  if (cuts !== undefined) requireCover(fileSize, cuts)
  const layout = cuts === undefined || isEven(even, cuts) ? even : { ...even, cuts }
  const count = partCount(layout)
  if (count > maxParts) throw new RangeError(`Expected at most ${maxParts} parts, got ${count}`)
  return layout
}

function isEven(layout: Layout, cuts: readonly Part[]): boolean {
  return (
    cuts.length === partCount(layout) &&
    cuts.every(({ number, size }, index) => number === index + 1 && fits(layout, { number, size }))
  )
}

function requireCover(fileSize: number, cuts: readonly Part[]): void {
  let end = 0
  for (const { offset, size } of cuts) {
    if (offset !== end || !isWhole(size, fileSize === 0 ? 0 : 1))
      throw new RangeError(`Expected a part that begins at byte ${end}, got ${size} bytes at ${offset}`)
    end += size
  }
  const numbers = new Set(cuts.map(({ number }) => number).filter((number) => isWhole(number, 0)))
  if (end === fileSize && numbers.size === cuts.length) return
  throw new RangeError(
    `Expected parts with distinct numbers that cover ${fileSize} bytes, got ${cuts.length} that cover ${end}`,
  )
}

/**
 * A layout if the choice is ours: the preferred part size, or a larger one if the file would need too many parts.
 *
 * @throws TooLargeError if no part size within the limits fits the file.
 */
export function planLayout(
  fileSize: number,
  limits: BackendLimits,
  partSize: number = preferredPartSize,
): Layout {
  requireWhole('fileSize', fileSize, 0)
  requireWhole('partSize', partSize, 1)
  requireFit(fileSize, limits)
  const smallest = Math.max(limits.minPartSize, roundUpToMebibyte(fileSize / limits.maxParts, limits))
  // `maxPartSize` wins: a backend that states only that has S3's `minPartSize`, which may be larger.
  return { fileSize, partSize: Math.min(Math.max(partSize, smallest), limits.maxPartSize) }
}

/** @throws TooLargeError if the backend takes no file of that size. */
export function requireFit(fileSize: number, limits: BackendLimits): void {
  if (fileSize > largestOf(limits)) throw new TooLargeError(fileSize, largestOf(limits))
}

function largestOf({ maxPartSize, maxParts, maxFileSize }: BackendLimits): number {
  return Math.min(maxPartSize * maxParts, maxFileSize ?? Number.POSITIVE_INFINITY)
}

/** Whole mebibytes if they fit, so that part boundaries stay readable. */
function roundUpToMebibyte(size: number, limits: BackendLimits): number {
  const rounded = Math.ceil(size / mebibyte) * mebibyte
  return rounded <= limits.maxPartSize ? rounded : Math.ceil(size)
}

/**
 * An empty file is one empty part, since S3 completes no upload without a part; or none, if the server's cuts say so.
 */
export function partCount({ cuts, fileSize, partSize }: Layout): number {
  return cuts?.length ?? Math.max(1, Math.ceil(fileSize / partSize))
}

/** @throws RangeError if the layout has no part of that number. */
export function partOf(layout: Layout, number: number): Part {
  const part = find(layout, number)
  if (part !== undefined) return part
  const count = partCount(layout)
  throw new RangeError(`Expected the number of one of the ${count} parts, got ${number}`)
}

function find(layout: Layout, number: number): Part | undefined {
  if (layout.cuts !== undefined) return byNumber(layout.cuts).get(number)
  if (!Number.isInteger(number) || number < 1 || number > partCount(layout)) return undefined
  const offset = (number - 1) * layout.partSize
  return { number, offset, size: Math.min(layout.partSize, layout.fileSize - offset) }
}

const indexes = new WeakMap<readonly Part[], ReadonlyMap<number, Part>>()

/** Made once for each layout: there may be ten thousand cuts, and each is asked for often. */
function byNumber(cuts: readonly Part[]): ReadonlyMap<number, Part> {
  const index = indexes.get(cuts) ?? new Map(cuts.map((part) => [part.number, part]))
  indexes.set(cuts, index)
  return index
}

/** All parts in the order of the file, made as they are asked for. */
export function* parts(layout: Layout): Generator<Part> {
  if (layout.cuts !== undefined) return yield* layout.cuts
  const count = partCount(layout)
  for (let number = 1; number <= count; number++) yield partOf(layout, number)
}

/** A receipt counts only if its number and size are those of a part of the layout. */
export function fits(layout: Layout, { number, size }: Pick<PartReceipt, 'number' | 'size'>): boolean {
  return find(layout, number)?.size === size
}

/** How many bytes the receipts' parts have together. */
export function bytesOf(receipts: readonly PartReceipt[]): number {
  return receipts.reduce((sum, { size }) => sum + size, 0)
}

/** The parts without a receipt that counts, in ascending order. */
export function missingParts(layout: Layout, receipts: ReadonlyMap<number, PartReceipt>): Part[] {
  return [...parts(layout)].filter((part) => {
    const receipt = receipts.get(part.number)
    return receipt === undefined || !fits(layout, receipt)
  })
}

/**
 * The last check before the storage is told to make an object of the parts.
 *
 * @throws UploadError if a part has no receipt, or a receipt has no part.
 */
export function requireReceipts(layout: Layout, receipts: readonly PartReceipt[]): void {
  const covered = receipts.filter((receipt) => fits(layout, receipt))
  if (covered.length === partCount(layout) && receipts.length === covered.length) return
  throw new UploadError(
    'unexpected',
    `Expected receipts for all ${partCount(layout)} parts before completing, got ${covered.length}`,
  )
}

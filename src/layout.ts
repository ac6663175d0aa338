/** Pure: how a file is cut into parts, and which of them are missing. */
import { TooLargeError } from './errors.ts'
import type { BackendLimits, Layout, Part, PartReceipt } from './ports.ts'

const mebibyte = 1024 * 1024

/** Larger parts are fewer requests and fewer preflights; smaller ones lose less when a connection is cut. */
export const preferredPartSize: number = 16 * mebibyte

/** A layout with the part size that the server has decided. */
export function createLayout(fileSize: number, partSize: number): Layout {
  requireInteger('fileSize', fileSize, 0)
  requireInteger('partSize', partSize, 1)
  return { fileSize, partSize }
}

/**
 * A layout where the choice is ours: the preferred part size, larger where the file would else need too many parts.
 *
 * @throws TooLargeError where no part size within the limits fits the file.
 */
export function planLayout(
  fileSize: number,
  limits: BackendLimits,
  partSize: number = preferredPartSize,
): Layout {
  requireInteger('fileSize', fileSize, 0)
  requireInteger('partSize', partSize, 1)
  const smallest = Math.max(limits.minPartSize, roundUpToMebibyte(fileSize / limits.maxParts, limits))
  if (smallest > limits.maxPartSize || fileSize > limits.maxPartSize * limits.maxParts) {
    throw new TooLargeError(fileSize, limits.maxPartSize * limits.maxParts)
  }
  return { fileSize, partSize: Math.min(Math.max(partSize, smallest), limits.maxPartSize) }
}

/** Whole mebibytes where they fit, so that part boundaries stay readable. */
function roundUpToMebibyte(size: number, limits: BackendLimits): number {
  const rounded = Math.ceil(size / mebibyte) * mebibyte
  return rounded <= limits.maxPartSize ? rounded : Math.ceil(size)
}

/** An empty file is one empty part: S3 completes no upload without a part. */
export function partCount(layout: Layout): number {
  return Math.max(1, Math.ceil(layout.fileSize / layout.partSize))
}

/** @throws RangeError where the layout has no part of that number. */
export function partOf(layout: Layout, number: number): Part {
  if (!Number.isInteger(number) || number < 1 || number > partCount(layout)) {
    throw new RangeError(`Expected a part number from 1 to ${partCount(layout)}, got ${number}`)
  }
  const offset = (number - 1) * layout.partSize
  return { number, offset, size: Math.min(layout.partSize, layout.fileSize - offset) }
}

/** All parts, in ascending order, made as they are asked for. */
export function* parts(layout: Layout): Generator<Part> {
  const count = partCount(layout)
  for (let number = 1; number <= count; number++) yield partOf(layout, number)
}

/** A receipt counts only where its number and its size are those of a part of the layout. */
export function fits(layout: Layout, receipt: PartReceipt): boolean {
  const known = Number.isInteger(receipt.number) && receipt.number >= 1 && receipt.number <= partCount(layout)
  return known && partOf(layout, receipt.number).size === receipt.size
}

/** The parts without a receipt that counts, in ascending order. */
export function missingParts(layout: Layout, receipts: ReadonlyMap<number, PartReceipt>): Part[] {
  return [...parts(layout)].filter((part) => {
    const receipt = receipts.get(part.number)
    return receipt === undefined || !fits(layout, receipt)
  })
}

function requireInteger(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return
  throw new RangeError(`Expected \`${name}\` to be a whole number of bytes from ${minimum}, got ${value}`)
}

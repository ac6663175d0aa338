/** Files of any size that take hardly any room on the disk, but in which every part can be told from the others. */
import { createHash, type Hash } from 'node:crypto'
import { open } from 'node:fs/promises'

/** Bytes at the end of each part that hold its number. All others are zero. */
export const markSize = 8

/** Makes a file of holes, in which only the marks are written. */
export async function makeSparseFile(path: string, size: number, partSize: number): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.truncate(size)
    for (let number = 1; number <= Math.ceil(size / partSize); number++)
      await file.write(markOf(number), 0, markSize, Math.min(number * partSize, size) - markSize)
  } finally {
    await file.close()
  }
}

function markOf(number: number): Buffer {
  const mark = Buffer.alloc(markSize)
  mark.writeBigUInt64BE(BigInt(number))
  return mark
}

const zeros = Buffer.alloc(1024 ** 2)

/** Receives the bytes of one part, checks them, and drops them. */
export class PartCheck {
  readonly #number: number
  readonly #size: number
  #received = 0
  #isRight = true

  constructor(number: number, size: number) {
    this.#number = number
    this.#size = size
  }

  get received(): number {
    return this.#received
  }

  /** Whether all of the part has arrived, and every byte of it is right. */
  get isWhole(): boolean {
    return this.#isRight && this.#received === this.#size
  }

  take(bytes: Buffer): void {
    const markAt = this.#size - markSize - this.#received
    const before = bytes.subarray(0, Math.max(0, markAt))
    const mark = bytes.subarray(before.length)
    const from = Math.max(0, -markAt)
    const expected = markOf(this.#number).subarray(from, from + mark.length)
    this.#isRight &&= isZero(before) && mark.equals(expected)
    this.#received += bytes.length
  }
}

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const piece = bytes.subarray(at, at + zeros.length)
    if (!piece.equals(zeros.subarray(0, piece.length))) return false
  }
  return true
}

const begun = new Map<number, Hash>()

/**
 * The MD5 of such a part in hex, as S3 reports it. All parts of one size begin alike, so only the mark has to be
 * digested.
 */
export function md5OfPart(number: number, size: number): string {
  const hash = begun.get(size) ?? hashOfZeros(size - markSize)
  begun.set(size, hash)
  return hash.copy().update(markOf(number)).digest('hex')
}

function hashOfZeros(count: number): Hash {
  const hash = createHash('md5')
  for (let left = count; left > 0; left -= zeros.length)
    hash.update(zeros.subarray(0, Math.min(left, zeros.length)))
  return hash
}

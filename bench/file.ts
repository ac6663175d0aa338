/** Files of random bytes on the disk, and what a store has to report of them. */
import { createHash, type Hash, randomFillSync } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

export type BenchFile = {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** In hex. */
  readonly sha256: string
  /** What S3 reports for these bytes in parts of this size: the MD5 of the parts' MD5s, and the number of parts. */
  readonly etag: string
  /** What S3 reports for them in a single PUT: their MD5, in hex. */
  readonly md5: string
}

const chunk = 4 * 1024 ** 2

export async function makeFiles(
  folder: string,
  { size, files, partSize }: { readonly size: number; readonly files: number; readonly partSize: number },
): Promise<readonly BenchFile[]> {
  const made: BenchFile[] = []
  for (let number = 1; number <= files; number++) {
    made.push(await makeFile(join(folder, `file-${number}.bin`), size, partSize))
  }
  return made
}

export async function makeFile(path: string, size: number, partSize: number): Promise<BenchFile> {
  const hash = createHash('sha256')
  const md5 = createHash('md5')
  const etag = new MultipartEtag(partSize)
  const file = await open(path, 'wx')
  try {
    for (let offset = 0; offset < size; offset += chunk) {
      const bytes = randomFillSync(Buffer.allocUnsafe(Math.min(chunk, size - offset)))
      hash.update(bytes)
      md5.update(bytes)
      etag.update(bytes)
      await file.write(bytes)
    }
    // Otherwise the disk would be busy writing it during the first runs.
    await file.sync()
  } finally {
    await file.close()
  }
  return { path, size, sha256: hash.digest('hex'), etag: etag.digest(), md5: md5.digest('hex') }
}

export class MultipartEtag {
  readonly #partSize: number
  readonly #parts: Buffer[] = []
  #part: Hash = createHash('md5')
  #filled = 0

  constructor(partSize: number) {
    this.#partSize = partSize
  }

  update(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; ) {
      const piece = bytes.subarray(offset, offset + this.#partSize - this.#filled)
      this.#part.update(piece)
      this.#filled += piece.length
      offset += piece.length
      if (this.#filled === this.#partSize) this.#endPart()
    }
  }

  /** Without quotes. */
  digest(): string {
    if (this.#filled > 0) this.#endPart()
    const whole = createHash('md5').update(Buffer.concat(this.#parts)).digest('hex')
    return `${whole}-${this.#parts.length}`
  }

  #endPart(): void {
    this.#parts.push(this.#part.digest())
    this.#part = createHash('md5')
    this.#filled = 0
  }
}

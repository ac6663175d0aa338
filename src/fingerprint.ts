/** Two files of one path, name, size and date need not have one content. */
import type { Tools } from './run.ts'

/** Of a file with more bytes than all of them, so many pieces are looked at, evenly spread, the first and the last among them. */
const pieces = 16
/** Bytes. */
const pieceSize = 65_536

/**
 * A digest of a sample of the file, with `full` of all of it. Rejects with `FileUnreadableError` where it cannot be read.
 *
 * @returns `undefined` where the application wants nothing to be compared.
 */
export async function fingerprint(
  file: File,
  { hasher, verify }: Pick<Tools, 'hasher' | 'verify'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (verify === 'none') return undefined
  const step = (file.size - pieceSize) / (pieces - 1)
  const isWhole = verify === 'full' || step <= pieceSize
  const sample = isWhole
    ? file
    : new Blob(
        Array.from({ length: pieces }, (_, index) => {
          const start = Math.round(index * step)
          return file.slice(start, start + pieceSize)
        }),
      )
  return `${isWhole ? 'all' : 'sample'} ${await hasher.digest(sample, 'crc32c', { signal })}`
}

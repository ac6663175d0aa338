/** Tells files apart that have the same path, name, size and date, but not the same content. */
import type { Tools } from './run.ts'

/**
 * How many pieces of a large file are sampled: evenly spread, the first and the last among them. A file that is not
 * larger than all of them is read whole.
 */
const pieces = 16
/** Bytes. */
const pieceSize = 65_536

/**
 * A digest of a sample of the file, or with `full` of all of it. Rejects with `FileUnreadableError` if it cannot be
 * read.
 *
 * @returns `undefined` if the application wants no comparison.
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

import { createReadStream } from 'node:fs'
import type { ByteRange } from '../protocol/content-range.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { Piece } from './records.ts'
import type { StoreDirectory } from './store-directory.ts'

type Content = { readonly contentId: string; readonly pieces: readonly Piece[] }

const chunkSize = 1024 * 1024

/** The bytes of the range, from all the pieces that contain it. */
export function readContent(
  directory: StoreDirectory,
  { contentId, pieces }: Content,
  range: ByteRange,
): AsyncIterable<Buffer> {
  if (pieces.some(({ file }) => file === undefined)) {
    throw s3Error('NotImplemented', 'This store discards what it receives: the object cannot be read.')
  }
  return readPieces(directory, contentId, pieces, range)
}

async function* readPieces(
  directory: StoreDirectory,
  contentId: string,
  pieces: readonly Piece[],
  range: ByteRange,
): AsyncGenerator<Buffer> {
  let offset = 0
  for (const { file = '', size } of pieces) {
    const start = Math.max(range.start - offset, 0)
    const end = Math.min(range.end - offset, size)
    // A stream's `end` is its last byte, not the one after it.
    const options = { start, end: end - 1, highWaterMark: chunkSize }
    if (start < end) yield* createReadStream(directory.contentFile(contentId, file), options)
    offset += size
  }
}

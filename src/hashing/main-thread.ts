/** Digests without a worker. Loaded only when needed. */
import type { Checksums, DigestCall } from '../ports.ts'
import { makers } from './all-digests.ts'
import { digestBlob, type Reading } from './digest.ts'
import { sliced } from './read-blob.ts'

export { ReadError } from './read-blob.ts'

/** A slice must not be felt here: each is digested in well under 10 ms, whatever the algorithm and the machine. */
export function digestHere(
  reading: Reading,
  { signal, onProgress = () => {}, onState, onPlain }: DigestCall & { readonly onPlain: () => void },
): Promise<Checksums> {
  return digestBlob(reading, {
    makers,
    source: sliced(128 * 1024, 8),
    signal,
    onProgress,
    onState,
    onPlain,
  })
}

/** The digests that nearly every upload needs: what dist/worker.js carries. */
import { createCRC32, createCRC64, createMD5, createXXHash64 } from 'hash-wasm'
import type { Makers } from './digest.ts'

/** Each compiles its WebAssembly when it is first asked for. */
export const makers: Makers = {
  crc32: () => createCRC32(),
  // The polynomial of Castagnoli, reversed.
  crc32c: () => createCRC32(0x82f63b78),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
  md5: createMD5,
  xxhash64: createXXHash64,
}

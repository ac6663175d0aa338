/** The digests that nearly every upload needs. dist/worker.js carries them. */
import { createMD5, createXXHash64 } from 'hash-wasm'
import type { Makers } from './digest.ts'
import { makeWasmCrc } from './wasm-crc.ts'

/** None compiles its WebAssembly before it is asked for. */
export const makers: Makers = {
  crc32: () => makeWasmCrc('crc32'),
  crc32c: () => makeWasmCrc('crc32c'),
  crc64nvme: () => makeWasmCrc('crc64nvme'),
  md5: createMD5,
  xxhash64: createXXHash64,
}

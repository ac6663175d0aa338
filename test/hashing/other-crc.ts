import { createCRC32, createCRC64, type IHasher } from 'hash-wasm'
import type { CrcAlgorithm } from '../../src/ports.ts'

const makers: Readonly<Record<CrcAlgorithm, () => Promise<IHasher>>> = {
  crc32: () => createCRC32(),
  // The polynomial of Castagnoli, reversed.
  crc32c: () => createCRC32(0x82f63b78),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
}

/** By hash-wasm, which knows nothing of how ours are made and put together. */
export async function otherCrc(algorithm: CrcAlgorithm, bytes: Uint8Array): Promise<string> {
  return (await makers[algorithm]()).update(bytes).digest()
}

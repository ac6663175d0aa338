import { createCRC32, createCRC64, type IHasher } from 'hash-wasm'
import type { CrcAlgorithm } from '../../src/ports.ts'

const makers: Readonly<Record<CrcAlgorithm, () => Promise<IHasher>>> = {
  crc32: () => createCRC32(),
  // Castagnoli's polynomial, reversed.
  crc32c: () => createCRC32(0x82f63b78),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
}

/** Uses hash-wasm, which shares no code with our implementation. */
export async function otherCrc(algorithm: CrcAlgorithm, bytes: Uint8Array): Promise<string> {
  return (await makers[algorithm]()).update(bytes).digest()
}

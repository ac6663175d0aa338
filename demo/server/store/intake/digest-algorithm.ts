/** The digests that the store can compute. */
import { createHash } from 'node:crypto'
import { createCRC32, createCRC64, type IHasher } from 'hash-wasm'
import type { ChecksumAlgorithm } from '../protocol/checksum.ts'

export type DigestAlgorithm = 'md5' | ChecksumAlgorithm

export type Digester = { update(bytes: Uint8Array): unknown; digest(): Uint8Array }

/** CRC32C's polynomial (Castagnoli) in hash-wasm's bit order; CRC64NVME's as in the NVMe specification. */
const castagnoli = 0x82f63b78
const nvme = '9a6c9329ac4bc9b5'

const makers: Readonly<Record<DigestAlgorithm, () => Promise<Digester>>> = {
  md5: async () => createHash('md5'),
  sha1: async () => createHash('sha1'),
  sha256: async () => createHash('sha256'),
  crc32: async () => binary(await createCRC32()),
  crc32c: async () => binary(await createCRC32(castagnoli)),
  crc64nvme: async () => binary(await createCRC64(nvme)),
}

export function createDigester(algorithm: DigestAlgorithm): Promise<Digester> {
  return makers[algorithm]()
}

function binary(hasher: IHasher): Digester {
  hasher.init()
  return { update: (bytes) => hasher.update(bytes), digest: () => hasher.digest('binary') }
}

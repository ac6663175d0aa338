/**
 * The CRC algorithms. Apart from the code that combines them, since both the page and what it loads later need them.
 */
import type { CrcAlgorithm } from './ports.ts'

/** A polynomial with its terms reversed, as in these algorithms: x⁰ is the highest bit. */
export type Polynomial = { readonly high: number; readonly low: number }

export type Crc = { readonly bits: 32 | 64; readonly polynomial: Polynomial }

/** The algorithms, by their polynomials: the catalogue's CRC-32/ISO-HDLC, CRC-32/ISCSI and CRC-64/NVME. */
export const crcs: Readonly<Record<CrcAlgorithm, Crc>> = {
  crc32: { bits: 32, polynomial: { high: 0, low: 0xedb88320 } },
  crc32c: { bits: 32, polynomial: { high: 0, low: 0x82f63b78 } },
  crc64nvme: { bits: 64, polynomial: { high: 0x9a6c9329, low: 0xac4bc9b5 } },
}

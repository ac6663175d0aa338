/**
 * Digests for pages whose policy refuses WebAssembly: CRCs with tables, xxHash64 with big integers, SHA-1 and SHA-256
 * with WebCrypto, which takes all bytes at once.
 */
import { crcs } from '../crcs.ts'
import type { CrcAlgorithm, DigestAlgorithm } from '../ports.ts'
import { type CrcTable, makeCrcTable } from './crc-table.ts'
import type { Digest } from './digest.ts'
import { PlainXxHash64 } from './plain-xxhash64.ts'

/** The most bytes that WebCrypto is given: they are all in memory. */
const mostAtOnce = 64 * 1024 * 1024

const subtleNames: { readonly [Algorithm in DigestAlgorithm]?: string } = { sha1: 'SHA-1', sha256: 'SHA-256' }

/** @returns `undefined` if it cannot be computed without WebAssembly. */
export function plainDigest(algorithm: DigestAlgorithm, size: number): Digest | undefined {
  if (isCrc(algorithm)) return new TableCrc(algorithm)
  if (algorithm === 'xxhash64') return new PlainXxHash64()
  const name = subtleNames[algorithm]
  // Missing outside secure contexts.
  const isPossible = name !== undefined && size <= mostAtOnce && globalThis.crypto?.subtle !== undefined
  return isPossible ? new OneShot(name, size) : undefined
}

export function isCrc(algorithm: DigestAlgorithm): algorithm is CrcAlgorithm {
  return algorithm in crcs
}

class OneShot implements Digest {
  readonly #name: string
  readonly #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(name: string, size: number) {
    this.#name = name
    this.#bytes = new Uint8Array(size)
  }

  update(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  async digest(): Promise<string> {
    const digest = new Uint8Array(await crypto.subtle.digest(this.#name, this.#bytes))
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }
}

const tables = new Map<CrcAlgorithm, CrcTable>()

function tableOf(algorithm: CrcAlgorithm): CrcTable {
  const table = tables.get(algorithm) ?? makeCrcTable(crcs[algorithm])
  tables.set(algorithm, table)
  return table
}

/** Byte by byte (Sarwate's way), in two words, so that 64 bits work like 32. */
export class TableCrc implements Digest {
  readonly #bits: 32 | 64
  readonly #table: CrcTable
  #high: number
  #low = -1

  constructor(algorithm: CrcAlgorithm) {
    this.#bits = crcs[algorithm].bits
    this.#table = tableOf(algorithm)
    this.#high = this.#bits === 64 ? -1 : 0
  }

  update(bytes: Uint8Array): void {
    const { highs, lows } = this.#table
    let [high, low] = [this.#high, this.#low]
    for (const byte of bytes) {
      const index = (low ^ byte) & 255
      low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0)
      high = (high >>> 8) ^ (highs[index] ?? 0)
    }
    this.#high = high
    this.#low = low
  }

  digest(): string {
    const word = (value: number): string => (~value >>> 0).toString(16).padStart(8, '0')
    return this.#bits === 64 ? word(this.#high) + word(this.#low) : word(this.#low)
  }
}

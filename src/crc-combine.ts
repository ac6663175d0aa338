/**
 * Pure: computes the checksum of a whole from those of its pieces, without their bytes.
 *
 * A CRC is the remainder of the bytes, read as a polynomial over GF(2), so crc(A‖B) = crc(A) · x^(8·|B|) + crc(B)
 * modulo the CRC's polynomial. zlib's crc32_combine gets x^(8n) by squaring a matrix; here each power is kept as the
 * one polynomial that the matrix is made of. The inversions before and after cancel each other out.
 */
import { type Crc, crcs, type Polynomial } from './crcs.ts'
import type { CrcAlgorithm } from './ports.ts'

export type Piece = {
  /** Lowercase hex, as the algorithm's digest. */
  readonly crc: string
  /** Bytes, 0 or more. */
  readonly size: number
}

/**
 * The checksum of all pieces, one after the other, in lowercase hex.
 *
 * @param pieces In the order of their bytes. Without pieces the result is the checksum of nothing, 0.
 *
 * @example
 * combineCrcs('crc32c', [{ crc: 'crc of "1234"', size: 4 }, { crc: 'crc of "56789"', size: 5 }]) // 'e3069283'
 */
export function combineCrcs(algorithm: CrcAlgorithm, pieces: Iterable<Piece>): string {
  const crc = crcs[algorithm]
  // All parts but the last have one size, so only two shifts have to be computed, however many parts there are.
  const shifts = new Map<number, Polynomial>()
  let whole: Polynomial = { high: 0, low: 0 }
  for (const piece of pieces) {
    const shift = shifts.get(piece.size) ?? shiftBy(piece.size, crc)
    shifts.set(piece.size, shift)
    whole = add(multiply(whole, shift, crc), parse(piece.crc))
  }
  return toHex(whole, crc.bits)
}

/** x^(8·bytes), by squaring. */
function shiftBy(bytes: number, crc: Crc): Polynomial {
  let result = term(0, crc.bits)
  let power = term(8, crc.bits)
  // No bit operations: sizes have more than 32 bits.
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, power, crc)
    power = multiply(power, power, crc)
  }
  return result
}

/** The product of the two, modulo the CRC's polynomial. */
function multiply(a: Polynomial, b: Polynomial, { bits, polynomial }: Crc): Polynomial {
  let [high, low, productHigh, productLow] = [b.high, b.low, 0, 0]
  for (let bit = bits - 1; bit >= 0; bit--) {
    if (((bit > 31 ? a.high : a.low) >>> (bit % 32)) & 1) {
      productHigh ^= high
      productLow ^= low
    }
    const overflows = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (overflows) {
      high ^= polynomial.high
      low ^= polynomial.low
    }
  }
  return { high: productHigh, low: productLow }
}

function add(a: Polynomial, b: Polynomial): Polynomial {
  return { high: a.high ^ b.high, low: a.low ^ b.low }
}

/** x to that power, which is less than `bits`. */
function term(exponent: number, bits: 32 | 64): Polynomial {
  const bit = bits - 1 - exponent
  return { high: bit > 31 ? 1 << (bit - 32) : 0, low: bit > 31 ? 0 : 1 << bit }
}

function parse(hex: string): Polynomial {
  return { high: Number.parseInt(hex.slice(0, -8) || '0', 16), low: Number.parseInt(hex.slice(-8), 16) }
}

function toHex({ high, low }: Polynomial, bits: 32 | 64): string {
  const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
  return bits === 64 ? word(high) + word(low) : word(low)
}

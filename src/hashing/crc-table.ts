import type { Crc } from '../crcs.ts'

/** What each byte does to the two words of a CRC. */
export type CrcTable = { readonly highs: Int32Array; readonly lows: Int32Array }

export function makeCrcTable({ polynomial }: Crc): CrcTable {
  const [highs, lows] = [new Int32Array(256), new Int32Array(256)]
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte]
    for (let bit = 0; bit < 8; bit++) {
      const overflows = low & 1
      low = (low >>> 1) | (high << 31)
      high = (high >>> 1) ^ (overflows ? polynomial.high : 0)
      low ^= overflows ? polynomial.low : 0
    }
    highs[byte] = high
    lows[byte] = low
  }
  return { highs, lows }
}

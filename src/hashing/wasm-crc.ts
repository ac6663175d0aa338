/**
 * CRCs with WebAssembly, faster than hash-wasm's, and twice as fast for 64 bits:
 * docs/decisions/0026-crcs-of-our-own.md.
 */
import { type Crc, crcs } from '../crcs.ts'
import type { CrcAlgorithm } from '../ports.ts'
import { block, type CrcKernel, layout, makeCrcKernel, stretch } from './crc-kernel.ts'
import { type CrcTable, makeCrcTable } from './crc-table.ts'
import type { Digest } from './digest.ts'

/** Rejects if the page's policy refuses WebAssembly. */
export async function makeWasmCrc(algorithm: CrcAlgorithm): Promise<Digest> {
  return new WasmCrc(crcs[algorithm], await makeCrcKernel())
}

type Tables = {
  readonly table: CrcTable
  /** The memory in front of the word. */
  readonly filled: Uint8Array
}

/** Kept, because filling them takes longer than a small file. */
const known = new Map<Crc, Tables>()

class WasmCrc implements Digest {
  readonly #crc: Crc
  readonly #kernel: CrcKernel
  readonly #table: CrcTable
  readonly #input: Uint8Array
  /** Low, then high. */
  readonly #word: Int32Array

  constructor(crc: Crc, kernel: CrcKernel) {
    const { buffer } = kernel.memory
    const { table, filled } = known.get(crc) ?? { table: makeCrcTable(crc) }
    this.#crc = crc
    this.#kernel = kernel
    this.#table = table
    this.#input = new Uint8Array(buffer, layout.input)
    this.#word = new Int32Array(buffer, layout.word, 2)
    const tables = new Uint8Array(buffer, 0, layout.word)
    if (filled) tables.set(filled)
    else {
      fillSteps(new Int32Array(buffer, layout.steps), table)
      this.#fillShifts(new Int32Array(buffer, layout.shifts))
      known.set(crc, { table, filled: tables.slice() })
    }
    this.init()
  }

  init(): void {
    this.#word.set([-1, this.#crc.bits === 64 ? -1 : 0])
  }

  update(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; offset += this.#input.length) {
      const piece = bytes.subarray(offset, offset + this.#input.length)
      this.#input.set(piece)
      this.#take(piece.length)
    }
  }

  digest(): string {
    const [low = 0, high = 0] = this.#word
    const hex = (value: number): string => (~value >>> 0).toString(16).padStart(8, '0')
    return this.#crc.bits === 64 ? hex(high) + hex(low) : hex(low)
  }

  save(): Uint8Array {
    return new Uint8Array(new Int32Array(this.#word).buffer)
  }

  load(state: Uint8Array): void {
    if (state.length !== 8) throw new RangeError(`Expected a state of 8 bytes, got ${state.length}`)
    this.#word.set(new Int32Array(state.slice().buffer))
  }

  /** Digests the beginning of the input. */
  #take(length: number): void {
    let at = layout.input
    const end = at + length
    for (; end - at >= block; at += block) this.#kernel.four(at, at + stretch)
    const words = end - ((end - at) % 8)
    if (words > at) this.#kernel.one(at, words)
    for (const byte of this.#input.subarray(words - layout.input, length)) this.#takeByte(byte)
  }

  #takeByte(byte: number): void {
    this.#word.set(after(this.#word[0] ?? 0, this.#word[1] ?? 0, byte, this.#table))
  }

  /** The input has to be zeros still. The result of each single bit is tried out; all others are sums of these. */
  #fillShifts(tables: Int32Array): void {
    for (let byte = 0; byte < this.#crc.bits / 8; byte++) {
      const table = tables.subarray((7 - byte) * 512)
      for (let value = 1; value < 256; value++) {
        const bit = value & -value
        const single = value === bit ? this.#shifted(byte, bit) : table.slice(2 * bit, 2 * bit + 2)
        const rest = value ^ bit
        table[2 * value] = (single[0] ?? 0) ^ (table[2 * rest] ?? 0)
        table[2 * value + 1] = (single[1] ?? 0) ^ (table[2 * rest + 1] ?? 0)
      }
    }
  }

  #shifted(byte: number, bit: number): Int32Array {
    const value = bit << (8 * (byte % 4))
    this.#word.set(byte < 4 ? [value, 0] : [0, value])
    this.#kernel.one(layout.input, layout.input + stretch)
    return this.#word
  }
}

/** The first table is the CRC's. In each of the others another zero follows. */
function fillSteps(tables: Int32Array, table: CrcTable): void {
  for (let byte = 0; byte < 256; byte++) {
    let [low, high] = [table.lows[byte] ?? 0, table.highs[byte] ?? 0]
    for (let step = 0; step < 8; step++) {
      tables.set([low, high], 2 * (256 * step + byte))
      ;[low, high] = after(low, high, 0, table)
    }
  }
}

/** The word after one more byte (Sarwate's way). */
function after(
  low: number,
  high: number,
  byte: number,
  { lows, highs }: CrcTable,
): [low: number, high: number] {
  const index = (low ^ byte) & 255
  return [((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0), (high >>> 8) ^ (highs[index] ?? 0)]
}

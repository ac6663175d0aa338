/**
 * The inner loop of every CRC, as WebAssembly that is put together here: what an assembler would make of it, unrolled.
 *
 * A CRC takes eight bytes of input at a time into its word, with one table for each byte ("slicing by 8": M. E.
 * Kounavis and F. L. Berry, "A systematic approach to building high performance software-based CRC generators", 2005).
 * Each step waits for the one before, which leaves a processor mostly idle. So four stretches of the input are worked
 * on at once, and their words are combined afterwards, with tables of what a word becomes by so many zeros.
 */

/**
 * Where everything is in the memory, in bytes. A table has 256 words of 64 bits, and each set has eight tables, one
 * after the other.
 */
export const layout = {
  /** What a byte in front of 7, 6, … 0 others does to the word. */
  steps: 0,
  /**
   * What the word's lowest, next, … highest byte becomes by a stretch of zeros; the lowest byte's table is the last.
   */
  shifts: 16_384,
  /** The word itself. */
  word: 32_768,
  input: 65_536,
  end: 131_072,
} as const

/** Bytes that each of the four works on. */
export const stretch = 8_192
export const block: number = 4 * stretch

export type CrcKernel = {
  readonly memory: WebAssembly.Memory
  /** Takes the input between the two addresses into the word. Its length is a multiple of 8 bytes, and at least 8. */
  one(from: number, to: number): void
  /** Takes a block into the word; `to` is the end of its first stretch. Needs the shifts. */
  four(from: number, to: number): void
}

/** Compiled once, since each part and each small file has a digest of its own. */
let compiled: WebAssembly.Module | undefined

export async function makeCrcKernel(): Promise<CrcKernel> {
  compiled ??= await WebAssembly.compile(new Uint8Array(program()))
  const { exports } = await WebAssembly.instantiate(compiled)
  return exports as CrcKernel
}

type Code = readonly number[]

const [i32, i64] = [0x7f, 0x7e]

// Instructions, by their names in the WebAssembly core specification.
const get = (local: number): Code => [0x20, local]
const set = (local: number): Code => [0x21, local]
const constant32 = (value: number): Code => [0x41, ...signed(value)]
const constant64 = (value: number): Code => [0x42, ...signed(value)]
/** From any address: nothing is assumed about the alignment of the input. */
const load64 = (offset: number): Code => [0x29, 0, ...unsigned(offset)]
const store64 = (offset: number): Code => [0x37, 0, ...unsigned(offset)]
const less32 = [0x49]
const add32 = [0x6a]
const and64 = [0x83]
const xor64 = [0x85]
const shiftLeft64 = [0x86]
const shiftRight64 = [0x88]
const wrap = [0xa7]
const loop = (body: Code): Code => [0x03, 0x40, ...body, 0x0b]
const againIf = [0x0d, 0]
const end = [0x0b]

function program(): Code {
  const pages = layout.end / 65_536
  return [
    ...[...'\0asm'].map((character) => character.charCodeAt(0)),
    ...[1, 0, 0, 0],
    // One function type, with two addresses as parameters.
    ...section(1, [[0x60, 2, i32, i32, 0]]),
    ...section(3, [[0], [0]]),
    ...section(5, [[1, pages, pages]]),
    ...section(7, [
      [...name('memory'), 2, 0],
      [...name('one'), 0, 0],
      [...name('four'), 0, 1],
    ]),
    ...section(10, [sized(streams(1)), sized(streams(4))]),
  ]
}

/** A function that takes input into this many words at once, a stretch apart, and combines them. */
function streams(count: number): Code {
  const [from, to] = [0, 1]
  const words = Array.from({ length: count }, (_, index) => 2 + index)
  const [first = 0, ...others] = words
  const step = (word: number, index: number): Code => [
    ...[get(word), get(from), load64(index * stretch), xor64, set(word)].flat(),
    ...[...lookUp(word, layout.steps), ...set(word)],
  ]
  return [
    // All locals have one type, and begin as 0.
    ...[1, count, i64],
    ...[constant32(0), load64(layout.word), set(first)].flat(),
    ...loop([
      ...words.flatMap(step),
      ...[get(from), constant32(8), add32, set(from), get(from), get(to), less32, againIf].flat(),
    ]),
    ...others.flatMap((word) => [lookUp(first, layout.shifts), get(word), xor64, set(first)].flat()),
    ...[constant32(0), get(first), store64(layout.word), end].flat(),
  ]
}

/** The sum of what eight tables have for the bytes of a word. The last table is the lowest byte's. */
function lookUp(word: number, tables: number): Code {
  return Array.from({ length: 8 }, (_, byte) => [
    // To the offset of an entry, which has 8 bytes.
    ...[get(word), constant64(Math.abs(8 * byte - 3)), byte === 0 ? shiftLeft64 : shiftRight64].flat(),
    ...[constant64(0xff * 8), and64, wrap, load64(tables + (7 - byte) * 2_048)].flat(),
    ...(byte === 0 ? [] : xor64),
  ]).flat()
}

function section(id: number, entries: readonly Code[]): Code {
  return [id, ...sized([entries.length, ...entries.flat()])]
}

function name(text: string): Code {
  return sized([...text].map((character) => character.charCodeAt(0)))
}

function sized(code: Code): Code {
  return [...unsigned(code.length), ...code]
}

/** LEB128, in which WebAssembly writes numbers of varying length. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): Code {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)]
}

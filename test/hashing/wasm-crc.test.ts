import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { Digest } from '../../src/hashing/digest.ts'
import { makeWasmCrc } from '../../src/hashing/wasm-crc.ts'
import { otherCrc } from './other-crc.ts'

/** The four ranges that are processed at once, and the amount that is copied into the memory at a time. */
const [block, input] = [32_768, 65_536]

function bytesOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed
  return new Uint8Array(size).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

async function of(digest: Digest, ...pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  digest.init?.()
  for (const piece of pieces) digest.update(piece)
  return digest.digest()
}

describe.each(['crc32', 'crc32c', 'crc64nvme'] as const)('%s by our own WebAssembly', (algorithm) => {
  test.each([
    ...[0, 1, 7, 8, 9, 15, 16, 8_191, 8_192, 8_193],
    ...[block - 8, block - 1, block, block + 1, block + 8, 2 * block - 1],
    ...[input - 1, input, input + 1, input + block + 13, 5 * input + 3],
  ])("equals another implementation's for %i bytes", async (size) => {
    const bytes = bytesOf(size)
    expect(await of(await makeWasmCrc(algorithm), bytes)).toBe(await otherCrc(algorithm, bytes))
  })

  test('is the same however the bytes are cut and wherever they lie in memory', async () => {
    const own = await makeWasmCrc(algorithm)
    const cases = fc.record({
      seed: fc.nat(),
      before: fc.nat({ max: 9 }),
      sizes: fc.array(fc.nat({ max: 80_000 }), { maxLength: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, before, sizes }) => {
        const whole = bytesOf(before + sizes.reduce((sum, size) => sum + size, 0), seed).subarray(before)
        const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0))
        const pieces = ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
        expect(await of(own, ...pieces)).toBe(await otherCrc(algorithm, whole))
      }),
      { numRuns: 60 },
    )
  })

  test('goes on from a state that another instance saved, and refuses an invalid state', async () => {
    const bytes = bytesOf(100_003)
    const [first, second] = [await makeWasmCrc(algorithm), await makeWasmCrc(algorithm)]
    first.update(bytes.subarray(0, 70_001))
    const state = first.save?.() ?? new Uint8Array()
    first.update(bytes.subarray(70_001))
    second.update(bytes)
    second.load?.(state)
    second.update(bytes.subarray(70_001))
    expect(await second.digest()).toBe(await first.digest())
    expect(() => second.load?.(new Uint8Array(7))).toThrow('Expected a state of 8 bytes, got 7')
  })

  test('is compiled once, and its next use is right too', async () => {
    await makeWasmCrc(algorithm)
    const made = vi.spyOn(WebAssembly, 'instantiate')
    const digest = await makeWasmCrc(algorithm)
    expect(made.mock.calls).toEqual([[expect.any(WebAssembly.Module)]])
    made.mockRestore()
    const bytes = bytesOf(3 * block + 5)
    expect(await of(digest, bytes)).toBe(await otherCrc(algorithm, bytes))
  })

  test('can be read in the middle, and goes on', async () => {
    const digest = await makeWasmCrc(algorithm)
    const bytes = bytesOf(1_000)
    digest.update(bytes.subarray(0, 500))
    await digest.digest()
    digest.update(bytes.subarray(500))
    const asked = await digest.digest()
    expect(asked).toBe(await of(digest, bytes))
  })
})

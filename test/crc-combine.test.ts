import { array, assert, asyncProperty, integer, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineCrcs } from '../src/crc-combine.ts'
import { otherCrc } from './hashing/other-crc.ts'

/** The values of "123456789" in the catalogue of parametrised CRC algorithms. */
const checkValues = [
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
] as const

describe.each(checkValues)('the combined %s', (algorithm, check) => {
  const digits = new TextEncoder().encode('123456789')

  const piecesOf = (bytes: Uint8Array, cuts: readonly number[]) => {
    const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b)
    return Promise.all(
      ends.map(async (end, index) => {
        const piece = bytes.subarray(ends[index - 1] ?? 0, end)
        return { crc: await otherCrc(algorithm, piece), size: piece.length }
      }),
    )
  }

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'keeps its check value if the digits are cut after %i bytes',
    async (cut) => {
      expect(combineCrcs(algorithm, await piecesOf(digits, [cut]))).toBe(check)
    },
  )

  test('is the same for any split of any bytes, empty pieces among them', async () => {
    await assert(
      asyncProperty(
        uint8Array({ maxLength: 300 }),
        array(integer({ min: 0, max: 300 })),
        async (bytes, cuts) => {
          expect(combineCrcs(algorithm, await piecesOf(bytes, cuts))).toBe(await otherCrc(algorithm, bytes))
        },
      ),
    )
  })

  test('does not depend on which neighbours are combined first', async () => {
    await assert(
      asyncProperty(uint8Array({ maxLength: 60 }), integer({ min: 1, max: 3 }), async (bytes, at) => {
        const pieces = await piecesOf(bytes, [7, 20, 33])
        const [left, right] = [pieces.slice(0, at), pieces.slice(at)]
        const together = [left, right].map((some) => ({
          crc: combineCrcs(algorithm, some),
          size: some.reduce((sum, { size }) => sum + size, 0),
        }))
        expect(combineCrcs(algorithm, together)).toBe(combineCrcs(algorithm, pieces))
      }),
    )
  })

  test('of nothing is zero', () => {
    expect(combineCrcs(algorithm, [])).toBe(check.replaceAll(/./g, '0'))
  })

  test('is right for distances of more bytes than 32 bits can count', () => {
    // Moving by two halves must equal moving by the whole, so the test needs no file of 6 TB.
    const zeros = (size: number) => ({ crc: check.replaceAll(/./g, '0'), size })
    const digits = { crc: check, size: 9 }
    const half = 3 * 2 ** 40
    expect(combineCrcs(algorithm, [digits, zeros(half), zeros(half)])).toBe(
      combineCrcs(algorithm, [digits, zeros(2 * half)]),
    )
    expect(combineCrcs(algorithm, [digits, zeros(2 ** 32)])).not.toBe(check)
  })
})

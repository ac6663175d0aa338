import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TooLargeError } from '../src/errors.ts'
import {
  bytesOf,
  createLayout,
  fits,
  missingParts,
  partCount,
  partOf,
  parts,
  planLayout,
  requireFit,
  requireReceipts,
} from '../src/layout.ts'
import type { BackendLimits, Part, PartReceipt } from '../src/ports.ts'

const mebibyte = 1024 * 1024
const s3: BackendLimits = {
  minPartSize: 5 * mebibyte,
  maxPartSize: 5 * 1024 * mebibyte,
  maxParts: 10_000,
  maxBatch: 1000,
}
const smallLayout = fc
  .record({ fileSize: fc.nat(5_000), partSize: fc.integer({ min: 1, max: 600 }) })
  .map(({ fileSize, partSize }) => createLayout(fileSize, partSize))

function receiptOf({ number, size }: { number: number; size: number }): PartReceipt {
  return { number, size, etag: '"e"' }
}

describe('a layout', () => {
  test('covers the file exactly, without a gap and without an overlap', () => {
    fc.assert(
      fc.property(smallLayout, (layout) => {
        let next = 0
        for (const part of parts(layout)) {
          expect(part.offset).toBe(next)
          next += part.size
        }
        expect(next).toBe(layout.fileSize)
      }),
    )
  })

  test('has parts of one size except the last, which is empty only if the file is', () => {
    fc.assert(
      fc.property(smallLayout, (layout) => {
        const sizes = [...parts(layout)].map(({ size }) => size)
        expect(sizes.slice(0, -1).every((size) => size === layout.partSize)).toBe(true)
        const last = sizes.at(-1) ?? -1
        expect(last).toBeGreaterThanOrEqual(layout.fileSize === 0 ? 0 : 1)
        expect(last).toBeLessThanOrEqual(layout.partSize)
        expect(sizes).toHaveLength(partCount(layout))
      }),
    )
  })

  test('numbers its parts from 1, in order', () => {
    fc.assert(
      fc.property(smallLayout, (layout) => {
        const all = [...parts(layout)]
        expect(all.map(({ number }) => number)).toEqual(all.map((_, index) => index + 1))
        expect(
          all.every((part) => JSON.stringify(partOf(layout, part.number)) === JSON.stringify(part)),
        ).toBe(true)
      }),
    )
  })

  test.each([
    [0, 5, [0]],
    [1, 5, [1]],
    [5, 5, [5]],
    [10, 5, [5, 5]],
    [11, 5, [5, 5, 1]],
  ])('of %i bytes in parts of %i has the sizes %j', (fileSize, partSize, sizes) => {
    expect([...parts(createLayout(fileSize, partSize))].map(({ size }) => size)).toEqual(sizes)
  })

  test('has at most as many parts as allowed', () => {
    expect(partCount(createLayout(12, 4, undefined, 3))).toBe(3)
    expect(() => createLayout(13, 4, undefined, 3)).toThrow(new RangeError('Expected at most 3 parts, got 4'))
  })

  test('counts the bytes of receipts as the sum of their parts', () => {
    expect(bytesOf([])).toBe(0)
    expect(bytesOf([receiptOf({ number: 1, size: 4 }), receiptOf({ number: 3, size: 2 })])).toBe(6)
  })

  test('of an empty file has no part if the server has cut it into none', () => {
    const layout = createLayout(0, 1, [])
    expect([[...parts(layout)], partCount(layout), missingParts(layout, new Map())]).toEqual([[], 0, []])
    expect(() => createLayout(1, 1, [])).toThrow('that cover 1 bytes, got 0 that cover 0')
  })

  test('of 48.8 TiB in 10,000 parts of 5 GiB ends with its last byte', () => {
    const layout = createLayout(10_000 * s3.maxPartSize, s3.maxPartSize)
    expect(partCount(layout)).toBe(10_000)
    const last = partOf(layout, 10_000)
    expect(last.offset + last.size).toBe(layout.fileSize)
  })

  test.each([
    ['5 TiB', 5 * 1024 ** 4, 9_987],
    ['48.8 TiB', 10_000 * 5 * 1024 ** 3, 10_000],
  ])('of %s, in as many parts as allowed, covers it exactly', (_, fileSize, count) => {
    const layout = planLayout(fileSize, s3, Math.ceil(fileSize / 10_000))
    let next = 0
    for (const { number, offset, size } of parts(layout)) {
      expect([number, offset]).toEqual([offset / layout.partSize + 1, next])
      expect(size <= s3.maxPartSize).toBe(true)
      next += size
    }
    expect([partCount(layout), next]).toEqual([count, fileSize])
    expect(Number.isSafeInteger(next)).toBe(true)
  })

  test.each([-1, 1.5])('refuses a file size of %s', (fileSize) => {
    expect(() => createLayout(fileSize, 1)).toThrow(/Expected `fileSize` to be a whole number >= 0/)
    expect(() => planLayout(fileSize, s3)).toThrow(/Expected `fileSize` to be a whole number >= 0/)
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a part size of %s', (partSize) => {
    expect(() => createLayout(10, partSize)).toThrow(/Expected `partSize` to be a whole number >= 1/)
  })

  test('refuses an invalid part size even if the choice is ours, and names it', () => {
    expect(() => planLayout(10, s3, 0)).toThrow('Expected `partSize` to be a whole number >= 1, got 0')
  })

  test.each([0, 4, -1, 1.5])('has no part number %s of 3', (number) => {
    expect(() => partOf(createLayout(30, 10), number)).toThrow(/Expected the number of one of the 3 parts/)
  })
})

describe('a layout that the server has cut', () => {
  const cut = (number: number, offset: number, size: number): Part => ({ number, offset, size })
  const uneven = [cut(3, 0, 4), cut(1, 4, 1), cut(7, 5, 5)]

  test("has the server's parts in the order of the file, found by their numbers", () => {
    const layout = createLayout(10, 4, uneven)
    expect(layout).toEqual({ fileSize: 10, partSize: 4, cuts: uneven })
    expect([...parts(layout)]).toEqual(uneven)
    expect(partCount(layout)).toBe(3)
    for (const part of uneven) {
      expect(partOf(layout, part.number)).toEqual(part)
      expect(fits(layout, part)).toBe(true)
      expect(fits(layout, { ...part, size: part.size + 1 })).toBe(false)
    }
    expect(() => partOf(layout, 2)).toThrow('Expected the number of one of the 3 parts, got 2')
    expect(missingParts(layout, new Map([[1, receiptOf(cut(1, 4, 1))]]))).toEqual([uneven[0], uneven[2]])
  })

  test('into parts of one size is like any other', () => {
    const even = [cut(1, 0, 4), cut(2, 4, 4), cut(3, 8, 2)]
    expect(createLayout(10, 4, even)).toEqual({ fileSize: 10, partSize: 4 })
  })

  test.each([
    ['other numbers', [cut(2, 0, 4), cut(3, 4, 4), cut(4, 8, 2)]],
    ['two numbers swapped', [cut(2, 0, 4), cut(1, 4, 4), cut(3, 8, 2)]],
    ['numbers from 0 on', [cut(0, 0, 4), cut(1, 4, 4), cut(2, 8, 2)]],
    ['another size in the middle', [cut(1, 0, 4), cut(2, 4, 3), cut(3, 7, 3)]],
    ['fewer parts', [cut(1, 0, 4), cut(2, 4, 6)]],
    ['more parts', [cut(1, 0, 4), cut(2, 4, 4), cut(3, 8, 1), cut(4, 9, 1)]],
  ])("keeps the server's cuts if they have %s", (_, cuts) => {
    expect(createLayout(10, 4, cuts).cuts).toEqual(cuts)
  })

  test.each([
    ['a gap', [cut(1, 0, 4), cut(2, 5, 5)], 'Expected a part that begins at byte 4, got 5 bytes at 5'],
    ['an overlap', [cut(1, 0, 4), cut(2, 3, 7)], 'Expected a part that begins at byte 4, got 7 bytes at 3'],
    ['an empty part', [cut(1, 0, 0), cut(2, 0, 10)], 'Expected a part that begins at byte 0, got 0 bytes'],
    ['a part of half a byte', [cut(1, 0, 0.5), cut(2, 0.5, 9.5)], 'got 0.5 bytes at 0'],
    ['too little', [cut(1, 0, 9)], 'that cover 10 bytes, got 1 that cover 9'],
    ['too much', [cut(1, 0, 11)], 'that cover 10 bytes, got 1 that cover 11'],
    [
      'one number twice',
      [cut(1, 0, 5), cut(1, 5, 5)],
      'Expected parts with distinct numbers that cover 10 bytes, got 2 that cover 10',
    ],
    ['an invalid number', [cut(1, 0, 5), cut(1.5, 5, 5)], 'Expected parts with distinct numbers'],
  ])('is refused with %s', (_, cuts, message) => {
    expect(() => createLayout(10, 4, cuts)).toThrow(RangeError)
    expect(() => createLayout(10, 4, cuts)).toThrow(message)
  })

  test('of an empty file may be one empty part', () => {
    expect([...parts(createLayout(0, 4, [cut(5, 0, 0)]))]).toEqual([cut(5, 0, 0)])
  })
})

describe('the limits of a backend', () => {
  test('allow a file up to their maximum, and refuse one byte more', () => {
    const within = { minPartSize: 1, maxPartSize: 10, maxParts: 3, maxBatch: 1 }
    expect(() => requireFit(30, within)).not.toThrow()
    expect(() => requireFit(31, within)).toThrow(TooLargeError)
    expect(() => requireFit(31, within)).toThrow('30')
    expect(() => requireFit(20, { ...within, maxFileSize: 20 })).not.toThrow()
    expect(() => requireFit(21, { ...within, maxFileSize: 20 })).toThrow('20')
    // Otherwise a limit that no file can reach would be the one that counts.
    expect(() => requireFit(31, { ...within, maxFileSize: 1_000 })).toThrow(TooLargeError)
    expect(() => planLayout(21, { ...within, maxFileSize: 20 })).toThrow(TooLargeError)
  })

  // `defineBackend` with only a maximum part size, which keeps S3's minimum.
  test('use the maximum part size if that is below the minimum', () => {
    const limits = { ...s3, maxPartSize: mebibyte }
    expect(planLayout(10 * mebibyte, limits)).toEqual({ fileSize: 10 * mebibyte, partSize: mebibyte })
    expect(planLayout(3, limits)).toEqual({ fileSize: 3, partSize: mebibyte })
    expect(() => planLayout(10_001 * mebibyte, limits)).toThrow(TooLargeError)
  })

  test('give parts of whole mebibytes if those fit, and otherwise as few bytes as suffice', () => {
    const limits = { minPartSize: 1, maxPartSize: 2 * mebibyte, maxParts: 10, maxBatch: 1 }
    expect(planLayout(10 * mebibyte + 1, limits, 1).partSize).toBe(2 * mebibyte)
    expect(planLayout(11 * mebibyte, { ...limits, maxPartSize: 2 * mebibyte - 1 }, 1).partSize).toBe(
      Math.ceil(1.1 * mebibyte),
    )
  })
})

describe('a planned layout', () => {
  const limits = fc
    .record({
      minPartSize: fc.integer({ min: 1, max: 50 }),
      extra: fc.nat(1000),
      maxParts: fc.integer({ min: 1, max: 100 }),
    })
    .map(({ minPartSize, extra, maxParts }) => ({
      minPartSize,
      maxPartSize: minPartSize + extra,
      maxParts,
      maxBatch: 1,
    }))

  test('keeps within any limits, for any file that fits them', () => {
    fc.assert(
      fc.property(limits, fc.nat(100_000), fc.integer({ min: 1, max: 3000 }), (within, size, wanted) => {
        fc.pre(size <= within.maxPartSize * within.maxParts)
        const layout = planLayout(size, within, wanted)
        expect(partCount(layout)).toBeLessThanOrEqual(within.maxParts)
        expect(layout.partSize).toBeGreaterThanOrEqual(within.minPartSize)
        expect(layout.partSize).toBeLessThanOrEqual(within.maxPartSize)
        expect([...parts(layout)].reduce((sum, part) => sum + part.size, 0)).toBe(size)
      }),
    )
  })

  test('refuses a file that no part size within the limits can hold', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 1000 }), (within, more) => {
        const size = within.maxPartSize * within.maxParts + more
        expect(() => planLayout(size, within)).toThrow(/Expected a file of at most/)
      }),
    )
  })

  test('uses the preferred part size as long as the file fits, and then one that grows with it', () => {
    expect(planLayout(1_000 * mebibyte, s3).partSize).toBe(16 * mebibyte)
    expect(planLayout(1_000 * mebibyte, s3, 64 * mebibyte).partSize).toBe(64 * mebibyte)
    expect(planLayout(5 * 1024 ** 4, s3).partSize).toBe(525 * mebibyte)
    expect(planLayout(10_000 * s3.maxPartSize, s3).partSize).toBe(s3.maxPartSize)
  })
})

describe('receipts', () => {
  test('count only if number and size are those of a part', () => {
    const layout = createLayout(25, 10)
    expect([1, 2, 3].map((number) => fits(layout, receiptOf(partOf(layout, number))))).toEqual([
      true,
      true,
      true,
    ])
    const wrong = [
      { number: 1, size: 9 },
      { number: 3, size: 10 },
      { number: 0, size: 10 },
      { number: 4, size: 10 },
      { number: 1.5, size: 10 },
    ]
    expect(wrong.map((one) => fits(layout, receiptOf(one)))).toEqual(wrong.map(() => false))
  })

  test('leave exactly the other parts missing', () => {
    fc.assert(
      fc.property(smallLayout, fc.array(fc.nat(700)), (layout, numbers) => {
        const have = [...parts(layout)].filter(({ number }) => numbers.includes(number))
        const receipts = new Map(have.map((part) => [part.number, receiptOf(part)]))
        const missing = missingParts(layout, receipts).map(({ number }) => number)
        expect([...missing, ...receipts.keys()].sort((a, b) => a - b)).toEqual(
          [...parts(layout)].map(({ number }) => number),
        )
      }),
    )
  })

  test('must all be there before anything is completed', () => {
    const layout = createLayout(25, 10)
    const all = [...parts(layout)].map(receiptOf)
    expect(() => requireReceipts(layout, all)).not.toThrow()
    const [first, second, third] = [receiptOf({ number: 1, size: 9 }), ...all.slice(1)]
    const wrong = [[], all.slice(1), [...all, receiptOf({ number: 4, size: 10 })], [first, second, third]]
    for (const receipts of wrong as (readonly PartReceipt[])[]) {
      const covered = receipts.filter((receipt) => fits(layout, receipt)).length
      expect(() => requireReceipts(layout, receipts)).toThrow(
        expect.objectContaining({
          code: 'unexpected',
          message: `Expected receipts for all 3 parts before completing, got ${covered}`,
        }),
      )
    }
  })
})

import { describe, expect, test } from 'vitest'
import type { ListedPart, PartReceipt } from '../src/ports.ts'
import { reconcile } from '../src/reconcile.ts'

/** Parts of 4, 4 and 2 bytes. */
const layout = { fileSize: 10, partSize: 4 }
const one: PartReceipt = { number: 1, size: 4, etag: '"e1"', crc32c: 'c1' }
const three: PartReceipt = { number: 3, size: 2, etag: '"e3"' }

/** The receipts that count, by part number. */
function counts(
  receipts: readonly PartReceipt[],
  parts?: readonly ListedPart[],
  source: 'storage' | 'record' = 'storage',
): readonly PartReceipt[] {
  const stored = reconcile(layout, receipts, parts && { parts, source })
  expect([...stored].map(([number, receipt]) => number === receipt.number)).not.toContain(false)
  return [...stored.values()].sort((a, b) => a.number - b.number)
}

describe('without a list', () => {
  test('receipts count as they are, if they fit the layout', () => {
    const wrong = [
      { number: 2, size: 3, etag: '"short"' },
      { number: 4, size: 4, etag: '"beyond"' },
    ]
    expect(counts([one, ...wrong, three])).toEqual([one, three])
    expect(counts([])).toEqual([])
  })
})

describe("with the storage's list", () => {
  test('a receipt counts if the list confirms it, with all that it contains', () => {
    expect(counts([one, three], [{ number: 1, size: 4, etag: '"e1"' }])).toEqual([one])
    expect(counts([one, three], [])).toEqual([])
  })

  test.each(['e1', '"e1"', undefined])('a receipt is confirmed by the listed ETag %s', (etag) => {
    expect(counts([one], [{ number: 1, size: 4, etag }])).toEqual([one])
  })

  test('quotes around ETags are ignored on both sides', () => {
    const bare = { ...one, etag: 'e1' }
    expect(counts([bare], [{ number: 1, size: 4, etag: '"e1"' }])).toEqual([bare])
  })

  test('a receipt without an ETag is confirmed if only the list has the ETag', () => {
    const hidden = { ...one, etag: '' }
    expect(counts([hidden], [{ number: 1, size: 4, etag: '"e1"' }])).toEqual([hidden])
  })

  test('a part under another ETag was overwritten, and is sent again', () => {
    expect(counts([one], [{ number: 1, size: 4, etag: '"else"' }])).toEqual([])
  })

  test('a part that only the storage has counts if it fits', () => {
    const parts = [
      { number: 2, size: 4, etag: '"e2"' },
      { number: 3, size: 4, etag: '"too long"' },
      { number: 7, size: 4, etag: '"beyond"' },
    ]
    expect(counts([], parts)).toEqual([{ number: 2, size: 4, etag: '"e2"' }])
  })

  test('a receipt that does not fit is not confirmed by a part that does, which counts by itself', () => {
    const short = { number: 1, size: 3, etag: '"short"' }
    expect(counts([short], [{ number: 1, size: 4, etag: '"whole"' }])).toEqual([
      { number: 1, size: 4, etag: '"whole"' },
    ])
  })

  test('a part without an ETag in the list counts as stored', () => {
    expect(counts([], [{ number: 2, size: 4, etag: undefined }])).toEqual([{ number: 2, size: 4, etag: '' }])
  })
})

describe("with the server's record", () => {
  test('receipts are kept, and win over the record', () => {
    const parts = [
      { number: 1, size: 4, etag: '"of an earlier attempt"' },
      { number: 2, size: 4, etag: undefined },
      { number: 3, size: 4, etag: '"too long"' },
    ]
    expect(counts([one, three], parts, 'record')).toEqual([one, { number: 2, size: 4, etag: '' }, three])
    expect(counts([one], [], 'record')).toEqual([one])
  })
})

import { describe, expect, test } from 'vitest'
import { createLayout, partOf } from '../src/layout.ts'
import { PartReads } from '../src/part-reads.ts'
import type { PartReceipt } from '../src/ports.ts'
import { Proofs } from '../src/proofs.ts'
import { flush } from './fakes/clock.ts'
import { GatedHasher } from './fakes/gated-hasher.ts'
import { md5Etag } from './fakes/part-transport.ts'
import { digestOf, fileOf } from './fakes/uploader.ts'

const file = fileOf(16)
const layout = createLayout(16, 4)

async function part(number: number) {
  const bytes = new Uint8Array(await file.slice(number * 4 - 4, number * 4).arrayBuffer())
  return {
    part: partOf(layout, number),
    /** From a storage whose ETags are MD5s. */
    receipt: { number, size: 4, etag: md5Etag(bytes) },
    opaque: { number, size: 4, etag: `"opaque ${number}"` },
    md5: digestOf(bytes, 'md5'),
    crc32c: digestOf(bytes, 'crc32c'),
  }
}

async function proofs() {
  const hasher = new GatedHasher()
  hasher.go()
  const kept: Partial<PartReceipt>[] = []
  const reads = new PartReads({ file, layout, hasher })
  const made = new Proofs({
    reads,
    keep: async (number, proof) => void kept.push({ number, ...proof }),
  })
  const [one, two, three] = [await part(1), await part(2), await part(3)]
  return { proofs: made, reads, hasher, kept, one, two, three }
}

describe('if ETags are MD5s', () => {
  test('they are the proofs once the first part has shown it, even of earlier parts', async () => {
    const { proofs: all, hasher, kept, one, two, three } = await proofs()
    expect(all.wants(one.part)).toEqual(['md5'])
    expect(all.wants(two.part)).toEqual([])
    all.compute(all.atOnce(two.receipt))
    await flush()
    expect([kept, all.atOnce(two.receipt)]).toEqual([[], two.receipt])
    all.compute(all.atOnce(one.receipt))
    await flush()
    expect(kept).toEqual([
      { number: 2, md5: two.md5 },
      { number: 1, md5: one.md5 },
    ])
    // From then on they come with the receipt, and nothing else is read or kept.
    expect(all.wants(three.part)).toEqual([])
    const atOnce = all.atOnce(three.receipt)
    expect(atOnce).toEqual({ ...three.receipt, md5: three.md5 })
    all.compute(atOnce)
    await flush()
    expect([kept.length, hasher.reads]).toEqual([2, [[4, 'md5']]])
  })

  test('a part with a different kind of ETag gets its CRC32C', async () => {
    const { proofs: all, kept, one, two } = await proofs()
    all.wants(one.part)
    all.compute(one.receipt)
    await flush()
    expect(all.atOnce(two.opaque)).toEqual(two.opaque)
    all.compute(two.opaque)
    await flush()
    expect(kept.at(-1)).toEqual({ number: 2, crc32c: two.crc32c })
  })
})

describe('if ETags are not MD5s', () => {
  test.each(['opaque', 'of something else'])('every part gets its CRC32C: %s', async (kind) => {
    const { proofs: all, kept, one, two, three } = await proofs()
    const etag = kind === 'opaque' ? one.opaque.etag : three.receipt.etag
    expect(all.wants(one.part)).toEqual(['md5'])
    all.compute({ ...one.receipt, etag })
    await flush()
    expect(all.wants(two.part)).toEqual(['crc32c'])
    expect(all.atOnce(two.receipt)).toEqual(two.receipt)
    all.compute(two.receipt)
    await flush()
    expect(kept).toEqual([
      { number: 1, crc32c: one.crc32c },
      { number: 2, crc32c: two.crc32c },
    ])
  })

  test('a part that already has its CRC32C is not kept again', async () => {
    const { proofs: all, hasher, kept, one, two } = await proofs()
    all.wants(one.part)
    all.compute(one.opaque)
    await flush()
    all.compute({ ...two.opaque, crc32c: two.crc32c })
    await flush()
    expect([kept.length, hasher.reads.length]).toEqual([1, 2])
  })
})

test('the end aborts reads, and waits for proofs that are being kept', async () => {
  const { proofs: all, reads, hasher, one, two } = await proofs()
  all.wants(one.part)
  hasher.hold()
  all.compute(one.receipt)
  await flush()
  expect(hasher.open.size).toBe(1)
  await all.end()
  expect(hasher.open.size).toBe(0)

  let [done, isOver] = [(): void => {}, false]
  const keeping = new Promise<void>((resolve) => {
    done = resolve
  })
  const slow = new Proofs({ reads, keep: () => keeping })
  slow.wants(two.part)
  hasher.go()
  slow.compute(two.receipt)
  await flush()
  const end = slow.end().then(() => {
    isOver = true
  })
  await flush()
  expect(isOver).toBe(false)
  done()
  await end
})

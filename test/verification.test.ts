import { describe, expect, test } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { createLayout } from '../src/layout.ts'
import type { PartReceipt } from '../src/ports.ts'
import {
  confirmed,
  countable,
  sampleOf,
  type Verification,
  type Verify,
  verifyParts,
} from '../src/verification.ts'
import { md5Etag, StoringTransport } from './fakes/part-transport.ts'
import { digestOf, FakeHasher, fileOf, rig } from './fakes/uploader.ts'

const file = fileOf(40)
const layout = createLayout(40, 4)

async function bytesOf(number: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice((number - 1) * 4, number * 4).arrayBuffer())
}

type Kind = 'etag' | 'other etag' | 'md5' | 'crc32c' | 'other crc32c'

/** A receipt of a part of the file, with the given digests. */
async function receipt(number: number, ...kinds: readonly Kind[]): Promise<PartReceipt> {
  const bytes = await bytesOf(number)
  const of = (kind: Kind): object => {
    if (kind === 'etag') return { etag: md5Etag(bytes) }
    if (kind === 'other etag') return { etag: md5Etag(new Uint8Array([number])) }
    if (kind === 'md5') return { etag: md5Etag(bytes), md5: digestOf(bytes, 'md5') }
    return { crc32c: kind === 'crc32c' ? digestOf(bytes, 'crc32c') : 'ffffffff' }
  }
  return Object.assign({ number, size: 4, etag: '"opaque"' }, ...kinds.map(of))
}

/** The options of a verification, and a hasher that counts its reads. */
function verification(verify: Verify, signal: AbortSignal = new AbortController().signal) {
  const hasher = new FakeHasher()
  const options: Verification = { file, layout, verify, hasher, signal }
  return { options, hasher }
}

async function verified(
  receipts: readonly Promise<PartReceipt>[],
  verify: Verify = 'sample',
): Promise<{ outcome: unknown; reads: number }> {
  const { options, hasher } = verification(verify)
  const outcome = await verifyParts(await Promise.all(receipts), options).catch(
    ({ code, message }: { code: string; message: string }) => `${code} ${/part \d+/.exec(message)}`,
  )
  return { outcome, reads: hasher.reads.length }
}

describe('a sample', () => {
  test('of n is the first, the last and about log2(n) in between, evenly spread', () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 20, 100, 1_000, 9_999, 10_000]) {
      const sample = sampleOf(
        Array.from({ length: n }, (_, index) => index),
        'sample',
      )
      const wanted = Math.min(n, 2 + Math.floor(Math.log2(n)))
      expect([sample[0], sample.at(-1), sample.length]).toEqual([0, n - 1, wanted])
      const gaps = sample.slice(1).map((position, index) => position - Number(sample[index]))
      for (const gap of gaps) expect(Math.abs(gap - (n - 1) / (wanted - 1))).toBeLessThanOrEqual(1)
    }
  })

  test('is read with verify sample, every part with full, and nothing with none', async () => {
    const all = (): Promise<PartReceipt>[] =>
      Array.from({ length: 10 }, (_, index) => receipt(index + 1, 'crc32c'))
    expect(await verified(all())).toEqual({ outcome: undefined, reads: 5 })
    expect(await verified(all(), 'full')).toEqual({ outcome: undefined, reads: 10 })
    expect(await verified(all(), 'none')).toEqual({ outcome: undefined, reads: 0 })
  })
})

describe('a part is proven', () => {
  test.each([
    ['by its CRC32C', [receipt(1, 'crc32c'), receipt(2, 'other crc32c')]],
    ['by its ETag, if another is known to be an MD5', [receipt(1, 'md5'), receipt(2, 'other etag')]],
    [
      'by its ETag, if that of a part with a CRC32C turns out to be its MD5',
      [receipt(1, 'etag', 'crc32c'), receipt(2, 'other etag')],
    ],
  ])('%s', async (_, receipts) => {
    expect(await verified(receipts)).toMatchObject({ outcome: 'file-changed part 2' })
  })

  test.each([
    [
      'an ETag that is no MD5, as another part shows',
      [receipt(1, 'other etag', 'crc32c'), receipt(2, 'other etag')],
    ],
    ['an ETag that may not be an MD5', [receipt(1, 'other etag'), receipt(2, 'other etag')]],
    ['an ETag that looks like no MD5', [receipt(1, 'md5'), receipt(2)]],
    ['its ETag, if it has a CRC32C', [receipt(1, 'md5'), receipt(2, 'other etag', 'crc32c')]],
  ])('not by %s', async (_, receipts) => {
    expect(await verified(receipts)).toMatchObject({ outcome: undefined })
  })
})

describe('for a file that is picked again', () => {
  test.each<[string, Verify, readonly Promise<PartReceipt>[], readonly number[]]>([
    ['all parts if one is proven', 'sample', [receipt(1), receipt(2, 'crc32c')], [1, 2]],
    ['only proven parts with verify full', 'full', [receipt(1), receipt(2, 'crc32c')], [2]],
    ['all parts with verify none', 'none', [receipt(1), receipt(2)], [1, 2]],
    [
      'the parts whose ETag is their MD5 if there are no other proofs',
      'sample',
      [receipt(1), receipt(2, 'etag')],
      [2],
    ],
    ['no part if one ETag is another MD5', 'sample', [receipt(1, 'etag'), receipt(2, 'other etag')], []],
    ['no part if none can be compared', 'sample', [receipt(1), receipt(2)], []],
  ])('counts %s', async (_, verify, receipts, numbers) => {
    const counted = await countable(await Promise.all(receipts), verification(verify).options)
    expect(counted.map(({ number }) => number)).toEqual(numbers)
  })

  test('an ETag that was found to be the MD5 of its part counts as its proof from then on', async () => {
    const counted = await countable([await receipt(2, 'etag')], verification('sample').options)
    expect(counted).toEqual([await receipt(2, 'md5')])
  })
})

describe("a part that only the server's list has", () => {
  const all = (): Promise<readonly PartReceipt[]> =>
    Promise.all([receipt(1, 'other etag'), receipt(2, 'etag'), receipt(3, 'other etag'), receipt(4)])

  test('does not count if its ETag should be its MD5 and is not, and compared parts are not read again', async () => {
    const { options, hasher } = verification('etag')
    const left = await confirmed(await all(), [await receipt(1, 'other etag')], options)
    expect(left.map(({ number }) => number)).toEqual([1, 2, 4])
    expect(hasher.reads).toEqual([
      [4, 'md5'],
      [4, 'md5'],
    ])
  })

  test('counts without being read if ETags are not compared', async () => {
    const { options, hasher } = verification('sample')
    expect(await confirmed(await all(), [], options)).toEqual(await all())
    expect(hasher.reads).toEqual([])
  })
})

test('nothing more is read once the run has been cut', async () => {
  const reason = new Error('paused')
  const { options, hasher } = verification('etag', AbortSignal.abort(reason))
  hasher.digestAll = async (_blob, _algorithms, { signal }) => {
    signal.throwIfAborted()
    return {}
  }
  const [one, mixed] = [[await receipt(1, 'etag')], [await receipt(1, 'etag', 'crc32c')]]
  await expect(confirmed(one, [], options)).rejects.toBe(reason)
  await expect(countable(one, options)).rejects.toBe(reason)
  await expect(verifyParts(mixed, options)).rejects.toBe(reason)
})

describe('a storage whose ETags look like MD5s but are not', () => {
  /** The checkpoints of a visit that has stored all parts but the last. */
  async function left() {
    const { uploader, transport, checkpoints } = rig({
      transport: new StoringTransport(),
      checkpoints: memoryCheckpoints(),
    })
    transport.etag = (number) => md5Etag(new Uint8Array([number]))
    transport.fault = (number) => (number === 10 ? { status: 400, headers: {}, body: '' } : undefined)
    await expect(uploader.uploadFile(file)).rejects.toMatchObject({ status: 400 })
    return checkpoints
  }

  test('leaves CRC32Cs as proofs, so that the same file continues and other content is refused', async () => {
    const checkpoints = await left()
    const [stored] = await checkpoints.list()
    const receipts = stored?.receipts as readonly PartReceipt[]
    expect(receipts.filter(({ md5 }) => md5 !== undefined)).toEqual([])
    expect(receipts.filter(({ crc32c }) => crc32c !== undefined).length).toBeGreaterThan(1)
    const changed = new File([new Uint8Array(40)], file.name, { lastModified: file.lastModified })
    const other = rig({ transport: new StoringTransport(), checkpoints })
    await expect(other.uploader.uploadFile(changed)).rejects.toMatchObject({ code: 'file-changed' })
    const same = rig({ transport: new StoringTransport(), checkpoints })
    await same.uploader.uploadFile(file)
    expect(same.transport.stored).toEqual([10])
  })
})

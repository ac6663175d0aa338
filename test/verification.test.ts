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

/** A receipt of a part of the file, with what is known of it. */
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

/** What is verified, and how many parts are read for it. */
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

  test('is what is read, and with full every part, with none nothing', async () => {
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
    ['by its ETag, where another is known to be an MD5', [receipt(1, 'md5'), receipt(2, 'other etag')]],
    [
      'by its ETag, where that of one with a CRC32C turns out to be its MD5',
      [receipt(1, 'etag', 'crc32c'), receipt(2, 'other etag')],
    ],
  ])('%s', async (_, receipts) => {
    expect(await verified(receipts)).toMatchObject({ outcome: 'file-changed part 2' })
  })

  test.each([
    [
      'an ETag that is no MD5, as another shows',
      [receipt(1, 'other etag', 'crc32c'), receipt(2, 'other etag')],
    ],
    ['an ETag of which nothing is known', [receipt(1, 'other etag'), receipt(2, 'other etag')]],
    ['an ETag that looks like none', [receipt(1, 'md5'), receipt(2)]],
    ['an ETag, where it has a CRC32C', [receipt(1, 'md5'), receipt(2, 'other etag', 'crc32c')]],
  ])('not by %s', async (_, receipts) => {
    expect(await verified(receipts)).toMatchObject({ outcome: undefined })
  })
})

describe('of what is stored of a file that was picked again', () => {
  test.each<[string, Verify, readonly Promise<PartReceipt>[], readonly number[]]>([
    ['all where one is proven', 'sample', [receipt(1), receipt(2, 'crc32c')], [1, 2]],
    ['what is proven, where all is compared', 'full', [receipt(1), receipt(2, 'crc32c')], [2]],
    ['all where nothing is compared', 'none', [receipt(1), receipt(2)], [1, 2]],
    [
      'what has the MD5 of the file for its ETag, where no more is known',
      'sample',
      [receipt(1), receipt(2, 'etag')],
      [2],
    ],
    ['nothing where one of these is another', 'sample', [receipt(1, 'etag'), receipt(2, 'other etag')], []],
    ['nothing where nothing can be compared', 'sample', [receipt(1), receipt(2)], []],
  ])('counts %s', async (_, verify, receipts, numbers) => {
    const counted = await countable(await Promise.all(receipts), verification(verify).options)
    expect(counted.map(({ number }) => number)).toEqual(numbers)
  })

  test('an ETag that was found to be the MD5 of its part is its proof from then on', async () => {
    const counted = await countable([await receipt(2, 'etag')], verification('sample').options)
    expect(counted).toEqual([await receipt(2, 'md5')])
  })
})

describe('a part that only the server knew of', () => {
  const all = (): Promise<readonly PartReceipt[]> =>
    Promise.all([receipt(1, 'other etag'), receipt(2, 'etag'), receipt(3, 'other etag'), receipt(4)])

  test('does not count where its ETag is to be its MD5 and is another; those that were compared are not read again', async () => {
    const { options, hasher } = verification('etag')
    const left = await confirmed(await all(), [await receipt(1, 'other etag')], options)
    expect(left.map(({ number }) => number)).toEqual([1, 2, 4])
    expect(hasher.reads).toEqual([
      [4, 'md5'],
      [4, 'md5'],
    ])
  })

  test('counts unread where ETags are not to be compared', async () => {
    const { options, hasher } = verification('sample')
    expect(await confirmed(await all(), [], options)).toEqual(await all())
    expect(hasher.reads).toEqual([])
  })
})

test('nothing is read any more when the run has been cut', async () => {
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

describe('a storage whose ETags look like MD5s and are none', () => {
  /** What a visit has left that has stored all parts but the last. */
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

  test('gets CRC32Cs as proofs: the same file goes on, and one with other content is refused', async () => {
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

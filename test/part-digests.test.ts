import { describe, expect, test } from 'vitest'
import { HttpError } from '../src/errors.ts'
import { createLayout, partOf } from '../src/layout.ts'
import { dressed, type Kept, PartDigests, type PartDigestsOptions } from '../src/part-digests.ts'
import type { CrcAlgorithm, PartReceipt, PartTarget } from '../src/ports.ts'
import { flush } from './fakes/clock.ts'
import { GatedHasher } from './fakes/gated-hasher.ts'
import { FakePartTransport, md5Etag, StoringTransport } from './fakes/part-transport.ts'
import { digestOf, FakeHasher, fileOf, rig } from './fakes/uploader.ts'

/** An upload whose parts are stored while its digests are still being computed. */
async function stored(options: { readonly checksum?: CrcAlgorithm } = {}) {
  const hasher = new GatedHasher()
  const made = rig({ ...options, transport: new FakePartTransport(), hasher })
  const upload = made.uploader.uploadFile(fileOf(8))
  for (const request of await made.transport.take(2)) request.store()
  await flush()
  return { ...made, hasher, upload }
}

describe('the digests of parts', () => {
  test('that are only proofs are not waited for, and are aborted', async () => {
    const { upload, hasher } = await stored()
    expect([upload.state.status, hasher.started, hasher.open.size]).toEqual(['done', 1, 0])
  })

  test('that are only proofs are the MD5 of the first part alone if ETags are MD5s', async () => {
    const { uploader, hasher } = rig({ transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(40))
    expect(hasher.reads).toEqual([[4, 'md5']])
  })

  test('that a checksum needs are waited for and read once, even if proofs need others', async () => {
    const { upload, hasher } = await stored({ checksum: 'crc32' })
    expect(upload.state.status).toBe('uploading')
    hasher.go()
    expect((await upload).checksums).toHaveProperty('crc32')
    // The other two would be the proofs, since these ETags are no MD5s. They are aborted before they read anything.
    expect([hasher.started, hasher.reads.length]).toEqual([4, 2])
  })

  test('are also the proofs if the checksum is a CRC32C', async () => {
    const { upload, hasher } = await stored({ checksum: 'crc32c' })
    hasher.go()
    await upload
    expect(hasher.reads).toEqual([
      [4, 'crc32c'],
      [4, 'crc32c'],
    ])
  })

  test('are not computed for a file of one part, which is sent again instead of compared', async () => {
    const { uploader, transport, hasher } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).store()
    await upload
    expect(hasher.reads).toEqual([])
  })

  test('are aborted by a pause', async () => {
    const { upload, hasher } = await stored({ checksum: 'crc32' })
    expect(hasher.open.size).toBe(2)
    upload.pause()
    await flush()
    expect(hasher.open.size).toBe(0)
    upload.resume()
    hasher.go()
    expect((await upload).checksums).toHaveProperty('crc32')
  })

  test('are aborted by a failure', async () => {
    const hasher = new GatedHasher()
    const { uploader, transport } = rig({ transport: new FakePartTransport(), hasher, checksum: 'crc32' })
    const upload = uploader.uploadFile(fileOf(8))
    const [first] = await transport.take(2)
    first?.respond({ status: 400 })
    for (const request of transport.open) request.store()
    await expect(upload).rejects.toBeInstanceOf(HttpError)
    expect(hasher.open.size).toBe(0)
  })
})

const file = fileOf(8)
const layout = createLayout(8, 4)

async function bytesOf(number: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(number * 4 - 4, number * 4).arrayBuffer())
}

/** The digests of a run, and those of them that were kept. */
function digests<H extends FakeHasher>(hasher: H, options: Partial<PartDigestsOptions> = {}) {
  const keptOf: (Kept & { number: number })[] = []
  const kill = new AbortController()
  const made = new PartDigests({
    file,
    layout,
    hasher,
    verify: 'none',
    whole: [],
    kill: kill.signal,
    keep: async (number, kept) => void keptOf.push({ number, ...kept }),
    onUnfitEtags: () => {},
    ...options,
  })
  return { digests: made, kept: keptOf, kill, hasher }
}

describe('the digests of a stored part', () => {
  const receipt: PartReceipt = { number: 2, size: 4, etag: '"e"' }

  test('are kept once they are there if its receipt had to be written without them', async () => {
    const { digests: all, kept, hasher } = digests(new GatedHasher(), { whole: ['crc32', 'crc64nvme'] })
    all.begin(partOf(layout, 2))
    expect(all.atOnce(receipt)).toEqual(receipt)
    all.compute(all.atOnce(receipt))
    hasher.go()
    await all.settled()
    const bytes = await bytesOf(2)
    const own = { crc32: digestOf(bytes, 'crc32'), crc64nvme: digestOf(bytes, 'crc64nvme') }
    expect([kept, hasher.started]).toEqual([[{ number: 2, ...own }], 1])
    expect(all.atOnce(receipt)).toEqual({ ...receipt, ...own })
    // Nothing is missing any more, and then one of the two is.
    all.compute(all.atOnce(receipt))
    await all.settled()
    expect(kept).toHaveLength(1)
    all.compute({ ...receipt, crc32: own.crc32 })
    await all.settled()
    expect(kept).toHaveLength(2)
  })

  test('that a checksum needs are not aborted together with those that would only be proofs', async () => {
    const { digests: all, kept, hasher } = digests(new GatedHasher(), { verify: 'sample', whole: ['crc32'] })
    all.begin(partOf(layout, 2))
    all.compute(receipt)
    const settled = all.settled()
    await flush()
    hasher.go()
    await settled
    expect([kept.map(({ crc32 }) => typeof crc32), hasher.reads.length]).toEqual([['string'], 1])
  })

  test('are computed again if a visit has lost them, only those, and aborted with the run', async () => {
    const { digests: all, kept, hasher } = digests(new FakeHasher(), { whole: ['crc32', 'crc32c'] })
    await all.again([{ ...receipt, crc32: '00000000' }])
    expect(hasher.reads).toEqual([[4, 'crc32c']])
    expect(kept).toEqual([{ number: 2, crc32c: digestOf(await bytesOf(2), 'crc32c') }])
    const slow = digests(new GatedHasher(), { whole: ['crc32', 'crc32c'] })
    const again = expect(slow.digests.again([receipt])).rejects.toThrow('paused')
    slow.kill.abort(new Error('paused'))
    await slow.digests.end()
    expect(slow.hasher.open.size).toBe(0)
    await again
  })

  test.each([
    ['are', (all: PartDigests) => all.compute(receipt)],
    ['that were lost are', (all: PartDigests) => void all.again([receipt])],
  ])('%s under way until they are kept', async (_, begin) => {
    let done = (): void => {}
    const keeping = new Promise<void>((resolve) => {
      done = resolve
    })
    const { digests: all } = digests(new FakeHasher(), { whole: ['crc32'], keep: () => keeping })
    begin(all)
    await flush()
    let isOver = false
    const end = all.end().then(() => {
      isOver = true
    })
    await flush()
    expect(isOver).toBe(false)
    done()
    await end
  })

  test('include its MD5 only if that is its ETag, since it would say what other ETags are', async () => {
    const { digests: all } = digests(new FakeHasher(), { verify: 'etag' })
    const bytes = await bytesOf(2)
    const same = { ...receipt, etag: md5Etag(bytes) }
    await all.confirm(receipt)
    expect(all.atOnce(same)).toEqual({ ...same, md5: digestOf(bytes, 'md5') })
    expect(all.atOnce(receipt)).toEqual(receipt)
  })
})

test('a target that wants no digest is not changed', () => {
  const target: PartTarget = {
    number: 1,
    url: 'https://s.test/1',
    method: 'PUT',
    headers: {},
    validFor: undefined,
  }
  expect(dressed(target, { md5: 'ab' })).toBe(target)
  const wanting = { ...target, digest: { algorithm: 'md5', header: 'content-md5' } } as const
  expect(dressed(wanting, { md5: '00ff' }).headers).toEqual({ 'content-md5': 'AP8=' })
})

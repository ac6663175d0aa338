import { describe, expect, test } from 'vitest'
import { createLayout } from '../src/layout.ts'
import { PartReads } from '../src/part-reads.ts'
import { flush } from './fakes/clock.ts'
import { GatedHasher } from './fakes/gated-hasher.ts'
import { digestOf, fileOf } from './fakes/uploader.ts'

const file = fileOf(8)
const { signal } = new AbortController()

async function reads() {
  const hasher = new GatedHasher()
  const bytes = new Uint8Array(await file.slice(4, 8).arrayBuffer())
  return {
    hasher,
    reads: new PartReads({ file, layout: createLayout(8, 4), hasher }),
    md5: digestOf(bytes, 'md5'),
    crc32: digestOf(bytes, 'crc32'),
    sha256: digestOf(bytes, 'sha256'),
  }
}

describe('the digests of a part', () => {
  test('are computed once for all callers, during the read and afterwards', async () => {
    const { reads: all, hasher, md5, crc32, sha256 } = await reads()
    const first = all.of(2, ['md5', 'crc32'], signal)
    const second = all.of(2, ['crc32', 'sha256'], signal)
    hasher.go()
    expect([await first, await second]).toEqual([
      { md5, crc32 },
      { crc32, sha256 },
    ])
    expect(await all.of(2, ['sha256', 'md5'], signal)).toEqual({ sha256, md5 })
    expect(hasher.reads).toEqual([
      [4, 'md5 crc32'],
      [4, 'sha256'],
    ])
  })

  test('are known once they have been computed, and not before', async () => {
    const { reads: all, hasher, md5 } = await reads()
    expect(all.known(2)).toEqual({})
    const reading = all.of(2, ['md5'], signal)
    await flush()
    expect(all.known(2)).toEqual({})
    hasher.go()
    await reading
    hasher.hold()
    const { signal: cut } = new AbortController()
    all.of(2, ['sha256'], cut).catch(() => {})
    expect(all.known(2)).toEqual({ md5 })
    expect(all.known(1)).toEqual({})
  })

  test('are computed again if the read was aborted', async () => {
    const { reads: all, hasher, md5 } = await reads()
    const end = new AbortController()
    const cut = all.of(2, ['md5'], end.signal)
    end.abort(new Error('not needed'))
    await expect(cut).rejects.toThrow('not needed')
    hasher.go()
    expect(await all.of(2, ['md5'], signal)).toEqual({ md5 })
  })
})

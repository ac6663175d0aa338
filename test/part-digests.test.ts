import { describe, expect, test } from 'vitest'
import { HttpError } from '../src/errors.ts'
import type { Checksums, CrcAlgorithm, DigestAlgorithm, DigestCall } from '../src/ports.ts'
import { flush } from './fakes/clock.ts'
import { FakePartTransport, StoringTransport } from './fakes/part-transport.ts'
import { FakeHasher, fileOf, rig } from './fakes/uploader.ts'

/** Digests when it is told to, and gives up when its signal aborts. */
class SlowHasher extends FakeHasher {
  #go = (): void => {}
  readonly #until = new Promise<void>((resolve) => {
    this.#go = resolve
  })
  readonly open = new Set<string>()
  started = 0

  go(): void {
    this.#go()
  }

  override async digestAll(
    blob: Blob,
    algorithms: readonly DigestAlgorithm[],
    call: DigestCall,
  ): Promise<Checksums> {
    const { signal } = call
    const name = `${++this.started} ${algorithms.join(' ')}`
    this.open.add(name)
    try {
      await new Promise<void>((resolve, reject) => {
        if (signal.aborted) reject(signal.reason)
        signal.addEventListener('abort', () => reject(signal.reason))
        this.#until.then(resolve)
      })
      return await super.digestAll(blob, algorithms, call)
    } finally {
      this.open.delete(name)
    }
  }
}

/** Its parts are stored, and its digests are still being computed. */
async function stored(options: { readonly checksum?: CrcAlgorithm } = {}) {
  const hasher = new SlowHasher()
  const made = rig({ ...options, transport: new FakePartTransport(), hasher })
  const upload = made.uploader.uploadFile(fileOf(8))
  for (const request of await made.transport.take(2)) request.store()
  await flush()
  return { ...made, hasher, upload }
}

describe('the digests of parts', () => {
  test('that are only proofs are not waited for, and are given up', async () => {
    const { upload, hasher } = await stored()
    expect([upload.state.status, hasher.started, hasher.open.size]).toEqual(['done', 1, 0])
  })

  test('that are only proofs are the MD5 of the first part, where ETags are MD5s', async () => {
    const { uploader, hasher } = rig({ transport: new StoringTransport() })
    await uploader.uploadFile(fileOf(40))
    expect(hasher.reads).toEqual([[4, 'md5']])
  })

  test('that a checksum needs are waited for, and read once, also where others are for proofs', async () => {
    const { upload, hasher } = await stored({ checksum: 'crc32' })
    expect(upload.state.status).toBe('uploading')
    hasher.go()
    expect((await upload).checksums).toHaveProperty('crc32')
    // The others would be the proofs of both parts, for these ETags are no MD5s, and are given up before they read anything.
    expect([hasher.started, hasher.reads.length]).toEqual([4, 2])
  })

  test('are the proofs, too, where the checksum is a CRC32C', async () => {
    const { upload, hasher } = await stored({ checksum: 'crc32c' })
    hasher.go()
    await upload
    expect(hasher.reads).toEqual([
      [4, 'crc32c'],
      [4, 'crc32c'],
    ])
  })

  test('are none for a file of one part, which is sent again rather than looked at', async () => {
    const { uploader, transport, hasher } = rig()
    const upload = uploader.uploadFile(fileOf(4))
    ;(await transport.next()).store()
    await upload
    expect(hasher.reads).toEqual([])
  })

  test('end with a pause', async () => {
    const { upload, hasher } = await stored({ checksum: 'crc32' })
    expect(hasher.open.size).toBe(2)
    upload.pause()
    await flush()
    expect(hasher.open.size).toBe(0)
    upload.resume()
    hasher.go()
    expect((await upload).checksums).toHaveProperty('crc32')
  })

  test('end with a failure', async () => {
    const hasher = new SlowHasher()
    const { uploader, transport } = rig({ transport: new FakePartTransport(), hasher, checksum: 'crc32' })
    const upload = uploader.uploadFile(fileOf(8))
    const [first] = await transport.take(2)
    first?.respond({ status: 400 })
    for (const request of transport.open) request.store()
    await expect(upload).rejects.toBeInstanceOf(HttpError)
    expect(hasher.open.size).toBe(0)
  })
})

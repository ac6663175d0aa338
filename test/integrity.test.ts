import { describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { FileChangedError, FileUnreadableError, NetworkError } from '../src/errors.ts'
import { makers } from '../src/hashing/all-digests.ts'
import { digestBlob } from '../src/hashing/digest.ts'
import { streamed } from '../src/hashing/read-blob.ts'
import type { CrcAlgorithm, DigestState, PartTarget } from '../src/ports.ts'
import { readStored } from '../src/record.ts'
import type { Upload } from '../src/upload.ts'
import type { UploaderOptions } from '../src/uploader.ts'
import type { Verify } from '../src/verification.ts'
import type { UploadWarning } from '../src/warnings.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { md5Etag, StoringTransport } from './fakes/part-transport.ts'
import { digestOf, FakeHasher, fileOf, type Rig, rig } from './fakes/uploader.ts'
import { until } from './until.ts'

async function crcOf(file: Blob, algorithm: CrcAlgorithm): Promise<string> {
  return digestOf(new Uint8Array(await file.arrayBuffer()), algorithm)
}

type Options = Partial<UploaderOptions> & { readonly backend?: FakeBackend }

function storing(options: Options = {}): Rig<StoringTransport> {
  return rig({ ...options, transport: new StoringTransport() })
}

/** Lets time pass until the upload has settled. */
async function timely<T>({ clock }: Pick<Rig, 'clock'>, upload: PromiseLike<T>): Promise<T> {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  upload.then(settled, settled)
  while (!isSettled) await clock.advance(1_000)
  return upload
}

/** A `StoringTransport` that remembers the headers. */
class HeaderTransport extends StoringTransport {
  readonly headers: Readonly<Record<string, string>>[] = []

  override send(target: PartTarget, body: Blob, call: Parameters<StoringTransport['send']>[2]) {
    this.headers[target.number] = target.headers
    return super.send(target, body, call)
  }
}

describe('a checksum of the whole file', () => {
  const algorithms = ['crc32', 'crc32c', 'crc64nvme'] as const

  test.each(algorithms)('is combined from those of the parts, each read once (%s)', async (checksum) => {
    const { uploader, hasher } = storing({ checksum })
    const file = fileOf(10)
    const { checksums } = await uploader.uploadFile(file)
    expect(checksums).toEqual({ [checksum]: await crcOf(file, checksum) })
    const ofParts = hasher.reads.filter(([, algorithms]) => algorithms.includes(checksum))
    expect(ofParts.map(([size]) => size)).toEqual([4, 4, 2])
  })

  test("is given to the server if the backend wants one, beside the application's own", async () => {
    const backend = new FakeBackend()
    backend.whole = 'crc64nvme'
    const { uploader, hasher } = storing({ backend, checksum: 'crc32' })
    const file = fileOf(10)
    const { checksums } = await uploader.uploadFile(file)
    expect(backend.wholes[0]).toEqual({ size: 10, checksums })
    expect(checksums).toEqual({
      crc32: await crcOf(file, 'crc32'),
      crc64nvme: await crcOf(file, 'crc64nvme'),
    })
    expect(hasher.reads.filter(([, read]) => read.startsWith('crc64nvme crc32')).length).toBe(3)
  })

  test('of an empty file is that of no bytes', async () => {
    const { uploader } = storing({ checksum: 'crc32c' })
    expect((await uploader.uploadFile(fileOf(0))).checksums).toEqual({ crc32c: '00000000' })
  })

  test('follows the order of the bytes, not of the part numbers', async () => {
    const backend = new FakeBackend()
    const open = backend.open.bind(backend)
    const cuts = [
      { number: 7, offset: 0, size: 3 },
      { number: 2, offset: 3, size: 7 },
    ]
    backend.open = async (...parameters) => ({ ...(await open(...parameters)), cuts })
    const { uploader } = storing({ backend, checksum: 'crc32c' })
    const file = fileOf(10)
    expect((await uploader.uploadFile(file)).checksums).toEqual({ crc32c: await crcOf(file, 'crc32c') })
  })

  test('waits for parts that are still being read when the last one is stored', async () => {
    const { uploader, transport, hasher, backend } = rig({ checksum: 'crc32c' })
    const digestAll = hasher.digestAll.bind(hasher)
    const waiting: (() => void)[] = []
    hasher.digestAll = async (...parameters) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return digestAll(...parameters)
    }
    const upload = uploader.uploadFile(fileOf(8))
    for (const request of await transport.take(2)) request.store()
    await flush()
    expect([backend.completed.length, upload.progress.confirmed]).toEqual([0, 8])
    for (const go of waiting) go()
    expect((await upload).checksums).toEqual({ crc32c: await crcOf(fileOf(8), 'crc32c') })
  })

  test('after a crash needs only the parts whose values were lost to be read again', async () => {
    const checkpoints = memoryCheckpoints()
    const first = storing({ checkpoints, checksum: 'crc32c' })
    first.transport.fault = (number) => (number === 4 ? { status: 400, headers: {}, body: '' } : undefined)
    await expect(first.uploader.uploadFile(fileOf(16))).rejects.toMatchObject({ status: 400 })
    const [stored] = (await checkpoints.list()).map(readStored)
    const receipts = stored?.receipts ?? []
    expect(receipts.map(({ number }) => number)).toEqual([1, 2, 3])
    expect(receipts.every(({ crc32c }) => crc32c !== undefined)).toBe(true)
    // As a page leaves it that crashed before it had this value.
    const lost = { number: 2, size: 4, etag: receipts[1]?.etag ?? '' }
    await checkpoints.addReceipt(stored?.checkpoint.key ?? '', lost)
    const second = storing({ checkpoints, checksum: 'crc32c', verify: 'none' })
    const file = fileOf(16)
    const { checksums } = await second.uploader.uploadFile(file)
    expect(checksums).toEqual({ crc32c: await crcOf(file, 'crc32c') })
    expect(second.transport.stored).toEqual([4])
    // The one that was sent, and the one whose value was lost.
    expect(second.hasher.reads.length).toBe(2)
  })

  test('fails the upload if it was requested and cannot be computed', async () => {
    const { uploader, hasher } = storing({ checksum: 'crc32c' })
    hasher.digestAll = () => Promise.reject(new Error('no way'))
    await expect(uploader.uploadFile(fileOf(8))).rejects.toThrow('no way')
  })

  test('of an unknown kind is refused at once', () => {
    // @ts-expect-error
    expect(() => rig({ checksum: 'adler32' })).toThrow('Expected `checksum` to be one of crc32')
  })
})

describe('a header with the digest of a part', () => {
  test.each([
    ['md5', 'Content-MD5'],
    ['crc32c', 'x-amz-checksum-crc32c'],
    ['sha256', 'x-amz-checksum-sha256'],
  ] as const)('is there in base64 before the part is sent (%s)', async (algorithm, header) => {
    const backend = new FakeBackend()
    backend.target = { digest: { header, algorithm } }
    const transport = new HeaderTransport()
    const { uploader } = rig({ backend, transport })
    const file = fileOf(10)
    await uploader.uploadFile(file)
    const bytes = new Uint8Array(await file.arrayBuffer())
    const expected = [bytes.subarray(0, 4), bytes.subarray(4, 8), bytes.subarray(8)].map((part) =>
      Buffer.from(digestOf(part, algorithm), 'hex').toString('base64'),
    )
    expect(transport.headers.slice(1).map((headers) => headers[header])).toEqual(expected)
  })

  test('costs one read of each part, whatever else it is digested for and however often it is sent', async () => {
    const backend = new FakeBackend()
    backend.target = { digest: { header: 'Content-MD5', algorithm: 'md5' } }
    backend.whole = 'crc64nvme'
    const { uploader, transport, hasher, clock } = storing({ backend, checksum: 'crc32c', verify: 'etag' })
    let faults = 2
    transport.fault = () => (faults-- > 0 ? { status: 503, headers: {}, body: '' } : undefined)
    const upload = uploader.uploadFile(fileOf(10))
    await timely({ clock }, upload)
    expect(hasher.reads.map(([size]) => size).sort()).toEqual([2, 4, 4])
    expect(hasher.reads[0]?.[1].split(' ').sort()).toEqual(['crc32c', 'crc64nvme', 'md5'])
  })

  test('takes no place in the line while it is computed', async () => {
    const backend = new FakeBackend({ partSize: 4 })
    backend.target = { digest: { header: 'Content-MD5', algorithm: 'md5' } }
    const { uploader, transport, hasher } = rig({ backend, concurrency: 1 })
    const upload = uploader.uploadFile(fileOf(8))
    const first = await transport.next()
    await flush()
    // The second part is read while the first is on its way.
    expect(hasher.reads.length).toBe(2)
    first.store()
    ;(await transport.next()).store()
    await upload
  })
})

describe("with verify 'etag'", () => {
  async function warned(of: Rig<StoringTransport>, size = 12): Promise<readonly UploadWarning['code'][]> {
    const upload = of.uploader.uploadFile(fileOf(size))
    const codes: UploadWarning['code'][] = []
    upload.on('warning', ({ code }) => codes.push(code))
    await timely(of, upload)
    return codes
  }

  test('a part whose ETag is not its MD5 is sent again', async () => {
    const one = storing({ verify: 'etag' })
    let times = 1
    one.transport.etag = (number, bytes) =>
      md5Etag(number === 2 && times-- > 0 ? bytes.map((byte) => byte ^ 1) : bytes)
    expect(await warned(one)).toEqual([])
    expect(one.transport.stored.toSorted()).toEqual([1, 2, 2, 3])
  })

  test('a part that never arrives intact fails the upload, with its number in the error', async () => {
    const { uploader, transport, clock, backend } = storing({ verify: 'etag' })
    transport.etag = (number, bytes) => md5Etag(number === 2 ? bytes.map((byte) => byte ^ 1) : bytes)
    const upload = uploader.uploadFile(fileOf(12))
    await expect(timely({ clock }, upload)).rejects.toMatchObject({
      code: 'corrupted',
      partNumber: 2,
      help: expect.stringContaining('changes bytes'),
    })
    expect(backend.completed).toEqual([])
  })

  test('a part that arrives damaged differently each time fails the upload if other ETags were MD5s', async () => {
    const { uploader, transport, clock, backend } = storing({ verify: 'etag' })
    transport.etag = (number, bytes) =>
      md5Etag(number === 2 ? crypto.getRandomValues(new Uint8Array(9)) : bytes)
    const upload = uploader.uploadFile(fileOf(12))
    await expect(timely({ clock }, upload)).rejects.toMatchObject({ code: 'corrupted', partNumber: 2 })
    expect(backend.completed).toEqual([])
  })

  test('a receipt is kept only once the part is known to be intact', async () => {
    const { uploader, transport, checkpoints, clock } = storing({ verify: 'etag' })
    transport.etag = (number, bytes) => md5Etag(number === 1 ? bytes.map((byte) => byte ^ 1) : bytes)
    const added = vi.spyOn(checkpoints, 'addReceipt')
    await expect(timely({ clock }, uploader.uploadFile(fileOf(12)))).rejects.toMatchObject({
      code: 'corrupted',
    })
    expect(added.mock.calls.map(([, { number }]) => number)).not.toContain(1)
  })

  test.each([
    ['do not look like MD5s', (number: number) => `"opaque-${number}"`, 3],
    ['are new at every PUT, as with SSE-KMS', () => md5Etag(crypto.getRandomValues(new Uint8Array(9))), 4],
  ])('ETags that %s are not compared, and one warning says so', async (_, etag, least) => {
    const one = storing({ verify: 'etag' })
    one.transport.etag = etag
    expect(await warned(one)).toEqual(['etag'])
    expect(one.transport.stored.length).toBeGreaterThanOrEqual(least)
  })

  test("a part that only the server's list has is compared before it counts", async () => {
    const first = storing({ verify: 'etag' })
    first.transport.fault = (number) => (number >= 3 ? { status: 400, headers: {}, body: '' } : undefined)
    await expect(first.uploader.uploadFile(fileOf(16))).rejects.toMatchObject({ status: 400 })
    const backend = new FakeBackend()
    const kept = [...first.transport.parts].filter(([number]) => number < 3)
    const listed = kept.map(([number, bytes]) => ({ number, size: 4, etag: md5Etag(bytes) }))
    // Its page died before it had compared them. One part is intact and one is not.
    const good = md5Etag(new Uint8Array(await fileOf(16).slice(8, 12).arrayBuffer()))
    const bad = md5Etag(new Uint8Array(4))
    backend.listed = [...listed, { number: 3, size: 4, etag: good }, { number: 4, size: 4, etag: bad }]
    const second = storing({ verify: 'etag', checkpoints: first.checkpoints, backend })
    const [key = ''] = (await first.checkpoints.list()).map((stored) => readStored(stored)?.checkpoint.key)
    const stored = (await first.checkpoints.load(key))?.receipts.map((receipt) => Object(receipt).number)
    expect(stored).toEqual([1, 2])
    await second.uploader.uploadFile(fileOf(16))
    expect(second.transport.stored).toEqual([4])
  })

  test("a file that is picked again is compared as with verify 'sample'", async () => {
    const first = storing({ verify: 'etag' })
    first.transport.fault = (number) => (number === 3 ? { status: 400, headers: {}, body: '' } : undefined)
    await expect(first.uploader.uploadFile(fileOf(12))).rejects.toMatchObject({ status: 400 })
    const other = new File([new Uint8Array(12)], 'file.bin', { lastModified: 1 })
    const second = storing({ verify: 'etag', checkpoints: first.checkpoints })
    await expect(second.uploader.uploadFile(other)).rejects.toMatchObject({ code: 'file-changed' })
  })
})

describe('a digest of the whole file that a reload interrupts', () => {
  const state: DigestState = {
    algorithm: 'xxhash64',
    offset: 6,
    build: 'a',
    state: '',
    checked: 4,
    check: 'c',
  }

  /** Reports a state, and then hangs until it is aborted. */
  class InterruptedHasher extends FakeHasher {
    override digest(...[, , call]: Parameters<FakeHasher['digest']>): Promise<string> {
      call.onState?.(state)
      return new Promise((_, reject) =>
        call.signal.addEventListener('abort', () => reject(call.signal.reason)),
      )
    }
  }

  test('continues where it stopped', async () => {
    const checkpoints = memoryCheckpoints()
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    rig({ checkpoints, backend, hasher: new InterruptedHasher() }).uploader.uploadFile(fileOf(9))
    await flush()
    const second = storing({ checkpoints, backend })
    expect((await second.uploader.uploadFile(fileOf(9))).checksums).toEqual({ xxhash64: 'digest-of-9' })
    expect(second.hasher.from).toEqual([state])
  })

  /** Does what the workers do, in this process, and counts the bytes of the file that it reads. */
  class RealHasher extends FakeHasher {
    read = 0

    override async digest(...[blob, algorithm, call]: Parameters<FakeHasher['digest']>): Promise<string> {
      if (algorithm !== 'xxhash64') return super.digest(blob, algorithm, call)
      const options = { makers, source: streamed, onProgress: () => {}, onState: call.onState }
      const slice = blob.slice.bind(blob)
      blob.slice = (start = 0, end = blob.size) => {
        this.read += end - start
        return slice(start, end)
      }
      const digests = await digestBlob({ blob, algorithms: [algorithm], from: call.from }, options)
      return digests[algorithm] ?? ''
    }
  }

  test('is checked against the current file by its last bytes if only opening was left, and taken again if they differ', async () => {
    const [size, mebibyte] = [32 * 1024 * 1024, 1024 * 1024]
    const checkpoints = memoryCheckpoints()
    const visit = (last: number, open: FakeBackend['open']): { upload: Upload; hasher: RealHasher } => {
      const backend = new FakeBackend({ fileDigest: 'xxhash64' })
      Object.assign(backend, { open, limits: { ...backend.limits, maxPartSize: size } })
      const hasher = new RealHasher()
      const { uploader } = rig({ checkpoints, backend, hasher })
      const bytes = new Uint8Array(size).fill(last, size - 1)
      return { upload: uploader.uploadFile(new File([bytes], 'a', { lastModified: 1 })), hasher }
    }
    const first = visit(0, () => new Promise(() => {}))
    await until(() => expect(first.upload.state.status).toBe('opening'))

    const seen: string[] = []
    for (const last of [0, 1]) {
      const opened = vi.fn()
      const { upload, hasher } = visit(last, async ({ digest }) => {
        opened(digest)
        throw new FileChangedError('the test wants no more of it')
      })
      await expect(upload).rejects.toThrow('no more')
      seen.push(`${hasher.read === mebibyte ? 'a mebibyte' : 'all'} read, ${opened.mock.calls}`)
    }
    const of = async (last: number): Promise<string> => {
      const blob = new Blob([new Uint8Array(size).fill(last, size - 1)])
      const reading = { blob, algorithms: ['xxhash64'] as const }
      return (await digestBlob(reading, { makers, source: streamed, onProgress: () => {} })).xxhash64 ?? ''
    }
    expect(seen).toEqual([`a mebibyte read, ${await of(0)}`, `all read, ${await of(1)}`])
  }, 30_000)

  test('continues after a pause in the same page', async () => {
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const hasher = new FakeHasher()
    const digest = hasher.digest.bind(hasher)
    hasher.digest = InterruptedHasher.prototype.digest
    const { uploader } = rig({ backend, hasher, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(9))
    await flush()
    upload.pause()
    await flush()
    hasher.digest = digest
    upload.resume()
    await upload
    expect(hasher.from).toEqual([state])
  })

  test('starts over if the application has switched to another digest since', async () => {
    const checkpoints = memoryCheckpoints()
    const before = new FakeBackend({ fileDigest: 'xxhash64' })
    rig({ checkpoints, backend: before, hasher: new InterruptedHasher() }).uploader.uploadFile(fileOf(9))
    await flush()
    const second = storing({ checkpoints, backend: new FakeBackend({ fileDigest: async () => 'mine' }) })
    await second.uploader.uploadFile(fileOf(9))
    expect(second.backend.opened[0]?.digest).toBe('mine')
  })

  test('leaves nothing behind when the upload is cancelled, however slow the storage is', async () => {
    const checkpoints = memoryCheckpoints()
    const save = checkpoints.save.bind(checkpoints)
    let release = (): void => {}
    checkpoints.save = async (checkpoint) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return save(checkpoint)
    }
    const backend = new FakeBackend({ fileDigest: 'xxhash64' })
    const { uploader } = rig({ checkpoints, backend, hasher: new InterruptedHasher() })
    const upload = uploader.uploadFile(fileOf(9))
    await flush()
    const cancelling = upload.cancel()
    await flush()
    release()
    await cancelling
    expect(await checkpoints.list()).toEqual([])
  })
})

test('a slow hasher gives a warning', async () => {
  const { uploader, hasher } = storing({ checksum: 'crc32' })
  const digestAll = hasher.digestAll.bind(hasher)
  hasher.digestAll = (blob, algorithms, call) => {
    call.onWarning?.('Files are digested without a worker')
    return digestAll(blob, algorithms, call)
  }
  const upload = uploader.uploadFile(fileOf(3))
  const warnings: UploadWarning[] = []
  upload.on('warning', (warning) => warnings.push(warning))
  await upload
  expect(warnings).toMatchObject([{ code: 'hashing', cause: 'Files are digested without a worker' }])
})

/** As in Firefox: a read gives the file's current content. */
class OverwrittenFile extends File {
  #bytes = new Uint8Array(12)

  constructor() {
    super([new Uint8Array(12)], 'film.mp4', { lastModified: 1 })
  }

  overwrite(): void {
    this.#bytes = new Uint8Array(12).fill(1)
  }

  override slice(from?: number, to?: number): Blob {
    return new Blob([this.#bytes.slice(from, to)])
  }
}

describe('a file that is overwritten while it is sent, in a browser that keeps reading it', () => {
  type Sending = {
    readonly verify?: Verify
    readonly etagOf?: (bytes: Uint8Array) => string
    readonly happens?: (file: OverwrittenFile, rig: Rig) => void
    readonly lasts?: number
  }

  /** Sends three parts, lets something happen before the third, and lets the given time pass. */
  async function sent({ verify = 'sample', etagOf = md5Etag, happens, lasts = 10_000 }: Sending) {
    const file = new OverwrittenFile()
    const started = rig({ concurrency: 1, verify })
    const { uploader, transport, clock } = started
    const upload = uploader.uploadFile(file)
    for (const number of [1, 2, 3]) {
      const request = await transport.next()
      expect(request.number).toBe(number)
      if (number === 2) happens?.(file, started)
      if (number === 3) await clock.advance(lasts)
      request.store(etagOf(new Uint8Array(await request.body.arrayBuffer())))
      await flush()
    }
    return { ...started, upload }
  }

  const overwritten = (file: OverwrittenFile): void => file.overwrite()

  test.each([
    ['MD5s', md5Etag],
    ['of their own', () => '"of-its-own"'],
  ])('is not completed (ETags are %s)', async (_, etagOf) => {
    const { upload, backend } = await sent({ etagOf, happens: overwritten })
    await expect(upload).rejects.toThrow(FileChangedError)
    expect(backend.completed).toEqual([])
    expect(upload.state.status).toBe('failed')
  })

  test('is sent with its new content by restart()', async () => {
    const { upload, transport, backend } = await sent({ happens: overwritten })
    await expect(upload).rejects.toThrow(FileChangedError)
    upload.restart()
    for (const number of [1, 2, 3]) {
      const request = await transport.next()
      expect([request.number, [...new Uint8Array(await request.body.arrayBuffer())]]).toEqual([
        number,
        [1, 1, 1, 1],
      ])
      request.store()
    }
    await upload
    expect(backend.completed).toHaveLength(1)
  })

  test('is not read once more if sending took less than ten seconds', async () => {
    const { upload, hasher } = await sent({ lasts: 9_000 })
    await upload
    const quick = hasher.reads.length
    const slow = await sent({})
    await slow.upload
    expect(slow.hasher.reads.length).toBe(quick + 3)
  })

  test("is not compared with verify 'none'", async () => {
    const { upload, hasher } = await sent({ verify: 'none', happens: overwritten })
    await upload
    expect(hasher.reads).toEqual([])
  })

  test('is not compared if the server may have completed the upload before the change', async () => {
    const file = new OverwrittenFile()
    const { uploader, transport, backend } = rig({ retry: { attempts: 1 } })
    backend.failNext('complete', new NetworkError('no answer'))
    const upload = uploader.uploadFile(file)
    for (const number of [1, 2, 3]) {
      const request = await transport.next()
      expect(request.number).toBe(number)
      request.store(md5Etag(new Uint8Array(await request.body.arrayBuffer())))
    }
    await expect(upload).rejects.toMatchObject({ code: 'network' })
    file.overwrite()
    upload.resume()
    await upload
    expect(upload.state.status).toBe('done')
  })

  test('is completed if it can no longer be read once all of it is stored', async () => {
    const { upload, backend } = await sent({
      happens: (_, { hasher }) => {
        hasher.digest = () => Promise.reject(new FileUnreadableError('film.mp4'))
      },
    })
    await upload
    expect(backend.completed).toHaveLength(1)
  })
})

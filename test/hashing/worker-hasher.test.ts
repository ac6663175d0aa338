import { afterEach, describe, expect, test, vi } from 'vitest'
import { FileUnreadableError } from '../../src/errors.ts'
import type { HashRequest } from '../../src/hashing/protocol.ts'
import { workerHasher } from '../../src/hashing/worker-hasher.ts'
import type { DigestAlgorithm } from '../../src/ports.ts'
import { flush } from '../fakes/clock.ts'
import { type ScriptedWorker, scriptedWorkers } from '../fakes/hash-worker.ts'

const { signal } = new AbortController()
const check = new Blob(['123456789'])
const crc32c = 'e3069283'
const md5 = '25f9e794323b453885f5181f1b624d0b'

const answering = (worker: ScriptedWorker, { algorithms }: HashRequest): void =>
  worker.say({ type: 'done', digests: Object.fromEntries(algorithms.map((one) => [one, `of ${one}`])) })
const breaking = (worker: ScriptedWorker): void => void worker.breakDown()

/** A machine with this many cores, and optionally its network state. */
function machine(navigator: { hardwareConcurrency?: number; onLine?: boolean } | undefined): void {
  vi.stubGlobal('navigator', navigator)
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('a missing worker is reported to the first listener, even if digests were made before without one', async () => {
  const hasher = workerHasher(() => {
    throw new DOMException('no workers here', 'SecurityError')
  })
  const said: string[] = []
  const call = { signal, onWarning: (message: string) => said.push(message) }
  // Like parts that an earlier visit stored, which are digested before anything else.
  await hasher.digest(new Blob(['a']), 'md5', { signal })
  for (const one of [call, call]) await hasher.digest(new Blob(['a']), 'md5', one)
  expect(said).toEqual([expect.stringContaining('main thread')])
})

describe('the worker', () => {
  test.each([
    ['common', ['crc32', 'crc32c', 'crc64nvme', 'md5', 'xxhash64']],
    ['all', ['sha256']],
    ['all', ['md5', 'sha256']],
  ] as const)('is the %s one for %j', async (kind, algorithms) => {
    const { create, made } = scriptedWorkers(answering)
    const digests = await workerHasher(create).digestAll?.(check, algorithms, { signal })
    expect(digests).toEqual(Object.fromEntries(algorithms.map((one) => [one, `of ${one}`])))
    expect(made.map((one) => one.kind)).toEqual([kind])
  })

  test('reports states if somebody listens, and is told where to go on', async () => {
    const { create, made } = scriptedWorkers(answering)
    const hasher = workerHasher(create)
    expect(await hasher.digest(check, 'md5', { signal })).toBe('of md5')
    const from = { md5: 'ab', size: 1 } as never
    await hasher.digest(check, 'md5', { signal, from, onState: () => {} })
    expect(made.flatMap(({ requests }) => requests)).toEqual([
      { blob: check, algorithms: ['md5'], from: undefined, tellsStates: false },
      { blob: check, algorithms: ['md5'], from, tellsStates: true },
    ])
  })

  test.each([
    [undefined, 1],
    [{}, 1],
    [{ hardwareConcurrency: 1 }, 1],
    [{ hardwareConcurrency: 3 }, 2],
    [{ hardwareConcurrency: 64 }, 4],
  ])('is one of as many as the machine leaves to a page: %j', async (navigator, count) => {
    machine(navigator)
    const { create, made } = scriptedWorkers(() => {})
    const hasher = workerHasher(create)
    const aborting = new AbortController()
    const digests = Array.from({ length: 6 }, () => hasher.digest(check, 'md5', { signal: aborting.signal }))
    await flush()
    expect(made).toHaveLength(count)
    aborting.abort('enough')
    for (const digest of digests) await expect(digest).rejects.toBe('enough')
  })
})

describe('a worker that fails', () => {
  test('passes on its error message', async () => {
    const { create } = scriptedWorkers((worker) => worker.say({ type: 'failed', message: 'no memory' }))
    await expect(workerHasher(create).digest(check, 'md5', { signal })).rejects.toMatchObject({
      code: 'unexpected',
      message: 'the file could not be digested: no memory',
    })
  })

  test('is replaced once, without a warning', async () => {
    const { create, made } = scriptedWorkers((worker, request) =>
      made.length === 1 ? breaking(worker) : answering(worker, request),
    )
    const onWarning = vi.fn()
    const hasher = workerHasher(create)
    for (let times = 0; times < 2; times++)
      expect(await hasher.digest(check, 'md5', { signal, onWarning })).toBe('of md5')
    expect([made.length, onWarning.mock.calls]).toEqual([2, []])
  })

  test.each([
    ['a browser', { onLine: true }],
    ['what does not say that it is one', undefined],
  ])('twice, with its replacement, makes %s digest on the main thread', async (_, navigator) => {
    machine(navigator)
    const { create, made } = scriptedWorkers(breaking)
    const hasher = workerHasher(create)
    const onWarning = vi.fn()
    for (const algorithm of ['crc32c', 'md5'] as const)
      expect(await hasher.digest(check, algorithm, { signal, onWarning })).toBe(
        algorithm === 'md5' ? md5 : crc32c,
      )
    expect([made.length, onWarning.mock.calls]).toEqual([
      2,
      [['Files are digested without a worker, on the main thread']],
    ])
  })

  test('to load offline is tried again later', async () => {
    machine({ onLine: false })
    const { create, made } = scriptedWorkers(breaking)
    const hasher = workerHasher(create)
    for (let times = 0; times < 2; times++) expect(await hasher.digest(check, 'md5', { signal })).toBe(md5)
    expect(made).toHaveLength(4)
  })

  test('is not replaced for a digest that nobody needs any more', async () => {
    const aborting = new AbortController()
    const { create, made } = scriptedWorkers((worker) => {
      worker.breakDown()
      queueMicrotask(() => queueMicrotask(() => aborting.abort('enough')))
    })
    await expect(workerHasher(create).digest(check, 'md5', { signal: aborting.signal })).rejects.toBe(
      'enough',
    )
    expect(made).toHaveLength(1)
  })

  test('because it lacks the algorithm leaves the digest to the main thread, without a warning', async () => {
    const { create } = scriptedWorkers((worker) => worker.say({ type: 'unsupported', message: 'md5' }))
    const onWarning = vi.fn()
    expect(await workerHasher(create).digest(check, 'md5', { signal, onWarning })).toBe(md5)
    expect(onWarning).not.toHaveBeenCalled()
  })

  test('to read a file that the page can read leaves the digest to the main thread', async () => {
    const { create } = scriptedWorkers((worker) => worker.say({ type: 'unreadable', message: 'no' }))
    const onWarning = vi.fn()
    expect(await workerHasher(create).digest(check, 'md5', { signal, onWarning })).toBe(md5)
    expect(onWarning).toHaveBeenCalledTimes(1)
  })

  test('to read a file that the page cannot read either is reported, after one byte of the file was tried', async () => {
    const { create } = scriptedWorkers((worker) => worker.say({ type: 'unreadable', message: 'no' }))
    const sizes: number[] = []
    for (const file of [new File(['123'], 'a.bin'), new Blob(['123'])]) {
      const slice = file.slice.bind(file)
      file.slice = (...range) => {
        const piece = slice(...range)
        sizes.push(piece.size)
        piece.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'))
        return piece
      }
      const failure = await workerHasher(create)
        .digest(file, 'md5', { signal })
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(FileUnreadableError)
      expect(failure).toMatchObject({ file: file instanceof File ? 'a.bin' : 'the file' })
    }
    expect(sizes).toEqual([1, 1])
  })

  test('to use WebAssembly goes on without it, with one warning', async () => {
    const { create } = scriptedWorkers((worker, request) => {
      worker.say({ type: 'plain' })
      answering(worker, request)
    })
    const onWarning = vi.fn()
    const hasher = workerHasher(create)
    for (let times = 0; times < 2; times++) await hasher.digest(check, 'md5', { signal, onWarning })
    expect(onWarning.mock.calls).toEqual([['Files are digested without WebAssembly, which the page forbids']])
  })
})

describe('on the main thread', () => {
  const forbidden = (): Worker => {
    throw new DOMException('no workers here', 'SecurityError')
  }
  /** A file of which only the last byte can be read, as on a failing disk. */
  function broken(error: unknown): File {
    const file = new File(['123456789'], 'a.bin')
    file.slice = () => {
      const piece = new Blob(['1'])
      piece.arrayBuffer = () => Promise.reject(error)
      return piece
    }
    return file
  }

  test('a digest reports its progress', async () => {
    const onProgress = vi.fn()
    await workerHasher(forbidden).digest(check, 'md5', { signal, onProgress })
    expect(onProgress).toHaveBeenLastCalledWith(9)
  })

  test("an unreadable file is reported by its name, with the browser's message", async () => {
    const gone = new DOMException('gone', 'NotReadableError')
    await expect(workerHasher(forbidden).digest(broken(gone), 'md5', { signal })).rejects.toMatchObject({
      code: 'file-unreadable',
      file: 'a.bin',
      cause: expect.stringContaining('gone'),
    })
  })

  test('a digest that is not available anywhere is an error', async () => {
    const unknown = 'md6' as DigestAlgorithm
    await expect(workerHasher(forbidden).digest(check, unknown, { signal })).rejects.toMatchObject({
      code: 'unexpected',
      message: expect.stringContaining('could not be digested'),
    })
  })

  test('an abort rejects with its reason', async () => {
    const aborting = new AbortController()
    const onProgress = (): void => aborting.abort('enough')
    const digest = workerHasher(forbidden).digest(new Blob([new Uint8Array(9_000_000)]), 'md5', {
      signal: aborting.signal,
      onProgress,
    })
    await expect(digest).rejects.toBe('enough')
  })

  test('a warning says if WebAssembly is forbidden there too', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const onWarning = vi.fn()
    const hasher = workerHasher((kind) => scriptedWorkers(refusing).create(kind))
    expect(await hasher.digest(check, 'crc32c', { signal, onWarning })).toBe(crc32c)
    expect(onWarning.mock.calls).toEqual([[expect.stringContaining('WebAssembly')]])
  })

  const refusing = (worker: ScriptedWorker): void => worker.say({ type: 'unsupported', message: '' })
})

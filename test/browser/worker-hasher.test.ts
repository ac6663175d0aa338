import { sha256, xxhash64 } from 'hash-wasm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FileUnreadableError } from '../../src/errors.ts'
import { type WorkerKind, workerHasher } from '../../src/hashing/worker-hasher.ts'
import type { DigestState } from '../../src/ports.ts'
import { until } from '../until.ts'

const never = new AbortController().signal

function createWorker(kind: WorkerKind): Worker {
  return kind === 'all'
    ? new Worker(new URL('../../src/hashing/worker-all.ts', import.meta.url), { type: 'module' })
    : new Worker(new URL('../../src/hashing/worker.ts', import.meta.url), { type: 'module' })
}

/** A machine with this many cores. */
function cores(count: number): void {
  vi.spyOn(navigator, 'hardwareConcurrency', 'get').mockReturnValue(count)
}

afterEach(() => {
  vi.restoreAllMocks()
})

function bytes(size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size)
  for (let index = 0; index < size; index++) all[index] = (index * 31 + (index >> 10)) % 251
  return all
}

/** Records what becomes of each worker. */
function watched(): { create: (kind: WorkerKind) => Worker; ended: () => number; made: () => number } {
  let made = 0
  let ended = 0
  const create = (kind: WorkerKind): Worker => {
    made += 1
    const worker = createWorker(kind)
    const terminate = worker.terminate.bind(worker)
    worker.terminate = () => {
      ended += 1
      terminate()
    }
    return worker
  }
  return { create, made: () => made, ended: () => ended }
}

describe('the hasher', () => {
  test.each([0, 1, 1000, 8 * 1024 * 1024, 20_000_001])(
    'digests a file of %i bytes as the reference implementation does',
    async (size) => {
      const file = new File([bytes(size)], 'a')
      const digest = await workerHasher(createWorker).digest(file, 'xxhash64', { signal: never })
      expect(digest).toBe(await xxhash64(bytes(size)))
      expect(digest).toMatch(/^[\da-f]{16}$/)
    },
  )

  test.each([
    ['crc32c', 'e3069283'],
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
    ['xxhash64', '8cb841db40e6ae83'],
  ] as const)('gives the check value of %s', async (algorithm, digest) => {
    const check = new Blob(['123456789'])
    expect(await workerHasher(createWorker).digest(check, algorithm, { signal: never })).toBe(digest)
  })

  test('reports the bytes that it has read, ascending, up to all of them', async () => {
    const seen: number[] = []
    const onProgress = (read: number): void => void seen.push(read)
    await workerHasher(createWorker).digest(new Blob([bytes(20_000_000)]), 'xxhash64', {
      signal: never,
      onProgress,
    })
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(20_000_000)
    // Every 4 MiB, or a little later, as the pieces arrive.
    expect(seen.length).toBeGreaterThanOrEqual(3)
    expect(seen.length).toBeLessThanOrEqual(5)
  })

  test('digests one file after the other in one worker, and ends the worker when nothing is left to do', async () => {
    cores(2)
    const { create, made, ended } = watched()
    const hasher = workerHasher(create)
    const sizes = [10, 3_000_000, 500]
    const digests = await Promise.all(
      sizes.map((size) => hasher.digest(new Blob([bytes(size)]), 'xxhash64', { signal: never })),
    )
    expect(digests).toEqual(await Promise.all(sizes.map((size) => xxhash64(bytes(size)))))
    expect([made(), ended()]).toEqual([1, 0])
    await until(() => expect(ended()).toBe(1))
    expect(made()).toBe(1)
  })

  test('uses a worker per file on a machine with enough cores, and at most four', async () => {
    cores(64)
    const { create, made, ended } = watched()
    const hasher = workerHasher(create)
    const digest = (size: number) => hasher.digest(new Blob([bytes(size)]), 'xxhash64', { signal: never })
    await Promise.all([digest(10), digest(20)])
    expect(made()).toBe(2)
    const sizes = Array.from({ length: 9 }, (_, index) => 1_000_000 + index)
    expect(await Promise.all(sizes.map(digest))).toEqual(
      await Promise.all(sizes.map((size) => xxhash64(bytes(size)))),
    )
    expect(made()).toBe(4)
    await until(() => expect(ended()).toBe(4))
  })

  test('uses the larger worker only for digests that the smaller one cannot make', async () => {
    const kinds: WorkerKind[] = []
    const hasher = workerHasher((kind) => {
      kinds.push(kind)
      return createWorker(kind)
    })
    const check = new Blob(['123456789'])
    const common = await hasher.digestAll?.(check, ['crc32c', 'md5'], { signal: never })
    expect(common).toEqual({ crc32c: 'e3069283', md5: '25f9e794323b453885f5181f1b624d0b' })
    expect(await hasher.digest(check, 'sha256', { signal: never })).toBe(await sha256('123456789'))
    expect(kinds).toEqual(['common', 'all'])
  })

  test('goes on in another worker where an earlier one stopped, and reads only the rest', async () => {
    const file = new File([bytes(140 * 1024 * 1024)], 'a')
    const hasher = workerHasher(createWorker)
    const states: DigestState[] = []
    const onState = (state: DigestState): void => void states.push(state)
    const whole = await hasher.digest(file, 'md5', { signal: never, onState })
    const seen: number[] = []
    const onProgress = (read: number): void => void seen.push(read)
    const rest = await hasher.digest(file, 'md5', { signal: never, from: states[0], onProgress })
    expect(rest).toBe(whole)
    expect(seen[0]).toBeGreaterThan(128 * 1024 * 1024)
  }, 30_000)

  test('ends the work at once at an abort, and digests the next file in a new worker', async () => {
    cores(2)
    const { create, made, ended } = watched()
    const hasher = workerHasher(create)
    const controller = new AbortController()
    const first = hasher.digest(new Blob([bytes(60_000_000)]), 'xxhash64', {
      signal: controller.signal,
      onProgress: () => controller.abort('enough'),
    })
    const second = hasher.digest(new Blob([bytes(100)]), 'xxhash64', { signal: never })
    await expect(first).rejects.toBe('enough')
    expect(await second).toBe(await xxhash64(bytes(100)))
    expect(made()).toBe(2)
    await until(() => expect(ended()).toBe(2))
  })

  test('ends idle workers even if another worker could not be created', async () => {
    cores(64)
    const { create, ended } = watched()
    const hasher = workerHasher((kind) => {
      if (kind === 'all') throw new DOMException('not hosted', 'SecurityError')
      return create(kind)
    })
    await hasher.digest(new Blob(['a']), 'md5', { signal: never })
    await hasher.digest(new Blob(['a']), 'sha256', { signal: never })
    await until(() => expect(ended()).toBe(1))
  })

  test('has one URL for its script with the script-tag build, however many workers are ended before their first message', async () => {
    vi.stubGlobal('LONGHAUL_WORKER_SOURCE', 'onmessage = () => {}')
    const create = vi.spyOn(URL, 'createObjectURL')
    const { defaultHasher } = await import('../../src/hashing/inline-hasher.ts')
    for (let count = 0; count < 3; count++) {
      const controller = new AbortController()
      const digest = defaultHasher().digest(new Blob(['a']), 'md5', { signal: controller.signal })
      controller.abort('enough')
      await expect(digest).rejects.toBe('enough')
    }
    expect(create).toHaveBeenCalledTimes(1)
    vi.unstubAllGlobals()
  })

  test('drops a file that waits in line as soon as it is aborted', async () => {
    const hasher = workerHasher(createWorker)
    const first = hasher.digest(new Blob([bytes(20_000_000)]), 'xxhash64', { signal: never })
    const controller = new AbortController()
    const second = hasher.digest(new Blob([bytes(10)]), 'xxhash64', { signal: controller.signal })
    controller.abort('enough')
    await expect(second).rejects.toBe('enough')
    await first
  })

  test.each([
    [
      'forbidden',
      (): Worker => {
        throw new DOMException('no workers here', 'SecurityError')
      },
    ],
    ['missing', (): Worker => new Worker('/there-is-no-such-worker.js')],
  ])('goes on without a worker if it is %s, and says so once', async (_, create) => {
    const onProgress = vi.fn()
    const onWarning = vi.fn()
    const made = vi.fn(create)
    const hasher = workerHasher(made)
    const digest = hasher.digest(new Blob([bytes(3_000_000)]), 'xxhash64', {
      signal: never,
      onProgress,
      onWarning,
    })
    expect(await digest).toBe(await xxhash64(bytes(3_000_000)))
    expect(onProgress).toHaveBeenLastCalledWith(3_000_000)
    expect(await hasher.digest(new Blob(['a']), 'sha256', { signal: never, onWarning })).toBe(
      await sha256('a'),
    )
    expect(onWarning.mock.calls).toEqual([[expect.stringContaining('main thread')]])
    // The first, and the one in its place. After that the failure is known.
    expect(made).toHaveBeenCalledTimes(2)
  })

  test('tries workers again later that could not be loaded offline', async () => {
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    let made = 0
    const hasher = workerHasher((kind) => {
      made += 1
      return navigator.onLine ? createWorker(kind) : new Worker('/there-is-no-such-worker.js')
    })
    const digest = () => hasher.digest(new Blob(['a']), 'xxhash64', { signal: never })
    await digest()
    online.mockReturnValue(true)
    expect(await digest()).toBe(await xxhash64('a'))
    expect(made).toBe(3)
  })

  test('yields to other tasks if it has to work on the main thread', async () => {
    const hasher = workerHasher(() => {
      throw new DOMException('no workers here', 'SecurityError')
    })
    let turns = 0
    const ticking = setInterval(() => {
      turns += 1
    })
    const blob = new Blob([bytes(20_000_000)])
    await hasher.digest(blob, 'sha256', { signal: never })
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(5)
  })

  test('replaces a broken worker once, and digests the file from its beginning', async () => {
    const breaking = URL.createObjectURL(
      new Blob(["addEventListener('message', () => { throw new Error('broken down') })"]),
    )
    let made = 0
    const hasher = workerHasher((kind) => {
      made += 1
      return made === 1 ? new Worker(breaking) : createWorker(kind)
    })
    const onWarning = vi.fn()
    const digest = hasher.digest(new Blob([bytes(100)]), 'xxhash64', { signal: never, onWarning })
    expect(await digest).toBe(await xxhash64(bytes(100)))
    expect([made, onWarning.mock.calls.length]).toEqual([2, 0])
  })

  /** Like WebKit's error in a page that is a file. */
  function readsNothing(): Worker {
    const script = `onmessage = () => postMessage({ type: 'unreadable', message: 'The I/O read operation failed.' })`
    return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
  }

  test('digests on the main thread if a worker may not read what the page can', async () => {
    const warnings: string[] = []
    const call = { signal: never, onWarning: (message: string) => warnings.push(message) }
    const file = new File([bytes(5_000)], 'file.bin')
    const digest = await workerHasher(readsNothing).digest(file, 'xxhash64', call)
    expect(digest).toBe(await xxhash64(bytes(5_000)))
    expect(warnings).toEqual([expect.stringContaining('on the main thread')])
  })

  /** Reads up to its position again and again. If that is the position of a disk error, it reads no further. */
  function stutters(isBroken: boolean): Worker {
    const state = JSON.stringify({ algorithm: 'xxhash64', offset: 4_000, state: 'as far as it got' })
    const script = `onmessage = ({ data: { from } }) => {
      postMessage({ type: 'progress', bytes: 4_500 })
      if (from && !${isBroken}) return postMessage({ type: 'done', digests: { xxhash64: from.state } })
      postMessage({ type: 'state', state: ${state} })
      postMessage({ type: 'unreadable', message: 'The disk is away for a moment.' })
    }`
    return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
  }

  test.each([
    ['goes on where it was when the disk is back', false, 'as far as it got'],
    ['is told, where it is the same place again', true, FileUnreadableError],
  ])(
    'rejects a file that a worker cannot read beyond some position %s, without the main thread',
    async (_, isBroken, end) => {
      const onWarning = vi.fn()
      const onState = vi.fn()
      const file = new File([bytes(5_000)], 'file.bin')
      const hasher = workerHasher(() => stutters(isBroken))
      const digest = await hasher
        .digest(file, 'xxhash64', { signal: never, onWarning, onState })
        .catch((error: unknown) => Object(error).constructor)
      expect(digest).toBe(end)
      expect(onWarning).not.toHaveBeenCalled()
      expect(onState).toHaveBeenCalled()
    },
  )

  test('can be stopped while the disk does not answer, even if workers cannot read', async () => {
    const file = new File([bytes(5_000)], 'file.bin')
    const stop = new AbortController()
    file.slice = () => {
      const hanging = new Blob(['a'])
      hanging.arrayBuffer = () => {
        stop.abort(new Error('paused'))
        return new Promise(() => {})
      }
      return hanging
    }
    const digest = workerHasher(readsNothing).digest(file, 'xxhash64', { signal: stop.signal })
    await expect(digest).rejects.toThrow('paused')
  })

  test('rejects if the page cannot read the file either', async () => {
    const file = new File([bytes(5_000)], 'file.bin')
    file.slice = () => {
      const gone = new Blob(['a'])
      gone.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'))
      return gone
    }
    const digest = workerHasher(readsNothing).digest(file, 'xxhash64', { signal: never })
    await expect(digest).rejects.toMatchObject({ code: 'file-unreadable', file: 'file.bin' })
  })

  test('digests on the main thread if the worker does not know the algorithm', async () => {
    const hasher = workerHasher(() => createWorker('common'))
    expect(await hasher.digest(new Blob(['a']), 'sha256', { signal: never })).toBe(await sha256('a'))
  })
})

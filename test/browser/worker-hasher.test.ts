import { xxhash64 } from 'hash-wasm'
import { describe, expect, test, vi } from 'vitest'
import { workerHasher } from '../../src/hashing/worker-hasher.ts'

const never = new AbortController().signal

function createWorker(): Worker {
  return new Worker(new URL('../../src/hashing/worker.ts', import.meta.url), { type: 'module' })
}

function bytes(size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size)
  for (let index = 0; index < size; index++) all[index] = (index * 31 + (index >> 10)) % 251
  return all
}

/** Remembers what becomes of each worker. */
function watched(): { create: () => Worker; ended: () => number; made: () => number } {
  let made = 0
  let ended = 0
  const create = (): Worker => {
    made += 1
    const worker = createWorker()
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
    'digests a file of %i bytes as the reference does',
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

  test('tells the bytes it has read, ascending, up to all of them', async () => {
    const seen: number[] = []
    const onProgress = (read: number): void => void seen.push(read)
    await workerHasher(createWorker).digest(new Blob([bytes(20_000_000)]), 'xxhash64', {
      signal: never,
      onProgress,
    })
    expect(seen).toEqual([8 * 1024 * 1024, 16 * 1024 * 1024, 20_000_000])
  })

  test('digests one file after the other in one worker, and ends it when there is nothing more', async () => {
    const { create, made, ended } = watched()
    const hasher = workerHasher(create)
    const sizes = [10, 3_000_000, 500]
    const digests = await Promise.all(
      sizes.map((size) => hasher.digest(new Blob([bytes(size)]), 'xxhash64', { signal: never })),
    )
    expect(digests).toEqual(await Promise.all(sizes.map((size) => xxhash64(bytes(size)))))
    expect([made(), ended()]).toEqual([1, 1])
  })

  test('an abort ends the work at once, and the next file is digested by a new worker', async () => {
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
    expect([made(), ended()]).toEqual([2, 2])
  })

  test('a file that waits in line is given up without ado', async () => {
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
  ])('goes on without a worker where it is %s', async (_, create) => {
    const onProgress = vi.fn()
    const digest = workerHasher(create).digest(new Blob([bytes(3_000_000)]), 'xxhash64', {
      signal: never,
      onProgress,
    })
    expect(await digest).toBe(await xxhash64(bytes(3_000_000)))
    expect(onProgress).toHaveBeenLastCalledWith(3_000_000)
  })
})

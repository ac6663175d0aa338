import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { makers } from '../../src/hashing/all-digests.ts'
import { type DigestOptions, digestBlob, UnsupportedError } from '../../src/hashing/digest.ts'
import { ReadError, type Source, sliced, streamed } from '../../src/hashing/read-blob.ts'
import { Shelf } from '../../src/hashing/shelf.ts'
import type { DigestAlgorithm, DigestState } from '../../src/ports.ts'

const mebibyte = 1024 * 1024

/** A content and its digest, from the catalogues and the reference implementations. */
const checkValues: Readonly<Record<DigestAlgorithm, readonly [content: string, digest: string]>> = {
  blake3: ['123456789', 'b7d65b48420d1033cb2595293263b6f72eabee20d55e699d0df1973b3c9deed1'],
  crc32: ['123456789', 'cbf43926'],
  crc32c: ['123456789', 'e3069283'],
  crc64nvme: ['123456789', 'ae8b14860a799888'],
  md5: ['123456789', '25f9e794323b453885f5181f1b624d0b'],
  sha1: ['123456789', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  sha256: ['123456789', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  xxhash128: ['', '99aa06d3014798d86001c324468d497f'],
  xxhash3: ['', '2d06800538d394c2'],
  xxhash32: ['123456789', '937bad67'],
  xxhash64: ['123456789', '8cb841db40e6ae83'],
}
const algorithms = Object.keys(checkValues) as DigestAlgorithm[]

/** Reads the file in slices of this size. */
function by(size: number): Source {
  return async function* slices(blob, start) {
    for (let offset = start; offset < blob.size; offset += size)
      yield new Uint8Array(await blob.slice(offset, offset + size).arrayBuffer())
  }
}

const usual: DigestOptions = { makers, source: by(mebibyte), onProgress: () => {} }

/** A page whose policy lacks 'wasm-unsafe-eval'. */
const refused: DigestOptions['makers'] = Object.fromEntries(
  algorithms.map((algorithm) => [
    algorithm,
    () => Promise.reject(new WebAssembly.CompileError("Refused to compile: 'wasm-unsafe-eval'")),
  ]),
)

function blobOf(size: number): Blob {
  const bytes = new Uint8Array(size)
  for (let index = 0; index < size; index++) bytes[index] = (index * 31 + (index >> 10)) % 251
  return new Blob([bytes])
}

function failingStream(cause: unknown): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ pull: (controller) => controller.error(cause) })
}

/** A file of zeros, of which nothing is read twice and nothing is held in memory. */
class Zeros extends Blob {
  readonly #size: number
  read = 0

  constructor(size: number) {
    super()
    this.#size = size
  }

  override get size(): number {
    return this.#size
  }

  override slice(start: number, end: number): Blob {
    this.read += Math.min(end, this.#size) - start
    return new Blob([new Uint8Array(Math.min(end, this.#size) - start)])
  }
}

describe('a digest', () => {
  test.each(algorithms)('has the published check value of %s', async (algorithm) => {
    const [content, digest] = checkValues[algorithm]
    const reading = { blob: new Blob([content]), algorithms: [algorithm] }
    expect(await digestBlob(reading, usual)).toEqual({ [algorithm]: digest })
  })

  test('reads the file once for several algorithms', async () => {
    const blob = new Zeros(3 * mebibyte + 5)
    const digests = await digestBlob({ blob, algorithms }, usual)
    expect(blob.read).toBe(blob.size)
    for (const algorithm of algorithms)
      expect({ [algorithm]: digests[algorithm] }).toEqual(
        await digestBlob({ blob, algorithms: [algorithm] }, usual),
      )
  })

  test.each(['md5', 'sha1', 'sha256'] as const)(
    "is the same %s as Node's, whatever the slices",
    async (name) => {
      const blob = blobOf(100_003)
      const expected = createHash(name)
        .update(new Uint8Array(await blob.arrayBuffer()))
        .digest('hex')
      for (const sliceSize of [1_000, 65_536, 100_003, mebibyte])
        expect(await digestBlob({ blob, algorithms: [name] }, { ...usual, source: by(sliceSize) })).toEqual({
          [name]: expected,
        })
    },
  )

  test.each([
    ['by slices', sliced(4, 8)],
    ['as a stream', streamed],
  ])('is the same %s from any byte on', async (_, source) => {
    const blob = blobOf(1000)
    for (const start of [0, 1, 999, 1000]) {
      const pieces: Uint8Array<ArrayBuffer>[] = []
      for await (const piece of source(blob, start)) pieces.push(piece.slice())
      expect(await new Blob(pieces).arrayBuffer()).toEqual(await blob.slice(start).arrayBuffer())
    }
  })

  test.each([
    ['by slices', sliced(4, 8)],
    ['as a stream', streamed],
  ])('says so if the file cannot be read %s', async (_, source) => {
    const gone = new DOMException('gone', 'NotReadableError')
    const blob = blobOf(10)
    const failing = { arrayBuffer: () => Promise.reject(gone), stream: () => failingStream(gone) }
    blob.slice = () => Object.assign(new Blob(), failing)
    await expect(digestBlob({ blob, algorithms: ['md5'] }, { ...usual, source })).rejects.toThrow(ReadError)
  })

  test.each([
    ['by slices', sliced(4, 8)],
    ['as a stream', streamed],
  ])(
    'is refused for a file that has become shorter, if it is read %s without an error as in Firefox',
    async (_, source) => {
      const blob = blobOf(10)
      const whole = blob.slice.bind(blob)
      let slices = 0
      blob.slice = (start = 0, end = 10) => {
        slices += 1
        if (slices > 10) throw new Error('it is read for ever')
        const rest = whole(start, Math.min(end, 6))
        const bytes = { arrayBuffer: () => rest.arrayBuffer(), stream: () => rest.stream() }
        return Object.assign(whole(start, end), bytes)
      }
      await expect(digestBlob({ blob, algorithms: ['md5'] }, { ...usual, source })).rejects.toThrow(ReadError)
    },
  )

  test('reports its progress now and then, and its end', async () => {
    const seen: number[] = []
    const onProgress = (read: number): void => void seen.push(read)
    const blob = new Zeros(10 * mebibyte + 1)
    await digestBlob({ blob, algorithms: ['crc32'] }, { ...usual, source: by(65_536), onProgress })
    expect(seen).toEqual([4 * mebibyte, 8 * mebibyte, 10 * mebibyte + 1])
  })

  test('uses smaller slices if they take too long, and larger ones again if they do not', async () => {
    const now = vi.spyOn(performance, 'now')
    let time = 0
    const sizes: number[] = []
    const slow = {
      update: (bytes: Uint8Array) => {
        sizes.push(bytes.length)
        // A byte takes 100 ns, and the second half of the file takes no time.
        time += sizes.length < 8 ? bytes.length / 10_000 : 0
      },
      digest: () => '',
    }
    now.mockImplementation(() => time)
    const options = { ...usual, makers: { md5: async () => slow }, source: sliced(256 * 1024, 8) }
    await digestBlob({ blob: new Zeros(4 * mebibyte), algorithms: ['md5'] }, options)
    now.mockRestore()
    // The slice that is read ahead may take longer; after it none takes more than the 8 ms.
    expect(sizes.slice(3, 8).every((size) => size <= 80_000)).toBe(true)
    expect(Math.max(...sizes.slice(8))).toBeGreaterThan(200_000)
  })
})

describe('a resumed digest', () => {
  /** The states of a file of 300 MiB, and its digest. */
  async function begun(algorithm: DigestAlgorithm): Promise<{ states: DigestState[]; digest: unknown }> {
    const states: DigestState[] = []
    const blob = new Zeros(300 * mebibyte)
    const onState = (state: DigestState): void => void states.push(state)
    const digest = await digestBlob({ blob, algorithms: [algorithm] }, { ...usual, onState })
    return { states, digest }
  }

  test.each(['xxhash64', 'md5', 'sha256', 'crc32c'] as const)(
    'by %s is the same, and reads only the rest',
    async (algorithm) => {
      const { states, digest } = await begun(algorithm)
      expect(states.map(({ offset }) => offset)).toEqual([128 * mebibyte, 256 * mebibyte, 300 * mebibyte])
      const blob = new Zeros(300 * mebibyte)
      const from = JSON.parse(JSON.stringify(states[1]))
      expect(await digestBlob({ blob, algorithms: [algorithm], from }, usual)).toEqual(digest)
      // And the slice before, to check that the file is still the same.
      expect(blob.read).toBe((44 + 1) * mebibyte)
    },
    30_000,
  )

  test('reads only the last bytes if it resumes at the end, and the whole file if these bytes differ', async () => {
    const { states, digest } = await begun('xxhash64')
    const algorithms = ['xxhash64'] as const
    const from = states.at(-1)
    const same = new Zeros(300 * mebibyte)
    expect(await digestBlob({ blob: same, algorithms, from }, usual)).toEqual(digest)
    expect(same.read).toBe(mebibyte)
    const edited = new Blob([new Uint8Array(299 * mebibyte), new Uint8Array(mebibyte).fill(1)])
    expect(await digestBlob({ blob: edited, algorithms, from }, usual)).toEqual(
      await digestBlob({ blob: edited, algorithms }, usual),
    )
  }, 30_000)

  test.each([
    [32 * mebibyte, [32 * mebibyte]],
    [32 * mebibyte - 1, []],
  ])('of %i bytes has a state at its end only if that saves more than it costs', async (size, offsets) => {
    const told: number[] = []
    const onState = ({ offset }: DigestState): void => void told.push(offset)
    await digestBlob({ blob: new Zeros(size), algorithms: ['xxhash64'] }, { ...usual, onState })
    expect(told).toEqual(offsets)
  })

  test('checks a whole mebibyte before it goes on, however small the last piece was', async () => {
    const states: DigestState[] = []
    const onState = (state: DigestState): void => void states.push(state)
    const reading = { blob: new Zeros(32 * mebibyte + 1), algorithms: ['xxhash64'] as const }
    await digestBlob(reading, { ...usual, onState })
    expect(states.map(({ checked }) => checked)).toEqual([mebibyte])
  })

  test('uses one digest for all its states, since Chromium has room for 125 WebAssembly memories and a file may have more states', async () => {
    const make = vi.fn(async () => {
      const digest = { init: () => {}, update: () => {}, digest: () => 'check', load: () => {} }
      return { ...digest, save: () => new Uint8Array(4) }
    })
    const piece = new Uint8Array(128 * mebibyte)
    async function* source(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (let count = 0; count < 5; count++) yield piece
    }
    const { makers } = new Shelf({ xxhash64: make })
    const onState = vi.fn()
    const reading = { blob: new Zeros(5 * piece.length), algorithms: ['xxhash64'] as const }
    await digestBlob(reading, { ...usual, makers, source, onState })
    expect(onState).toHaveBeenCalledTimes(5)
    expect(make).toHaveBeenCalledTimes(1)
  })

  test.each(algorithms)('by %s keeps at most 256 bytes of the file in a state', async (algorithm) => {
    // No four consecutive bytes occur twice.
    const bytes = new Uint8Array(
      Uint32Array.from({ length: 20_000 }, (_, at) => (at + 1) * 2_654_435_761).buffer,
    )
    const inLatin = (some: Uint8Array): string => Buffer.from(some).toString('latin1')
    const content = inLatin(bytes)
    let most = 0
    for (const size of [65_536, 65_599, 65_663, 65_791, 65_792, 66_559]) {
      const digest = await makers[algorithm]?.()
      digest?.init?.()
      digest?.update(bytes.slice(0, size))
      const state = inLatin(digest?.save?.() ?? new Uint8Array())
      for (let at = 0; at + most < state.length; at++)
        while (at + most < state.length && content.includes(state.slice(at, at + most + 1))) most += 1
    }
    expect(most).toBeLessThanOrEqual(256)
  })

  test.each(algorithms)('by %s is not disturbed by other digests between its states', async (algorithm) => {
    const digest = await makers[algorithm]?.()
    digest?.update(new TextEncoder().encode(checkValues[algorithm][0].slice(0, 4)))
    const state = digest?.save?.()
    digest?.init?.()
    digest?.update(new Uint8Array(100))
    await digest?.digest()
    if (state !== undefined) digest?.load?.(state)
    digest?.update(new TextEncoder().encode(checkValues[algorithm][0].slice(4)))
    expect(await digest?.digest()).toBe(checkValues[algorithm][1])
  })

  test('begins again if the bytes before its state are no longer the same', async () => {
    const [{ states }, algorithms] = [await begun('xxhash64'), ['xxhash64'] as const]
    const blob = new Blob([new Uint8Array(128 * mebibyte).fill(1), 'the rest'])
    expect(await digestBlob({ blob, algorithms, from: states[0] }, usual)).toEqual(
      await digestBlob({ blob, algorithms }, usual),
    )
  }, 30_000)

  const [build, check] = ['longhaul 2', '827ccb0eea8a706c4c34a16891f84e7b']
  const good: DigestState = { algorithm: 'md5', offset: 5, build, state: '', checked: 5, check }
  test.each([
    ['of another build', { build: 'hash-wasm 4' }],
    ['of another algorithm', { algorithm: 'sha256' }],
    ['of more than the file has', { offset: 1_000_000 }],
    ['that is not base64', { state: '%%' }],
    ['of other code', { state: btoa('something else') }],
  ] as const)('begins again with a state %s', async (_, wrong) => {
    const [blob, algorithms] = [new Blob(['123456789']), ['md5'] as const]
    const from: DigestState = { ...good, ...wrong }
    expect(await digestBlob({ blob, algorithms, from }, usual)).toEqual(
      await digestBlob({ blob, algorithms }, usual),
    )
  })
})

describe('if WebAssembly is refused', () => {
  test.each(['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'xxhash64'] as const)(
    '%s is the same by other means, and a warning says so',
    async (algorithm) => {
      const onPlain = vi.fn()
      const reading = { blob: blobOf(300_007), algorithms: [algorithm] }
      const plain = await digestBlob(reading, { ...usual, makers: refused, source: by(4096), onPlain })
      expect(plain).toEqual(await digestBlob(reading, usual))
      expect(onPlain.mock.calls).toEqual([[algorithm]])
    },
  )

  test.each([0, 1, 3, 4, 7, 8, 12, 31, 32, 33, 47, 64, 100])(
    'xxHash64 of %i bytes is the same',
    async (size) => {
      const reading = { blob: blobOf(size), algorithms: ['xxhash64'] as const }
      const plain = await digestBlob(reading, { ...usual, makers: refused, source: by(7) })
      expect(plain).toEqual(await digestBlob(reading, usual))
    },
  )

  test.each(['md5', 'xxhash3'] as const)(
    '%s is unavailable, and the error says what to do',
    async (algorithm) => {
      const reading = { blob: blobOf(10), algorithms: [algorithm] }
      const digest = digestBlob(reading, { ...usual, makers: refused })
      await expect(digest).rejects.toThrow(UnsupportedError)
      await expect(digest).rejects.toThrow("'wasm-unsafe-eval'")
    },
  )

  test('SHA-256 of more than fits into memory is unavailable too', async () => {
    const reading = { blob: new Zeros(65 * mebibyte), algorithms: ['sha256'] as const }
    await expect(digestBlob(reading, { ...usual, makers: refused })).rejects.toThrow(UnsupportedError)
  })
})

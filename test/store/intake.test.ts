import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { BodySink, type SinkFile } from '../../demo/server/store/intake/body-sink.ts'
import { createDigester, type DigestAlgorithm } from '../../demo/server/store/intake/digest-algorithm.ts'
import { DigestPool } from '../../demo/server/store/intake/digest-pool.ts'
import { SlabPool, slabSize } from '../../demo/server/store/intake/slab-pool.ts'
import { AwsChunkedDecoder } from '../../demo/server/store/protocol/aws-chunked.ts'
import { checksumAlgorithms } from '../../demo/server/store/protocol/checksum.ts'
import { until } from '../until.ts'

describe('a digest', () => {
  test.each<[DigestAlgorithm, string]>([
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
    ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ])('%s of the check text equals the published one, in however many pieces', async (algorithm, expected) => {
    const digester = await createDigester(algorithm)
    for (const piece of ['1234', '', '56789']) digester.update(Buffer.from(piece))
    expect(Buffer.from(digester.digest()).toString('hex')).toBe(expected)
  })
})

describe('the digests of a body', () => {
  test("are the same in a thread as in the store's own, even several at once", async () => {
    const pool = new DigestPool()
    const slab = new SharedArrayBuffer(1000)
    new Uint8Array(slab).fill(7)
    const algorithms: DigestAlgorithm[] = ['md5', ...checksumAlgorithms]
    const digest = async (size: number): Promise<[DigestAlgorithm, string][]> => {
      const body = pool.start(algorithms, size)
      pool.start(algorithms, size).drop()
      await Promise.all([body.update(slab, 1000), body.update(slab, 10)])
      return [...(await body.finish())].map(([algorithm, bytes]) => [algorithm, bytes.toString('hex')])
    }
    const inline = await digest(1010)
    expect(inline[0]).toEqual(['md5', createHash('md5').update(Buffer.alloc(1010, 7)).digest('hex')])
    expect(await digest(10_000_000)).toEqual(inline)
    await pool.close()
  })

  test('are rejected instead of hanging when their thread ends', async () => {
    const pool = new DigestPool()
    const body = pool.start(['md5'], 10_000_000)
    const update = body.update(new SharedArrayBuffer(10), 10)
    const refused = expect(update).rejects.toThrow('ended')
    await pool.close()
    await refused
  })
})

describe('a sink', () => {
  /** A file whose writes end when the test says so. */
  function slowFile() {
    const ends: ((bytesWritten?: number) => void)[] = []
    const write: SinkFile['write'] = (_bytes, _offset, length) =>
      new Promise((resolve) => ends.push((bytesWritten = length) => resolve({ bytesWritten })))
    return { file: { write }, ends }
  }

  function bodyOf(slabs: number): Readable {
    return Readable.from(Array.from({ length: slabs * 16 }, () => Buffer.alloc(slabSize / 16)))
  }

  test('ends when all that came in is written, and has few writes under way at once', async () => {
    const { file, ends } = slowFile()
    const sink = new BodySink({ slabs: new SlabPool(), file, digest: undefined })
    let ended = false
    const whole = pipeline(bodyOf(6), sink).then(() => {
      ended = true
    })
    for (const underway of [4, 4, 4, 3, 2, 1]) {
      await until(() => expect(ends).toHaveLength(underway))
      await setTimeout(5)
      expect([ends.length, ended]).toEqual([underway, false])
      ends.shift()?.()
    }
    await whole
    expect(sink.size).toBe(6 * slabSize)
  })

  test('fails if the file accepts less than it is given', async () => {
    const { file, ends } = slowFile()
    const sink = new BodySink({ slabs: new SlabPool(), file, digest: undefined })
    const refused = expect(pipeline(bodyOf(1), sink)).rejects.toThrow('wrote 5 of 1048576 bytes')
    await until(() => expect(ends).toHaveLength(1))
    ends.shift()?.(5)
    await refused
  })
})

describe('an aws-chunked body', () => {
  const framed = '4\r\nWiki\r\n6;extension=1\r\npedia \r\n0\r\nx-amz-checksum-crc32c: 4waSgw==\r\n\r\n'

  async function decode(pieces: readonly string[]): Promise<{ text: string; trailers: object }> {
    const decoder = new AwsChunkedDecoder()
    async function* source(): AsyncGenerator<Buffer> {
      for (const piece of pieces) yield Buffer.from(piece)
    }
    const decoded: Buffer[] = []
    for await (const chunk of decoder.decode(source())) decoded.push(chunk)
    return { text: Buffer.concat(decoded).toString(), trailers: Object.fromEntries(decoder.trailers) }
  }

  test.each([1, 2, 3, 7, 1000])('is decoded wherever the network cuts it: every %i bytes', async (size) => {
    const pieces = framed.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
    expect(await decode(pieces)).toEqual({
      text: 'Wikipedia ',
      trailers: { 'x-amz-checksum-crc32c': '4waSgw==' },
    })
  })

  test('is refused if it ends before its last chunk', async () => {
    await expect(decode(['4\r\nWiki\r\n'])).rejects.toMatchObject({ code: 'IncompleteBody' })
    await expect(decode(['4\r\nWi'])).rejects.toMatchObject({ code: 'IncompleteBody' })
  })

  test('is refused without sizes', async () => {
    await expect(decode(['Wikipedia\r\n'])).rejects.toMatchObject({ code: 'InvalidRequest' })
    await expect(decode(['x'.repeat(10_000)])).rejects.toMatchObject({ code: 'InvalidRequest' })
  })
})

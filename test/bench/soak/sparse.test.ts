import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSparseFile, md5OfPart, PartCheck } from '../../../bench/soak/sparse.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'longhaul-sparse-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [size, partSize] = [2_500_000, 1_000_000]

async function partsOfFile(): Promise<readonly Buffer[]> {
  const path = join(folder, `${Math.random()}.bin`)
  await makeSparseFile(path, size, partSize)
  const bytes = readFileSync(path)
  expect(bytes).toHaveLength(size)
  return [0, 1, 2].map((index) => bytes.subarray(index * partSize, (index + 1) * partSize))
}

describe('a sparse file', () => {
  test('takes hardly any room on the disk', async () => {
    const path = join(folder, 'large.bin')
    await makeSparseFile(path, 10 * 1024 ** 3, 1024 ** 3)
    const { size: bytes, blocks } = statSync(path)
    expect(bytes).toBe(10 * 1024 ** 3)
    expect(blocks * 512).toBeLessThan(1024 ** 2)
  })

  test('has parts whose MD5 is known without reading them', async () => {
    for (const [index, part] of (await partsOfFile()).entries())
      expect(md5OfPart(index + 1, part.length)).toBe(createHash('md5').update(part).digest('hex'))
  })

  test.each([1_000_000, 65_536, 999_997])(
    'is recognized part by part, in pieces of %i bytes',
    async (piece) => {
      for (const [index, part] of (await partsOfFile()).entries()) {
        const check = new PartCheck(index + 1, part.length)
        for (let at = 0; at < part.length; at += piece) {
          expect(check.isWhole).toBe(false)
          check.take(part.subarray(at, at + piece))
        }
        expect(check.received).toBe(part.length)
        expect(check.isWhole).toBe(true)
      }
    },
  )

  test('reveals a wrong part, a part that is too short or too long, and a single wrong byte', async () => {
    const [first = Buffer.alloc(0)] = await partsOfFile()
    const whole = (bytes: Buffer, number = 1): boolean => {
      const check = new PartCheck(number, partSize)
      check.take(bytes)
      return check.isWhole
    }
    expect(whole(first)).toBe(true)
    expect(whole(first, 2)).toBe(false)
    expect(whole(first.subarray(1))).toBe(false)
    expect(whole(Buffer.concat([first, Buffer.alloc(1)]))).toBe(false)
    const wrong = Buffer.from(first)
    wrong[500_000] = 1
    expect(whole(wrong)).toBe(false)
  })
})

import { describe, expect, test } from 'vitest'
import { makers } from '../../src/hashing/all-digests.ts'
import type { Digest } from '../../src/hashing/digest.ts'
import { Shelf } from '../../src/hashing/shelf.ts'
import type { DigestAlgorithm } from '../../src/ports.ts'

const content = new TextEncoder().encode('123456789')
const algorithms = Object.keys(makers) as DigestAlgorithm[]

async function lent(shelf: Shelf, algorithm: DigestAlgorithm): Promise<Digest> {
  const digest = await shelf.makers[algorithm]?.()
  if (digest === undefined) throw new Error(`no ${algorithm}`)
  return digest
}

describe('the shelf of digests', () => {
  test.each(algorithms)(
    '%s is reused, and starts from its beginning if it was left in the middle',
    async (algorithm) => {
      const shelf = new Shelf(makers)
      const first = await lent(shelf, algorithm)
      first.update(content)
      const expected = await first.digest()
      shelf.takeBack()

      const unfinished = await lent(shelf, algorithm)
      expect(unfinished).toBe(first)
      unfinished.update(content)
      shelf.takeBack()

      const last = await lent(shelf, algorithm)
      expect(last).toBe(first)
      last.update(content)
      expect(await last.digest()).toBe(expected)
    },
  )

  test('lends two digests if one request needs the same one twice', async () => {
    const shelf = new Shelf(makers)
    expect(await lent(shelf, 'crc32c')).not.toBe(await lent(shelf, 'crc32c'))
  })

  test('does not reuse a digest that cannot start again', async () => {
    const shelf = new Shelf({ md5: async () => ({ update: () => {}, digest: () => '' }) })
    const first = await lent(shelf, 'md5')
    shelf.takeBack()
    expect(await lent(shelf, 'md5')).not.toBe(first)
  })

  test('is empty at first', () => {
    expect(new Shelf({}).makers.md5).toBeUndefined()
  })
})

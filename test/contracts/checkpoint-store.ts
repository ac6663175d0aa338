import { beforeEach, describe, expect, test } from 'vitest'
import type { Checkpoint, CheckpointStore, PartReceipt } from '../../src/ports.ts'
import { readStored } from '../../src/record.ts'

const identity = { name: 'a.bin', relativePath: '', size: 12, lastModified: 1, type: '' }

export function checkpointOf(key: string, session = 'one'): Checkpoint {
  return {
    version: 1,
    key,
    scope: '',
    backend: 'fake',
    identity,
    params: { album: '42' },
    createdAt: 5,
    expiresAt: 10,
    digest: 'd',
    stage: 'opened',
    session: { id: session },
    layout: { fileSize: 12, partSize: 4 },
  }
}

function receiptOf(number: number, etag = `"e${number}"`): PartReceipt {
  return { number, size: 4, etag }
}

/** What every checkpoint store must do. */
export function describeCheckpointStore(
  name: string,
  create: () => CheckpointStore | Promise<CheckpointStore>,
): void {
  describe(`${name} is a checkpoint store`, () => {
    let store: CheckpointStore
    beforeEach(async () => {
      store = await create()
    })

    test('returns nothing for an upload that was never saved', async () => {
      expect(await store.load('a')).toBeUndefined()
      expect(await store.list()).toEqual([])
    })

    test('returns a saved upload, with its receipts in ascending order', async () => {
      await store.save(checkpointOf('a'))
      for (const number of [3, 1, 10, 2]) await store.addReceipt('a', receiptOf(number))
      const stored = await store.load('a')
      expect(stored?.checkpoint).toEqual(checkpointOf('a'))
      expect(stored?.receipts).toEqual([1, 2, 3, 10].map((number) => receiptOf(number)))
    })

    test('replaces a receipt of the same part', async () => {
      await store.save(checkpointOf('a'))
      await store.addReceipt('a', receiptOf(1))
      await store.addReceipt('a', receiptOf(1, '"newer"'))
      expect((await store.load('a'))?.receipts).toEqual([receiptOf(1, '"newer"')])
    })

    test('drops the receipts of the former session at the next save', async () => {
      await store.save(checkpointOf('a'))
      await store.addReceipt('a', receiptOf(1))
      await store.save(checkpointOf('a', 'two'))
      expect(await store.load('a')).toEqual({ checkpoint: checkpointOf('a', 'two'), receipts: [] })
    })

    test('keeps uploads apart, whatever their keys are', async () => {
      const keys = ['a', 'a/b', 'a","b', '日本', '', 'a\u0000b', '["a"]']
      for (const [index, key] of keys.entries()) {
        await store.save(checkpointOf(key, `s${index}`))
        await store.addReceipt(key, receiptOf(index + 1))
      }
      for (const [index, key] of keys.entries()) {
        const stored = await store.load(key)
        expect(stored?.checkpoint).toEqual(checkpointOf(key, `s${index}`))
        expect(stored?.receipts).toEqual([receiptOf(index + 1)])
      }
      expect((await store.list()).map((records) => readStored(records)?.checkpoint.key).sort()).toEqual(
        [...keys].sort(),
      )
    })

    test('removes a checkpoint with its receipts, and nothing else', async () => {
      await store.save(checkpointOf('a'))
      await store.addReceipt('a', receiptOf(1))
      await store.save(checkpointOf('b'))
      await store.addReceipt('b', receiptOf(2))
      await store.remove('a')
      expect(await store.load('a')).toBeUndefined()
      await store.save(checkpointOf('a'))
      expect((await store.load('a'))?.receipts).toEqual([])
      expect((await store.load('b'))?.receipts).toEqual([receiptOf(2)])
    })

    test('allows removing an upload that does not exist', async () => {
      await store.remove('nothing')
    })

    test('keeps all receipts that are added concurrently', async () => {
      await store.save(checkpointOf('a'))
      const numbers = Array.from({ length: 50 }, (_, index) => index + 1)
      await Promise.all(numbers.map((number) => store.addReceipt('a', receiptOf(number))))
      expect((await store.load('a'))?.receipts).toEqual(numbers.map((number) => receiptOf(number)))
    })
  })
}

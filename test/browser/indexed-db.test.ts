import { createStore, set } from 'idb-keyval'
import { afterEach, describe, expect, test } from 'vitest'
import { indexedDbCheckpoints } from '../../src/checkpoints/indexed-db.ts'
import { checkpointOf, describeCheckpointStore } from '../contracts/checkpoint-store.ts'

let count = 0
const used: string[] = []

function freshName(): string {
  const name = `test-${Date.now()}-${count++}`
  used.push(name)
  return name
}

afterEach(() => {
  for (const name of used.splice(0)) indexedDB.deleteDatabase(name)
})

describeCheckpointStore('indexedDbCheckpoints', () => indexedDbCheckpoints(freshName()))

describe('indexedDbCheckpoints', () => {
  test('finds what another page has stored', async () => {
    const name = freshName()
    await indexedDbCheckpoints(name).save(checkpointOf('a'))
    await indexedDbCheckpoints(name).addReceipt('a', { number: 1, size: 4, etag: '"e"' })
    expect(await indexedDbCheckpoints(name).load('a')).toEqual({
      checkpoint: checkpointOf('a'),
      receipts: [{ number: 1, size: 4, etag: '"e"' }],
    })
  })

  test('removes a damaged record with its receipts, and skips a damaged receipt', async () => {
    const name = freshName()
    const raw = createStore(name, 'checkpoints')
    const store = indexedDbCheckpoints(name)
    await set(['upload', 'bad'], { ...checkpointOf('bad'), version: 99 }, raw)
    await set(['part', 'bad', 1], { number: 1, size: 4, etag: '"e"' }, raw)
    expect(await store.list()).toEqual([])
    await store.save(checkpointOf('good'))
    await set(['part', 'good', 1], { number: 1, size: 'four' }, raw)
    await store.addReceipt('good', { number: 2, size: 4, etag: '"e"' })
    expect((await store.load('good'))?.receipts.map(({ number }) => number)).toEqual([2])
  })

  test('opens nothing before it is used', async () => {
    const name = freshName()
    indexedDbCheckpoints(name)
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name)
  })
})

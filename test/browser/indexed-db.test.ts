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

  test('gives what is damaged as it is: the engine judges it', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await set(['upload', 'bad'], { version: 99 }, createStore(name, 'checkpoints'))
    expect(await store.load('bad')).toEqual({ checkpoint: { version: 99 }, receipts: [] })
    expect(await store.list()).toEqual([{ checkpoint: { version: 99 }, receipts: [] }])
  })

  test('opens nothing before it is used', async () => {
    const name = freshName()
    indexedDbCheckpoints(name)
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name)
  })
})

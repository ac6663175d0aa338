import { createStore, promisifyRequest, set } from 'idb-keyval'
import { afterEach, describe, expect, test, vi } from 'vitest'
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

/** As an application does at a logout. */
function deleted(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = resolve
    request.onblocked = () => reject(new Error('blocked'))
  })
}

describe('indexedDbCheckpoints', () => {
  test('finds the checkpoints that another page stored', async () => {
    const name = freshName()
    await indexedDbCheckpoints(name).save(checkpointOf('a'))
    await indexedDbCheckpoints(name).addReceipt('a', { number: 1, size: 4, etag: '"e"' })
    expect(await indexedDbCheckpoints(name).load('a')).toEqual({
      checkpoint: checkpointOf('a'),
      receipts: [{ number: 1, size: 4, etag: '"e"' }],
    })
  })

  test('keeps the old checkpoint if the new one cannot be stored', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
    const odd = { ...checkpointOf('a'), session: { save: () => {} } } as never
    await expect(store.save(odd)).rejects.toMatchObject({ name: 'DataCloneError' })
    expect(await store.load('a')).toMatchObject({ checkpoint: checkpointOf('a'), receipts: [{ number: 1 }] })
  })

  test('stores an upload without its handle if the handle cannot be stored', async () => {
    const store = indexedDbCheckpoints(freshName())
    const handle = { kind: 'file', name: 'a.bin', getFile: () => {} } as never
    await store.save({ ...checkpointOf('a'), handle })
    expect(await store.load('a')).toEqual({ checkpoint: checkpointOf('a'), receipts: [] })
  })

  test('lists what it can read if the browser has lost other records', async () => {
    const store = indexedDbCheckpoints(freshName())
    await Promise.all([store.save(checkpointOf('a')), store.save(checkpointOf('b'))])
    const { get } = IDBObjectStore.prototype
    const lost = new DOMException('Failed to read large IndexedDB value', 'DataError')
    const all = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementationOnce(() => {
      throw lost
    })
    const reading = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (
      this: IDBObjectStore,
      key,
    ) {
      if (String(key) === 'upload,a') throw lost
      return get.call(this, key)
    })
    expect(await store.list()).toMatchObject([{ checkpoint: checkpointOf('b') }])
    reading.mockRestore()
    all.mockRestore()
    expect(await store.list()).toHaveLength(2)
  })

  test('rejects if the storage fails while records are read one by one', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const all = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementationOnce(() => {
      throw new DOMException('Failed to read large IndexedDB value', 'DataError')
    })
    const { transaction } = IDBDatabase.prototype
    const failing = vi.spyOn(IDBDatabase.prototype, 'transaction')
    // The first transaction reads everything, the second the keys, and no third one opens.
    for (let time = 0; time < 2; time++)
      failing.mockImplementationOnce(function (this: IDBDatabase, ...names) {
        return transaction.apply(this, names)
      })
    failing.mockImplementation(() => {
      throw new DOMException('Internal error opening backing store', 'UnknownError')
    })
    const listed = await store.list().catch((error: unknown) => error)
    failing.mockRestore()
    all.mockRestore()
    expect(listed).toMatchObject({ name: 'UnknownError' })
    expect(await store.list()).toHaveLength(1)
  })

  test('lists in one transaction with two requests, however many uploads there are, each with its own receipts', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    const keys = Array.from({ length: 40 }, (_, index) => `upload ${index}`)
    await Promise.all(keys.map((key) => store.save(checkpointOf(key))))
    const receipt = (number: number) => ({ number, size: 4, etag: `"${number}"` })
    await Promise.all(
      [2, 10, 1].flatMap((number) => keys.map((key) => store.addReceipt(key, receipt(number)))),
    )
    // A receipt without an upload.
    await set(['part', 'nothing', 1], receipt(1), createStore(name, 'checkpoints'))
    const { get, getAll, getAllKeys } = IDBObjectStore.prototype
    const asked = [get, getAll, getAllKeys].map(({ name: request }) =>
      vi.spyOn(IDBObjectStore.prototype, request as 'get' | 'getAll' | 'getAllKeys'),
    )
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const listed = await store.list()
    expect(asked.map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1])
    expect(transaction).toHaveBeenCalledTimes(1)
    vi.restoreAllMocks()
    expect(listed).toEqual(
      [...keys].sort().map((key) => ({ checkpoint: checkpointOf(key), receipts: [1, 2, 10].map(receipt) })),
    )
  })

  test('limits the size of a transaction, since whoever waits for it learns about all of it at once', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    await Promise.all(Array.from({ length: 1501 }, (_, index) => store.load(`upload ${index}`)))
    expect(transaction).toHaveBeenCalledTimes(4)
    transaction.mockRestore()
  })

  test('returns damaged records as they are, for the engine to judge', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await set(['upload', 'bad'], { version: 99 }, createStore(name, 'checkpoints'))
    expect(await store.load('bad')).toEqual({ checkpoint: { version: 99 }, receipts: [] })
    expect(await store.list()).toEqual([{ checkpoint: { version: 99 }, receipts: [] }])
  })

  test.each([
    ['InvalidStateError', 'The database connection is closing.'],
    // WebKit, after the system has ended the storage process while the page was in the background.
    ['UnknownError', 'Connection to Indexed Database server lost. Refresh the page to try again'],
    ['UnknownError', 'Attempt to get a record from database without an in-progress transaction'],
    ['AbortError', 'The transaction was aborted, so the request cannot be fulfilled.'],
  ])('reconnects if its connection was closed (%s: %s)', async (kind, message) => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await store.save(checkpointOf('a'))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    transaction.mockImplementationOnce(() => {
      throw new DOMException(message, kind)
    })
    await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
    transaction.mockRestore()
    expect((await store.load('a'))?.receipts).toHaveLength(1)
  })

  test('allows the database to be deleted, as an application does at a logout, and creates it again', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await store.save(checkpointOf('a'))
    await deleted(name)
    expect(await store.list()).toEqual([])
    await store.save(checkpointOf('b'))
    expect(await store.list()).toHaveLength(1)
  })

  test('reports that a receipt no longer has an upload, and does not store it', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await store.save(checkpointOf('a'))
    await deleted(name)
    await store.save(checkpointOf('b'))
    const added = await Promise.allSettled(
      ['a', 'b'].map((key) => store.addReceipt(key, { number: 1, size: 4, etag: '"e"' })),
    )
    expect(added.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    const kept = await createStore(name, 'checkpoints')('readonly', ({ transaction }) =>
      promisifyRequest(transaction.objectStore('checkpoints').getAllKeys()),
    )
    expect(kept).toEqual([
      ['part', 'b', 1],
      ['upload', 'b'],
    ])
  })

  test('writes everything that waited for another write in one transaction', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const receipts = Array.from({ length: 50 }, (_, index) => ({ number: index + 1, size: 4, etag: '"e"' }))
    await Promise.all(receipts.map((receipt) => store.addReceipt('a', receipt)))
    expect(transaction.mock.calls.length).toBeLessThanOrEqual(2)
    transaction.mockRestore()
    expect((await store.load('a'))?.receipts).toEqual(receipts)
  })

  test('reads everything that is requested together in one transaction, in order with the writes', async () => {
    const store = indexedDbCheckpoints(freshName())
    const keys = Array.from({ length: 50 }, (_, index) => `upload ${index}`)
    await store.save(checkpointOf('first'))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const saved = keys.map((key) => store.save(checkpointOf(key)))
    const loaded = keys.map((key) => store.load(key))
    await Promise.all(saved)
    expect(await Promise.all(loaded)).toEqual(
      keys.map((key) => ({ checkpoint: checkpointOf(key), receipts: [] })),
    )
    expect(transaction.mock.calls.length).toBeLessThanOrEqual(2)
    expect(await store.list()).toHaveLength(51)
    expect(transaction.mock.calls.length).toBeLessThanOrEqual(4)
    transaction.mockRestore()
  })

  describe('if several uploads are looked up one after the other', () => {
    /** Two uploads have been looked up. Writes are now gathered for as long as the clock stands still. */
    async function gathering() {
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      const store = indexedDbCheckpoints(freshName())
      await store.save(checkpointOf('a'))
      await store.load('b')
      const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
      return { store, transaction }
    }

    afterEach(() => {
      vi.restoreAllMocks()
      vi.useRealTimers()
    })

    test('writes their checkpoints in one transaction', async () => {
      const { store, transaction } = await gathering()
      const saved = store.save(checkpointOf('b'))
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const loaded = store.load('c')
      expect(transaction).not.toHaveBeenCalled()
      vi.advanceTimersByTime(15)
      await Promise.all([saved, loaded])
      expect(transaction).toHaveBeenCalledTimes(1)
    })

    test('writes a receipt at once, together with everything that waits', async () => {
      const { store, transaction } = await gathering()
      const saved = store.save(checkpointOf('b'))
      await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
      await saved
      // This one was gathered during the write, so it did not wait either.
      const removed = store.remove('b')
      const added = store.addReceipt('a', { number: 2, size: 4, etag: '"e"' })
      await Promise.all([removed, added])
      expect(transaction).toHaveBeenCalledTimes(2)
    })

    test('lets a receipt wait for other receipts that are being written, and for nothing else', async () => {
      const { store, transaction } = await gathering()
      const added: Promise<void>[] = []
      transaction.mockRestore()
      const original = IDBDatabase.prototype.transaction
      vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(function (
        this: IDBDatabase,
        ...names
      ) {
        added.push(store.addReceipt('a', { number: 1, size: 4, etag: '"e"' }))
        return original.apply(this, names)
      })
      const saved = store.save(checkpointOf('b'))
      vi.advanceTimersByTime(15)
      await saved
      await Promise.all(added)
      expect(added).toHaveLength(1)
    })

    test('does not wait in a hidden page, whose timers are late', async () => {
      const { store } = await gathering()
      vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
      await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
      for (const key of ['b', 'c', 'd']) await store.load(key)
    })

    test('does not wait for a single upload', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      const store = indexedDbCheckpoints(freshName())
      await store.load('a')
      await store.save(checkpointOf('a'))
      await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
      await store.remove('a')
    })
  })

  test('still writes everything else if one record cannot be written', async () => {
    const store = indexedDbCheckpoints(freshName())
    const bad = { ...checkpointOf('bad'), params: { f: () => {} } }
    const writes = [store.save(checkpointOf('a')), store.save(bad as never), store.save(checkpointOf('b'))]
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await store.list()).toHaveLength(2)
  })

  test('asks once for persistent storage, as soon as there is something to lose', async () => {
    const persist = vi.spyOn(navigator.storage, 'persist')
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    expect(persist).not.toHaveBeenCalled()
    for (const number of [1, 2]) await store.addReceipt('a', { number, size: 4, etag: '"e"' })
    expect(persist).toHaveBeenCalledTimes(1)
    persist.mockRestore()
  })

  test('writes each receipt once, however many there are', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    for (let number = 1; number <= 200; number++)
      await store.addReceipt('a', { number, size: 4, etag: '"e"' })
    expect(put).toHaveBeenCalledTimes(200)
    expect(put.mock.calls.every(([value]) => JSON.stringify(value).length < 60)).toBe(true)
    put.mockRestore()
  })

  test('shares one connection per database, since a browser keeps each until the page ends', async () => {
    const name = freshName()
    const open = vi.spyOn(IDBFactory.prototype, 'open')
    for (const key of ['a', 'b', 'c']) await indexedDbCheckpoints(name).save(checkpointOf(key))
    expect(open).toHaveBeenCalledTimes(1)
    open.mockRestore()
    expect(await indexedDbCheckpoints(name).list()).toHaveLength(3)
  })

  test('opens nothing before its first use', async () => {
    const name = freshName()
    indexedDbCheckpoints(name)
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name)
  })
})

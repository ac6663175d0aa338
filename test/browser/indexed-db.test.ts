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

/** As an application does it at a logout. */
function deleted(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = resolve
    request.onblocked = () => reject(new Error('blocked'))
  })
}

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

  test('keeps what it has where something else cannot be kept in its place', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
    const odd = { ...checkpointOf('a'), session: { save: () => {} } } as never
    await expect(store.save(odd)).rejects.toMatchObject({ name: 'DataCloneError' })
    expect(await store.load('a')).toMatchObject({ checkpoint: checkpointOf('a'), receipts: [{ number: 1 }] })
  })

  test('keeps an upload without its handle where that is one that cannot be kept', async () => {
    const store = indexedDbCheckpoints(freshName())
    const handle = { kind: 'file', name: 'a.bin', getFile: () => {} } as never
    await store.save({ ...checkpointOf('a'), handle })
    expect(await store.load('a')).toEqual({ checkpoint: checkpointOf('a'), receipts: [] })
  })

  test('lists what can be read where the browser has lost something else', async () => {
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

  test('tells of a storage that fails while its records are read one by one', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const all = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementationOnce(() => {
      throw new DOMException('Failed to read large IndexedDB value', 'DataError')
    })
    const { transaction } = IDBDatabase.prototype
    const failing = vi.spyOn(IDBDatabase.prototype, 'transaction')
    // All, then the keys, then nothing any more.
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

  test('lists in two requests of one transaction, however many there are, each with its own receipts', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    const keys = Array.from({ length: 40 }, (_, index) => `upload ${index}`)
    await Promise.all(keys.map((key) => store.save(checkpointOf(key))))
    const receipt = (number: number) => ({ number, size: 4, etag: `"${number}"` })
    await Promise.all(
      [2, 10, 1].flatMap((number) => keys.map((key) => store.addReceipt(key, receipt(number)))),
    )
    // Of no upload.
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

  test('puts no more than so much into one transaction, for who waits for it hears of it in one go', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    await Promise.all(Array.from({ length: 1501 }, (_, index) => store.load(`upload ${index}`)))
    expect(transaction).toHaveBeenCalledTimes(4)
    transaction.mockRestore()
  })

  test('gives what is damaged as it is: the engine judges it', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await set(['upload', 'bad'], { version: 99 }, createStore(name, 'checkpoints'))
    expect(await store.load('bad')).toEqual({ checkpoint: { version: 99 }, receipts: [] })
    expect(await store.list()).toEqual([{ checkpoint: { version: 99 }, receipts: [] }])
  })

  test.each([
    ['InvalidStateError', 'The database connection is closing.'],
    // WebKit, where the system has ended the storage's process while the page was in the background.
    ['UnknownError', 'Connection to Indexed Database server lost. Refresh the page to try again'],
    ['UnknownError', 'Attempt to get a record from database without an in-progress transaction'],
    ['AbortError', 'The transaction was aborted, so the request cannot be fulfilled.'],
  ])('makes its connection again when it was closed under it (%s: %s)', async (kind, message) => {
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

  test('lets the database be deleted, as an application does at a logout, and makes it again', async () => {
    const name = freshName()
    const store = indexedDbCheckpoints(name)
    await store.save(checkpointOf('a'))
    await deleted(name)
    expect(await store.list()).toEqual([])
    await store.save(checkpointOf('b'))
    expect(await store.list()).toHaveLength(1)
  })

  test('tells that a receipt has nothing to belong to any more, and does not keep it', async () => {
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

  test('writes in one transaction what waits while another is under way', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const receipts = Array.from({ length: 50 }, (_, index) => ({ number: index + 1, size: 4, etag: '"e"' }))
    await Promise.all(receipts.map((receipt) => store.addReceipt('a', receipt)))
    expect(transaction.mock.calls.length).toBeLessThanOrEqual(2)
    transaction.mockRestore()
    expect((await store.load('a'))?.receipts).toEqual(receipts)
  })

  test('reads in one transaction what is asked for together, in its turn with what is written', async () => {
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

  describe('where several uploads come one after the other', () => {
    /** Two uploads have been looked for; what comes now is gathered for as long as the clock stands. */
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

    test('what they have goes in one transaction', async () => {
      const { store, transaction } = await gathering()
      const saved = store.save(checkpointOf('b'))
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const loaded = store.load('c')
      expect(transaction).not.toHaveBeenCalled()
      vi.advanceTimersByTime(15)
      await Promise.all([saved, loaded])
      expect(transaction).toHaveBeenCalledTimes(1)
    })

    test('a receipt waits for nothing, and takes along what waits', async () => {
      const { store, transaction } = await gathering()
      const saved = store.save(checkpointOf('b'))
      await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
      await saved
      // That one was gathered while it was written, and has not waited either.
      const removed = store.remove('b')
      const added = store.addReceipt('a', { number: 2, size: 4, etag: '"e"' })
      await Promise.all([removed, added])
      expect(transaction).toHaveBeenCalledTimes(2)
    })

    test('a receipt that comes while others are written waits for these alone', async () => {
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

    test('nothing waits in a page that is not looked at, whose timers are late', async () => {
      const { store } = await gathering()
      vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
      await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
      for (const key of ['b', 'c', 'd']) await store.load(key)
    })

    test('one upload alone never waits', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      const store = indexedDbCheckpoints(freshName())
      await store.load('a')
      await store.save(checkpointOf('a'))
      await store.addReceipt('a', { number: 1, size: 4, etag: '"e"' })
      await store.remove('a')
    })
  })

  test('what cannot be written takes nothing else along', async () => {
    const store = indexedDbCheckpoints(freshName())
    const bad = { ...checkpointOf('bad'), params: { f: () => {} } }
    const writes = [store.save(checkpointOf('a')), store.save(bad as never), store.save(checkpointOf('b'))]
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await store.list()).toHaveLength(2)
  })

  test('asks once for the storage to be kept, when there is something to lose', async () => {
    const persist = vi.spyOn(navigator.storage, 'persist')
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    expect(persist).not.toHaveBeenCalled()
    for (const number of [1, 2]) await store.addReceipt('a', { number, size: 4, etag: '"e"' })
    expect(persist).toHaveBeenCalledTimes(1)
    persist.mockRestore()
  })

  test('a receipt costs one write of its own, however many there are', async () => {
    const store = indexedDbCheckpoints(freshName())
    await store.save(checkpointOf('a'))
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    for (let number = 1; number <= 200; number++)
      await store.addReceipt('a', { number, size: 4, etag: '"e"' })
    expect(put).toHaveBeenCalledTimes(200)
    expect(put.mock.calls.every(([value]) => JSON.stringify(value).length < 60)).toBe(true)
    put.mockRestore()
  })

  test('shares one connection with all others of the same database: a browser keeps each until the page ends', async () => {
    const name = freshName()
    const open = vi.spyOn(IDBFactory.prototype, 'open')
    for (const key of ['a', 'b', 'c']) await indexedDbCheckpoints(name).save(checkpointOf(key))
    expect(open).toHaveBeenCalledTimes(1)
    open.mockRestore()
    expect(await indexedDbCheckpoints(name).list()).toHaveLength(3)
  })

  test('opens nothing before it is used', async () => {
    const name = freshName()
    indexedDbCheckpoints(name)
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name)
  })
})

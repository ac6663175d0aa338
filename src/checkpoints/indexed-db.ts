import { createStore, promisifyRequest, type UseStore } from 'idb-keyval'
import type { Checkpoint, CheckpointStore, PartReceipt, StoredRecords } from '../ports.ts'

/**
 * Keeps checkpoints in IndexedDB, in a database of their own, so that they survive a reload and a crash.
 *
 * There is one record for each upload (`['upload', key]`) and one for each part (`['part', key, number]`), so a receipt
 * is one small write, however many there are. Chromium and Firefox keep a completed transaction even if the browser is
 * killed.
 *
 * @param database The name of the database. @default 'longhaul'
 *
 * @example
 * ```ts
 * import { indexedDbCheckpoints, presigned, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({ backend: presigned({ baseUrl: '/api' }), checkpoints: indexedDbCheckpoints('my-app') })
 * ```
 */
export function indexedDbCheckpoints(database: string = 'longhaul'): CheckpointStore {
  return new IndexedDbCheckpoints(database)
}

/**
 * One connection to a database, however many Uploaders a page makes. A browser keeps every connection that listens for
 * its own end, as idb-keyval's do, until the page ends.
 */
const connections = new Map<string, UseStore>()

function opened(database: string): UseStore {
  const connection = connections.get(database) ?? createStore(database, 'checkpoints')
  connections.set(database, connection)
  return connection
}

/** Names of errors after which the connection is made again. What was written before may be written again. */
const lost = /^(InvalidState|Unknown|Abort)/

/** Milliseconds for which the work of several uploads is gathered. */
const gathering = 15
/**
 * How much goes into one transaction. All that wait hear of it in one go, and after a cancel of everything there may be
 * a hundred thousand.
 */
const most = 500

type Work = {
  readonly key: string
  readonly work: (store: IDBObjectStore) => unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

class IndexedDbCheckpoints implements CheckpointStore {
  readonly #database: string
  /** The first connection. Clearing the database ends it. */
  #db: IDBDatabase | undefined
  /** Waits for the transaction that is under way, and goes together into the next one. */
  readonly #waiting: Work[] = []
  #isWorking = false
  /** The upload that the last work was for. */
  #key: string | undefined
  /** Whether a receipt waits. */
  #isUrgent = false
  /** Ends the gathering. */
  #begin: () => void = () => {}
  #hasAskedToPersist = false

  constructor(database: string) {
    this.#database = database
  }

  /**
   * Opens the database at the first use, so that without IndexedDB this rejects and not the constructor. A lost
   * connection is made again once: Safari drops them, even in the middle, and another tab may delete the database.
   */
  async #use<T>(callback: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    try {
      return await opened(this.#database)('readwrite', callback)
    } catch (error) {
      if (!(error instanceof DOMException && lost.test(error.name))) throw error
      connections.delete(this.#database)
      return opened(this.#database)('readwrite', callback)
    }
  }

  load(key: string): Promise<StoredRecords | undefined> {
    return this.#inTurn(key, async (store) => {
      const checkpoint = await promisifyRequest<unknown>(store.get(['upload', key]))
      if (checkpoint === undefined) return undefined
      return { checkpoint, receipts: await promisifyRequest<unknown[]>(store.getAll(partsOf(key))) }
    })
  }

  save(checkpoint: Checkpoint): Promise<void> {
    return this.#inTurn(checkpoint.key, (store) => {
      const put = (kept: object): unknown => store.put(kept, ['upload', checkpoint.key])
      // First: what cannot be cloned throws here, and the rest of the transaction would be done all the same.
      try {
        put(checkpoint)
      } catch {
        // The handle is an object of the application's own. Without it the file has to be picked again.
        put({ ...checkpoint, handle: undefined })
      }
      store.delete(partsOf(checkpoint.key))
    })
  }

  addReceipt(key: string, receipt: PartReceipt): Promise<void> {
    this.#askToPersist()
    this.#isUrgent = true
    this.#begin()
    return this.#inTurn(key, (store) => {
      const put = (): void => void store.put(receipt, ['part', key, receipt.number])
      if (store.transaction.db === this.#db) return put()
      // The user or an application may have cleared the database. A receipt without its checkpoint would be of no use,
      // and stay for ever.
      return promisifyRequest(store.count(['upload', key])).then((count) => {
        if (count === 0) throw new Error('the checkpoint is gone')
        put()
      })
    })
  }

  remove(key: string): Promise<void> {
    return this.#inTurn(key, (store) => {
      store.delete(['upload', key])
      store.delete(partsOf(key))
    })
  }

  list(): Promise<readonly StoredRecords[]> {
    const keys = (): Promise<IDBValidKey[]> =>
      this.#inTurn('', (store) =>
        promisifyRequest(store.getAllKeys(IDBKeyRange.bound(['upload'], ['upload', []]))),
      )
    // Reading thousands of them one by one takes seconds.
    const all = this.#inTurn('', async (store) => {
      const ours = IDBKeyRange.bound(['part'], ['upload', []])
      const names = promisifyRequest(store.getAllKeys(ours))
      return together(...(await Promise.all([names, promisifyRequest<unknown[]>(store.getAll(ours))])))
    })
    return all.catch(async () => {
      // A record that the browser has lost (Chromium: "Failed to read large IndexedDB value") must not hide the others.
      // If the storage itself has failed meanwhile, it fails again here.
      const loading = (await keys()).map((key) =>
        this.load((key as string[])[1] ?? '').catch(async () => void (await keys())),
      )
      return (await Promise.all(loading)).filter((stored) => stored !== undefined)
    })
  }

  /** Once there is something to lose: a browser short of space may clear whatever is not marked as persistent. */
  #askToPersist(): void {
    if (this.#hasAskedToPersist) return
    this.#hasAskedToPersist = true
    navigator.storage?.persist?.().catch(() => {})
  }

  /** A transaction costs more than the work in it, and many small files read and write all the time. */
  #inTurn<T>(key: string, work: (store: IDBObjectStore) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, work, resolve: resolve as Work['resolve'], reject })
      if (!this.#isWorking) this.#workAll()
    })
  }

  async #workAll(): Promise<void> {
    this.#isWorking = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, most)
      // Work beyond the limit has been gathered already, and there may be receipts in it.
      this.#isUrgent = this.#waiting.length > 0
      await this.#workOn(batch)
      await this.#gather(batch)
    }
    // In the same moment as the last look: otherwise work that comes in between would wait for ever.
    this.#isWorking = false
  }

  /**
   * Lets the work of several uploads wait for each other, so that it shares a transaction. A receipt never waits, and
   * neither does a page that nobody looks at, because its timers are late.
   */
  async #gather(batch: readonly Work[]): Promise<void> {
    const { key = '' } = batch.at(-1) ?? {}
    const isOne = batch.every((one) => one.key === key) && key === (this.#key ?? key)
    this.#key = key
    if (isOne || this.#isUrgent || globalThis.document?.hidden) return
    await new Promise<void>((resolve) => {
      this.#begin = resolve
      setTimeout(resolve, gathering)
    })
  }

  /** Work that fails must not take the rest along: then each piece is done by itself. */
  async #workOn(batch: readonly Work[]): Promise<void> {
    try {
      const answers = await this.#use(async (store) => {
        const { db } = store.transaction
        this.#db ??= db
        // Whoever deletes the database, as at a logout, would otherwise wait until this page is closed.
        db.onversionchange = () => db.close()
        const ended = promisifyRequest(store.transaction)
        ended.catch(() => {})
        const working = batch.map(({ work }) => work(store))
        // At once if nothing is read: by itself the transaction would first wait for the answers to its writes.
        if (working.every((one) => one === undefined)) store.transaction.commit()
        const answers = await Promise.all(working)
        await ended
        return answers
      })
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index])
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error)
      else for (const one of batch) await this.#workOn([one])
    }
  }
}

/** In IndexedDB's order of keys an array comes after every number and text. */
function partsOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound(['part', key], ['part', key, []])
}

/** In IndexedDB's order of keys those of parts come before those of uploads. */
function together(keys: readonly unknown[], records: readonly unknown[]): readonly StoredRecords[] {
  const receipts = new Map<string, unknown[]>()
  const all: StoredRecords[] = []
  for (const [index, checkpoint] of records.entries()) {
    const [kind, key] = keys[index] as readonly [string, string]
    const its = receipts.get(key) ?? []
    receipts.set(key, its)
    if (kind === 'upload') all.push({ checkpoint, receipts: its })
    else its.push(checkpoint)
  }
  return all
}

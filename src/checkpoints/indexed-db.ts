import { createStore, promisifyRequest, type UseStore } from 'idb-keyval'
import type { Checkpoint, CheckpointStore, PartReceipt, StoredRecords } from '../ports.ts'

/**
 * Keeps checkpoints in IndexedDB, in a database of their own, so that they survive a reload and a crash.
 *
 * One record an upload (`['upload', key]`) and one a part (`['part', key, number]`): a receipt is one small write,
 * however many there are. Chromium and Firefox keep a transaction that has completed also when the browser is killed.
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

class IndexedDbCheckpoints implements CheckpointStore {
  readonly #database: string
  #opened: UseStore | undefined
  #hasAskedToPersist = false

  constructor(database: string) {
    this.#database = database
  }

  /**
   * Opened at the first use: where there is no IndexedDB, that rejects, and not the constructor. A connection that was
   * lost (Safari drops them, and another tab may delete the database) is made again once.
   */
  async #use<T>(mode: IDBTransactionMode, callback: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    this.#opened ??= createStore(this.#database, 'checkpoints')
    try {
      return await this.#opened(mode, callback)
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error
      this.#opened = createStore(this.#database, 'checkpoints')
      return this.#opened(mode, callback)
    }
  }

  load(key: string): Promise<StoredRecords | undefined> {
    return this.#use('readonly', async (store) => {
      const [checkpoint, receipts] = await Promise.all([
        promisifyRequest<unknown>(store.get(['upload', key])),
        promisifyRequest<unknown[]>(store.getAll(partsOf(key))),
      ])
      return checkpoint === undefined ? undefined : { checkpoint, receipts }
    })
  }

  save(checkpoint: Checkpoint): Promise<void> {
    return this.#write((store) => {
      removeAll(store, checkpoint.key)
      store.put(checkpoint, ['upload', checkpoint.key])
    })
  }

  addReceipt(key: string, receipt: PartReceipt): Promise<void> {
    this.#askToPersist()
    return this.#write((store) => {
      store.put(receipt, ['part', key, receipt.number])
    })
  }

  remove(key: string): Promise<void> {
    return this.#write((store) => removeAll(store, key))
  }

  async list(): Promise<readonly StoredRecords[]> {
    const keys = await this.#use('readonly', (store) => promisifyRequest(store.getAllKeys(allUploads())))
    const loaded = await Promise.all(keys.map((key) => this.load(keyOf(key))))
    return loaded.filter((stored) => stored !== undefined)
  }

  /** Once there is something to lose: a browser short of space may else clear what is not marked as persistent. */
  #askToPersist(): void {
    if (this.#hasAskedToPersist) return
    this.#hasAskedToPersist = true
    navigator.storage?.persist?.().catch(() => {})
  }

  #write(write: (store: IDBObjectStore) => void): Promise<void> {
    return this.#use('readwrite', (store) => {
      write(store)
      return promisifyRequest(store.transaction)
    })
  }
}

function removeAll(store: IDBObjectStore, key: string): void {
  store.delete(['upload', key])
  store.delete(partsOf(key))
}

/** In IndexedDB's order of keys an array comes after every number and text. */
function partsOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound(['part', key], ['part', key, []])
}

function allUploads(): IDBKeyRange {
  return IDBKeyRange.bound(['upload'], ['upload', []])
}

function keyOf(key: IDBValidKey): string {
  return Array.isArray(key) ? String(key[1]) : String(key)
}

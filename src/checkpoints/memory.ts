import type { Checkpoint, CheckpointStore, PartReceipt, StoredRecords } from '../ports.ts'

type Entry = { checkpoint: Checkpoint; receipts: Map<number, PartReceipt> }

/**
 * Keeps checkpoints as long as the page lives: pause and resume work, but after a reload an upload starts over.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, presigned, Uploader } from 'longhaul'
 *
 * const uploader = new Uploader({ backend: presigned({ baseUrl: '/api' }), checkpoints: memoryCheckpoints() })
 * ```
 */
export function memoryCheckpoints(): CheckpointStore {
  return new MemoryCheckpoints()
}

class MemoryCheckpoints implements CheckpointStore {
  readonly #entries = new Map<string, Entry>()

  async load(key: string): Promise<StoredRecords | undefined> {
    const entry = this.#entries.get(key)
    return entry && stored(entry)
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    this.#entries.set(checkpoint.key, { checkpoint, receipts: new Map() })
  }

  async addReceipt(key: string, receipt: PartReceipt): Promise<void> {
    this.#entries.get(key)?.receipts.set(receipt.number, receipt)
  }

  async remove(key: string): Promise<void> {
    this.#entries.delete(key)
  }

  async list(): Promise<readonly StoredRecords[]> {
    return [...this.#entries.values()].map(stored)
  }
}

function stored({ checkpoint, receipts }: Entry): StoredRecords {
  return { checkpoint, receipts: [...receipts.values()].sort((a, b) => a.number - b.number) }
}

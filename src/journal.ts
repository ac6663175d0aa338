/** One upload's checkpoint, as the engine writes it. Storage trouble is a warning and never ends an upload. */
import type { Checkpoint, CheckpointStore, PartReceipt, StoredUpload } from './ports.ts'

export class Journal {
  readonly key: string
  readonly #store: CheckpointStore
  readonly #warn: (cause: unknown) => void

  constructor(key: string, store: CheckpointStore, warn: (cause: unknown) => void) {
    this.key = key
    this.#store = store
    this.#warn = warn
  }

  async load(): Promise<StoredUpload | undefined> {
    return this.#guarded(() => this.#store.load(this.key))
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    await this.#guarded(() => this.#store.save(checkpoint))
  }

  async add(receipt: PartReceipt): Promise<void> {
    await this.#guarded(() => this.#store.addReceipt(this.key, receipt))
  }

  async remove(): Promise<void> {
    await this.#guarded(() => this.#store.remove(this.key))
  }

  async #guarded<T>(operation: () => Promise<T>): Promise<T | undefined> {
    try {
      return await operation()
    } catch (error) {
      this.#warn(error)
      return undefined
    }
  }
}

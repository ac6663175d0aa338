/**
 * One upload's checkpoint, as the engine reads and writes it. Storage trouble is a warning and never ends an upload: it
 * then goes on with what this page remembers.
 */
import type {
  AbortingCheckpoint,
  Checkpoint,
  CheckpointStore,
  PartReceipt,
  StoredRecords,
  StoredUpload,
} from './ports.ts'
import type { Pulse } from './pulse.ts'
import { readStored } from './record.ts'

/** A storage that does not answer at all, such as a database whose opening is blocked, is given up after this long. */
const patience = 10_000
/** Milliseconds; between two looks of a page that is awake there are no more. */
const awake = 1_000

export type JournalOptions = {
  readonly key: string
  readonly store: CheckpointStore
  /** Looks at the time: a timer for each operation costs more than many of the operations. */
  readonly pulse: Pulse
  /** Whether it may be written; if not, as where another tab may have it by now, it is as if this page had crashed. @default always */
  readonly isOurs?: (() => boolean) | undefined
  /**
   * `checkpoint`: the storage failed; said once, because from then on it is only told how the upload ends. `checkpoint-damaged`: what was
   * stored cannot be read and was dropped.
   */
  readonly warn: (code: 'checkpoint' | 'checkpoint-damaged', cause?: unknown) => void
}

export class Journal {
  readonly key: string
  readonly #options: JournalOptions
  #checkpoint: Checkpoint | undefined
  #receipts = new Map<number, PartReceipt>()
  #inMemory = false
  #isGone = false

  constructor(options: JournalOptions) {
    this.key = options.key
    this.#options = options
  }

  /** Whether what is known of the upload survives a reload. */
  get isInMemory(): boolean {
    return this.#inMemory
  }

  /** What was opened was not there any more: somebody else may have completed it, so its session must not be aborted. */
  get isGone(): boolean {
    return this.#isGone
  }

  get isOurs(): boolean {
    return this.#options.isOurs?.() !== false
  }

  /**
   * What the storage has, or what this page remembers where it cannot be used.
   *
   * @param isHeld Whether nobody else can have brought it to an end since the last look: what is opened and is not there any more was
   * cleared, or a page that has lost its claim has come to its end late. @default false
   */
  async load(isHeld = false): Promise<StoredUpload | undefined> {
    const records = await this.#stored(async (store) => {
      const stored = await store.load(this.key)
      const isOpened = isHeld && this.#checkpoint?.stage === 'opened'
      this.#isGone ||= isOpened && Object(stored?.checkpoint).stage !== 'opened'
      if (this.#isGone) throw new Error('the checkpoint is gone')
      return stored
    })
    if (!this.#inMemory) await this.#adopt(records)
    return this.#checkpoint && { checkpoint: this.#checkpoint, receipts: [...this.#receipts.values()] }
  }

  /** What the storage has, to be shown: for a page that may not change it, and for which a failure is no trouble. */
  async peek(): Promise<StoredUpload | undefined> {
    try {
      const records = await inTime(this.#options.store.load(this.key), this.#options.pulse)
      return records && readStored(records)
    } catch {
      return undefined
    }
  }

  /** In place of whatever was there. @returns Whether the storage has it. */
  async save(checkpoint: Checkpoint): Promise<boolean> {
    this.#remember({ checkpoint, receipts: [] })
    this.#isGone = false
    const isEnd = checkpoint.stage === 'ended' || checkpoint.stage === 'aborting'
    const saved = await this.#written((store) => store.save(checkpoint).then(() => true), isEnd)
    return saved ?? false
  }

  async add(receipt: PartReceipt): Promise<void> {
    this.#receipts.set(receipt.number, receipt)
    await this.#written((store) => store.addReceipt(this.key, receipt))
  }

  /** Under a key of its own, because the same file may be uploaded again before the server could be told. */
  async leaveTombstone(checkpoint: AbortingCheckpoint): Promise<void> {
    const key = `${this.key} aborting ${checkpoint.createdAt}`
    const left = await this.#stored((store) => store.save({ ...checkpoint, key }).then(() => true), true)
    // Then it is not removed from where it is: nothing else tells of the session.
    if (!left) this.#remember(undefined)
  }

  async remove(): Promise<void> {
    // What could not be read may be all that tells of a session.
    const isKnown = this.#checkpoint !== undefined
    this.#remember(undefined)
    await this.#written((store) => store.remove(this.key), isKnown)
  }

  async #adopt(records: StoredRecords | undefined): Promise<void> {
    const stored = records && readStored(records)
    if (records !== undefined && stored === undefined) {
      // Damaged, or written by another version: it can only do harm.
      this.#options.warn('checkpoint-damaged')
      await this.remove()
    } else this.#remember(stored)
  }

  #remember(stored: StoredUpload | undefined): void {
    this.#checkpoint = stored?.checkpoint
    this.#receipts = new Map(stored?.receipts.map((receipt) => [receipt.number, receipt]))
  }

  async #written<T>(
    operation: (store: CheckpointStore) => Promise<T>,
    isEnd = false,
  ): Promise<T | undefined> {
    return this.isOurs ? this.#stored(operation, isEnd) : undefined
  }

  /**
   * One operation on the storage. After its first failure the storage is used no more but for the end, also one that was slow:
   * what it has would be offered again.
   */
  async #stored<T>(operation: (store: CheckpointStore) => Promise<T>, isEnd = false): Promise<T | undefined> {
    if (this.#inMemory && !isEnd) return undefined
    try {
      return await inTime(operation(this.#options.store), this.#options.pulse)
    } catch (cause) {
      if (!this.#inMemory) this.#options.warn('checkpoint', cause)
      this.#inMemory = true
      return undefined
    }
  }
}

/** Under which key the upload of the file is whose tombstone it may be. */
export function placeOf(key: string): string {
  return key.replace(/ aborting \d+$/, '')
}

/** Whose storage has been given up, and has answered nothing since: each of a thousand files would wait as long. */
const mute = new WeakSet<Pulse>()

/** As the operation, but it rejects where that takes too long. Time that the machine has slept through, with the storage, does not count. */
export function inTime<T>(operation: Promise<T>, pulse: Pulse): Promise<T> {
  const { clock } = pulse
  let left = mute.has(pulse) ? awake : patience
  let seen = clock.now()
  return new Promise((resolve, reject) => {
    const rest = pulse.ask(() => {
      left -= Math.min(clock.now() - seen, awake)
      seen = clock.now()
      if (left > 0) return
      rest()
      mute.add(pulse)
      reject(new Error(`the checkpoint storage gave no answer within ${patience / 1000} s`))
    })
    operation
      .then(resolve, reject)
      .finally(rest)
      .finally(() => mute.delete(pulse))
  })
}

/**
 * One upload's checkpoint, as the engine reads and writes it. A storage that fails is a warning and never ends an
 * upload, which then goes on with what this page remembers.
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

/** Milliseconds. A storage that does not answer by then, such as a database whose opening is blocked, is given up. */
const patience = 10_000
/** Milliseconds. In a page that is awake, two looks at the time are no farther apart. */
const awake = 1_000

export type JournalOptions = {
  readonly key: string
  readonly store: CheckpointStore
  /** Tells when to look at the time: a timer for each operation would cost more than many of the operations. */
  readonly pulse: Pulse
  /**
   * Whether this page may write the checkpoint. If not, because another tab may have it by now, the page behaves as if
   * it had crashed. @default always
   */
  readonly isOurs?: (() => boolean) | undefined
  /**
   * `checkpoint`: the storage failed. Said once, because from then on the storage is only told how the upload ends.
   * `checkpoint-damaged`: the stored checkpoint could not be read and was dropped.
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

  /** Whether the upload is kept in this page's memory only, so that a reload loses it. */
  get isInMemory(): boolean {
    return this.#inMemory
  }

  /**
   * An opened checkpoint was not there any more. Somebody else may have completed the upload, so its session must not
   * be aborted.
   */
  get isGone(): boolean {
    return this.#isGone
  }

  get isOurs(): boolean {
    return this.#options.isOurs?.() !== false
  }

  /**
   * What the storage has, or what this page remembers if the storage cannot be used.
   *
   * @param isHeld Whether nobody else can have ended the upload since the last look. An opened checkpoint that is
   * missing then was cleared, or removed late by a page that had lost its claim. @default false
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

  /** What the storage has, for a page that only shows it. A failure is no trouble then. */
  async peek(): Promise<StoredUpload | undefined> {
    try {
      const records = await inTime(this.#options.store.load(this.key), this.#options.pulse)
      return records && readStored(records)
    } catch {
      return undefined
    }
  }

  /** Replaces whatever was there. @returns Whether the storage has it. */
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
    // Forgotten, so that it is not removed from its old place: nothing else tells of the session.
    if (!left) this.#remember(undefined)
  }

  async remove(): Promise<void> {
    // A checkpoint that could not be read may be all that tells of a session.
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
   * Does one operation on the storage. After its first failure, even if it was only slow, the storage is used for the
   * upload's end only, since what it still has would be offered again.
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

/** The key of the upload whose tombstone this key may be. */
export function placeOf(key: string): string {
  return key.replace(/ aborting \d+$/, '')
}

/**
 * Those whose storage was given up and has not answered since. Otherwise each of a thousand files would wait as long.
 */
const mute = new WeakSet<Pulse>()

/**
 * Like the operation, but rejects if that takes too long. Time that the machine has slept through does not count, since
 * the storage slept too.
 */
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

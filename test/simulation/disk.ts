import type { Checkpoint, CheckpointStore, PartReceipt, StoredRecords } from '../../src/ports.ts'
import type { OpenCall, Page, Port } from './page.ts'
import type { World } from './world.ts'

type Write = { readonly page: Page; isLost: boolean }

/** The checkpoints and receipts that survive every crash, written one after the other as IndexedDB does. */
export class Disk {
  readonly checkpoints = new Map<string, Checkpoint>()
  readonly #receipts = new Map<string, Map<number, PartReceipt>>()
  readonly #world: World
  readonly #pending = new Set<Write>()
  #busyUntil = 0
  #muteUntil = 0
  #isMuteForLong = false

  constructor(world: World) {
    this.#world = world
  }

  /** The session of the checkpoint that is stored now for the file of this name. */
  sessionOf(name: string): string | undefined {
    const isIts = (one: Checkpoint): boolean => one.stage === 'opened' && one.identity.name === name
    const checkpoint = [...this.checkpoints.values()].find(isIts)
    return checkpoint?.stage === 'opened' ? sessionIdOf(checkpoint.session) : undefined
  }

  read(key: string): StoredRecords | undefined {
    const checkpoint = this.checkpoints.get(key)
    const receipts = [...(this.#receipts.get(key)?.values() ?? [])].sort((a, b) => a.number - b.number)
    return checkpoint && { checkpoint, receipts }
  }

  save(checkpoint: Checkpoint): void {
    this.checkpoints.set(checkpoint.key, checkpoint)
    this.#receipts.delete(checkpoint.key)
  }

  add(key: string, receipt: PartReceipt): void {
    const receipts = this.#receipts.get(key) ?? new Map<number, PartReceipt>()
    this.#receipts.set(key, receipts.set(receipt.number, receipt))
  }

  remove(key: string): void {
    this.checkpoints.delete(key)
    this.#receipts.delete(key)
  }

  /** Runs an operation in its turn, unless its page dies first and takes the operation along. */
  schedule(page: Page, run: () => void): void {
    const { timeline, random, plan } = this.#world
    const write: Write = { page, isLost: false }
    this.#pending.add(write)
    this.#busyUntil = Math.max(this.#busyUntil, timeline.now) + random.between(0, plan.diskLatency)
    timeline.after(this.#busyUntil - timeline.now, () => {
      this.#pending.delete(write)
      if (!write.isLost) run()
    })
  }

  /** Whether it currently answers nobody, for so long that pages give it up. */
  get isGivenUp(): boolean {
    return this.#isMuteForLong && this.#world.timeline.now < this.#muteUntil
  }

  /** It carries out later requests when it comes back, in their turn. */
  fallMute(): void {
    const { timeline, random, history } = this.#world
    if (timeline.now < this.#muteUntil || random.chance(0.6)) return
    this.#isMuteForLong = random.chance(0.5)
    this.#muteUntil =
      timeline.now + (this.#isMuteForLong ? random.between(12_000, 60_000) : random.between(1_500, 5_000))
    this.#busyUntil = Math.max(this.#busyUntil, this.#muteUntil)
    history.note('world', `the checkpoint storage is mute until ${this.#muteUntil / 1000}`)
    history.count('world', `storage mute, ${this.#isMuteForLong ? 'and given up' : 'for a moment'}`)
  }

  /** When the page dies, some of the last unfinished operations are lost: none, a few or all of them. */
  crashed(page: Page): void {
    let isLost = false
    for (const write of this.#pending) {
      if (write.page !== page) continue
      isLost ||= this.#world.random.chance(0.4)
      write.isLost = isLost
    }
  }
}

export function sessionIdOf(session: unknown): string {
  return String((session as { readonly id: unknown }).id)
}

/** The disk as a page sees it. */
export class PageCheckpoints implements CheckpointStore {
  readonly #page: Page
  readonly #world: World

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
  }

  load(key: string): Promise<StoredRecords | undefined> {
    const { disk, referee } = this.#world
    return this.#do(
      'load',
      key,
      () => disk.read(key),
      (records) => referee.loaded(this.#page, key, records),
    )
  }

  save(checkpoint: Checkpoint): Promise<void> {
    const { disk, referee } = this.#world
    this.#page.note(`saves a checkpoint: ${inWords(checkpoint)}`)
    referee.writes(this.#page, checkpoint.key, checkpoint.stage === 'ended')
    return this.#do('save', checkpoint.key, () => {
      referee.saving(this.#page, checkpoint)
      disk.save(checkpoint)
    })
  }

  addReceipt(key: string, receipt: PartReceipt): Promise<void> {
    const { disk, referee } = this.#world
    const proof = receipt.md5 ?? receipt.crc32c
    this.#page.note(
      `keeps the receipt of part ${receipt.number}${proof === undefined ? '' : ', with a proof'}`,
    )
    referee.writes(this.#page, key)
    return this.#do(
      'receipt',
      key,
      () => {
        referee.writingReceipt(this.#page, key, receipt)
        disk.add(key, receipt)
      },
      () => referee.receiptKept(key, receipt),
    )
  }

  remove(key: string): Promise<void> {
    this.#page.note('removes the checkpoint')
    this.#world.referee.writes(this.#page, key, true)
    return this.#do('remove', key, () => this.#world.disk.remove(key))
  }

  list(): Promise<readonly StoredRecords[]> {
    const { disk } = this.#world
    return this.#do('list', undefined, () =>
      [...disk.checkpoints.keys()].map((key) => disk.read(key)).filter((records) => records !== undefined),
    )
  }

  #do<T>(
    port: Port,
    key: string | undefined,
    run: () => T,
    onDone: (value: T) => void = () => {},
  ): Promise<T> {
    const trouble = this.#trouble(port)
    const since = this.#world.timeline.now
    return this.#page.call<T>(key === undefined ? { port, since } : { port, key, since }, (answer) => {
      if (trouble === 'stuck') return undefined
      this.#world.disk.schedule(this.#page, () => {
        if (trouble === 'full' || trouble === 'once')
          return answer.reject(new DOMException('no room', 'QuotaExceededError'))
        const value = run()
        if (!answer.isOpen) return
        this.#page.muteSince = undefined
        onDone(value)
        answer.resolve(value)
      })
      return undefined
    })
  }

  #trouble(port: Port): 'full' | 'stuck' | 'once' | undefined {
    const { diskTrouble } = this.#world.plan
    this.#page.diskUses += 1
    if (diskTrouble?.kind === 'mute') return this.#mayBeMute(diskTrouble.from)
    if (diskTrouble === undefined || this.#page.diskUses < diskTrouble.from || this.#world.isCalm)
      return undefined
    // If removing fails, the record stays.
    if (diskTrouble.kind === 'once' && (this.#page.isForgetful || port === 'remove')) return undefined
    if (!this.#page.isForgetful) this.#page.note(`finds its checkpoint storage ${diskTrouble.kind}`)
    this.#page.isForgetful = true
    this.#world.history.count('world', `storage ${diskTrouble.kind}`)
    return diskTrouble.kind
  }

  /** A page that gives the storage up keeps its records in memory from then on. */
  #mayBeMute(every: number): undefined {
    const { disk, isCalm } = this.#world
    if (this.#page.diskUses % every === 0 && !isCalm) disk.fallMute()
    if (disk.isGivenUp) this.#page.isForgetful = true
  }
}

/** Whether the engine waits for the storage. */
export function isOfDisk({ port }: OpenCall): boolean {
  return ['load', 'save', 'receipt', 'remove', 'list'].includes(port)
}

function inWords(checkpoint: Checkpoint): string {
  switch (checkpoint.stage) {
    case 'opened':
      return `opened ${sessionIdOf(checkpoint.session)}, parts of ${checkpoint.layout.partSize} bytes`
    case 'aborting':
      return `aborting ${sessionIdOf(checkpoint.session)}`
    case 'ended':
      return `ended, ${checkpoint.result === 'cancelled' ? 'cancelled' : 'done'}`
    default:
      return checkpoint.stage
  }
}

/**
 * A run reads the checkpoint and sends what is missing. There is no other way to make progress, so pausing, crashing
 * and giving up are all "the run stopped", and resuming is "run again".
 */
import type { Lane } from './admission.ts'
import { type AskStatus, completing, keyIfCompleted } from './completion.ts'
import {
  BackendError,
  FileChangedError,
  NetworkError,
  SessionLostError,
  toUploadError,
  type UploadError,
} from './errors.ts'
import { fingerprint } from './fingerprint.ts'
import { digestFile } from './identification.ts'
import { Informer } from './informer.ts'
import type { Journal } from './journal.ts'
import {
  bytesOf,
  createLayout,
  missingParts,
  partCount,
  planLayout,
  requireFit,
  requireReceipts,
} from './layout.ts'
import type { Line } from './line.ts'
import { type Kept, PartDigests } from './part-digests.ts'
import { unless, within } from './patience.ts'
import { pictureSize } from './picture.ts'
import type {
  AbortingCheckpoint,
  ApiTransport,
  Backend,
  BackendCall,
  Checkpoint,
  Checksums,
  Completed,
  CrcAlgorithm,
  DigestAlgorithm,
  Digester,
  DigestState,
  FileDescription,
  Hasher,
  Identity,
  Json,
  Layout,
  Opened,
  Params,
  PartReceipt,
  PartTarget,
  Reopened,
  StoredUpload,
  Tabs,
  UploadResult,
} from './ports.ts'
import type { Pulse } from './pulse.ts'
import { requireNoFolder } from './readable.ts'
import { reconcile } from './reconcile.ts'
import { type RetryBase, type RetryPolicy, retrying, withBudget } from './retry.ts'
import { type SendingListener, sendParts } from './sender.ts'
import type { Phase } from './state.ts'
import { Targets } from './targets.ts'
import type { Tracker } from './tracker.ts'
import { confirmed, countable, type Verification, type Verify, verifyParts } from './verification.ts'
import type { UploadWarning } from './warnings.ts'
import { lacking, wholeChecksums } from './whole-checksum.ts'

/** What an Uploader lends to its uploads. */
export type Tools = {
  readonly backend: Backend
  readonly api: ApiTransport
  readonly hasher: Hasher
  readonly retry: RetryBase
  readonly line: Line
  /** Cancels take turns in telling the server: beyond some thousands at once, Chromium refuses requests of any kind. */
  readonly aborts: Lane
  readonly pulse: Pulse
  /** The part size if the backend leaves the choice; `undefined` for our own default. */
  readonly partSize: number | undefined
  readonly tabs: Tabs
  readonly scope: string
  readonly verify: Verify
  /** The whole file's checksum that the application wants. */
  readonly checksum: CrcAlgorithm | undefined
  /** Milliseconds after which a checkpoint expires. */
  readonly expiry: number
}

/** What is to be uploaded. */
export type Job = {
  readonly file: File
  readonly identity: Identity
  readonly params: Params
  readonly journal: Journal
  readonly handle: FileSystemFileHandle | undefined
  /** Digests of whole files, by the backend's `fileDigest`, as the runs of this upload have computed them. */
  readonly digests: WeakMap<File, string>
  /** Whether this page has sent from this very file before, so that its content need not be checked again. */
  readonly isKnown: boolean
  /** The file whose place this one takes, provided that the content is the same. */
  readonly own: File
  /** What another tab has brought to its end, with a file that looks the same. */
  readonly left: LeftCheckpoint | undefined
  /** Whether to throw away first what was stored before. */
  readonly isFresh: boolean
  /** A run of this page was refused, so the server is asked what it has even if nothing seems to be missing. */
  readonly isDoubtful: boolean
  /** A run of this page may have completed the upload. */
  readonly isUnsure: boolean
}

/** The signals that stop a run. */
type RunSignals = {
  /** Nothing new is begun; work under way may end. */
  readonly stop: AbortSignal
  /** Work under way is cut too. Aborts only together with `stop`. */
  readonly kill: AbortSignal
}

/** What a run tells its upload. */
export type RunListener = {
  enter(phase: Phase): void
  /** Is told of every movement at once. */
  readonly tracker: Pick<Tracker, 'hashed' | 'finished' | 'sending' | 'dropped'>
  /**
   * The layout is known, and so is what earlier runs have stored.
   *
   * @param expiresAt When the server drops the session, in milliseconds since 1970, if it has said so.
   */
  opened(layout: Layout, receipts: readonly PartReceipt[], expiresAt: number | undefined): void
  /** What is stored is known to be of this file, and nothing older is left. */
  verified(file: File): void
  stored(receipt: PartReceipt): void
  /** Completing was asked for and may have happened; or it is known again whether it has. */
  unsure(isUnsure: boolean): void
  /** Something went wrong that does not end the upload. */
  warned(code: UploadWarning['code'], cause: unknown): void
}

type IdentifiedCheckpoint = Extract<Checkpoint, { stage: 'identified' }>
type OpenedCheckpoint = Extract<Checkpoint, { stage: 'opened' }>
export type LeftCheckpoint = Extract<Checkpoint, { stage: 'ended'; result: UploadResult }>
type Receipts = Map<number, PartReceipt>

/** What a run starts from. */
type Found = {
  readonly checkpoint: OpenedCheckpoint
  readonly receipts: readonly PartReceipt[]
  /** Numbers of parts that the server has on record, and that were not sent again since. */
  readonly onRecord: Set<number>
  /** Targets that came with the session. */
  readonly targets: readonly PartTarget[]
}

type Begun = Omit<Found, 'receipts'> & { readonly receipts: Receipts }

/** How far the upload has come. */
type Stand = Pick<Found, 'checkpoint'> & { readonly receipts: ReadonlyMap<number, PartReceipt> }

/** Milliseconds in which a person may have saved the file again. */
const longEnough = 10_000

/** Milliseconds to wait for an answer that nobody but the server still needs. A call may be several requests. */
const longestAnswer = 120_000

/**
 * Milliseconds for which a waiting tab can use an `ended` record. A tab that dies before it has read it leaves it
 * behind.
 */
const news = 60_000

/** Runs to the end. Rejects with the signal's reason if it was stopped, with an `UploadError` if it failed. */
export async function run(
  job: Job,
  tools: Tools,
  signals: RunSignals,
  on: RunListener,
): Promise<UploadResult> {
  return new Run(job, tools, signals, on).toTheEnd()
}

/**
 * Throws away what the server and the checkpoint hold of an upload that no run is working on. If the server cannot be
 * told, it rejects and leaves a tombstone, so that `bury` tells the server later.
 */
export async function discard(journal: Journal, tools: Tools): Promise<void> {
  const failure = await throwAway(journal, tools, (checkpoint) => leave(journal, tools, checkpoint))
  if (failure !== undefined) throw failure
}

/** @returns Why the server could not be told. */
async function throwAway(
  journal: Journal,
  tools: Tools,
  end: (checkpoint: Checkpoint | undefined) => Promise<void>,
): Promise<UploadError | undefined> {
  const createdAt = tools.retry.clock.date()
  const stored = await journal.load()
  const checkpoint = stored?.checkpoint
  const hasSession = checkpoint?.stage === 'opened' || checkpoint?.stage === 'aborting'
  const failure = hasSession && !journal.isGone ? await tell(checkpoint, journal, tools) : undefined
  // Another tab may have been faster: then its result stands.
  await end(checkpoint && { result: 'cancelled', ...checkpoint, stage: 'ended', createdAt })
  return failure
}

/** Removes what has expired, and tells the server of a session whose cancel has not reached it. */
export async function bury(journal: Journal, tools: Tools): Promise<void> {
  // Read again: the upload may have started over since it was listed.
  const checkpoint = (await journal.load())?.checkpoint
  if (checkpoint === undefined) return
  if (!isExpired(checkpoint, tools)) {
    if (checkpoint.stage !== 'aborting') return
    await abort(checkpoint.session, journal, tools)
  }
  await journal.remove()
}

/**
 * @returns Why the server could not be told. The stored record makes a later visit tell it, wherever this page may die.
 */
async function tell(
  checkpoint: OpenedCheckpoint | AbortingCheckpoint,
  journal: Journal,
  tools: Tools,
): Promise<UploadError | undefined> {
  const { handle: _, ...kept } = checkpoint
  const aborting = { ...kept, stage: 'aborting' as const }
  // Replaced in one step, so that no visit goes on with a session that is being thrown away. Replaced before the server
  // has answered, because the user may close the page after a cancel. A storage that fails does not keep the server
  // from being told.
  const isKept = !journal.isInMemory && (await journal.save(aborting).catch(() => false))
  try {
    await abort(checkpoint.session, journal, tools)
    return undefined
  } catch (error) {
    if (isKept || (await journal.save(aborting))) await journal.leaveTombstone(aborting)
    return toUploadError(error)
  }
}

async function abort(session: Json, journal: Journal, { backend, api, retry, aborts }: Tools): Promise<void> {
  const since = AbortSignal.abort(new NetworkError('the server does not answer'))
  const request = (): Promise<void> =>
    within({ clock: retry.clock, since, limit: longestAnswer }, async (signal) => {
      // Between two attempts another tab may have gone on with the upload.
      if (journal.isOurs) await backend.abort?.(session, { signal, api })
    })
  const policy = withBudget({ ...retry, options: { ...retry.options, attempts: 3 } })
  await aborts.hold(() => retrying(request, policy, new AbortController().signal)).catch(ifLost)
}

/** Ignores a lost session: by now that was said often enough to be believed (`isDoubtful`). */
function ifLost(thrown: unknown): undefined {
  if (!(thrown instanceof SessionLostError)) throw thrown
}

/**
 * The checkpoint has served its time. If another tab waits for the upload, a record of how it ended is left for it.
 *
 * @param print Reads the fingerprint of the file that was sent.
 */
export async function leave(
  journal: Journal,
  { tabs, retry }: Tools,
  ended: Checkpoint | undefined,
  print?: () => Promise<string | undefined>,
): Promise<void> {
  const isWanted = (): Promise<boolean> => tabs.isWanted(journal.key).catch(() => false)
  if (ended !== undefined && (await isWanted())) {
    const seen = print && { fingerprint: await print().catch(() => undefined) }
    if (await journal.save({ ...ended, ...seen, expiresAt: retry.clock.date() + news })) return
    // The record was not written. A tab that still waits completes again from the checkpoint; if none does, nobody
    // needs it.
    if (await isWanted()) return
  }
  await journal.remove()
}

/** What has expired counts as absent, because the server may have thrown it away. So does what has ended. */
export function isUnfinished(checkpoint: Checkpoint, tools: Tools): boolean {
  const { stage } = checkpoint
  return !isExpired(checkpoint, tools) && (stage === 'identified' || stage === 'opened')
}

export function isExpired({ expiresAt }: Checkpoint, { retry }: Tools): boolean {
  return expiresAt <= retry.clock.date()
}

class Run {
  readonly #job: Job
  readonly #tools: Tools
  readonly #signals: RunSignals
  readonly #on: RunListener
  readonly #retry: RetryPolicy
  readonly #onHashWarning = (message: string): void => this.#on.warned('hashing', message)
  #isUnsure: boolean
  /**
   * The stored session is lost on the server. It is kept until there is another: a server in trouble may answer 404 to
   * everything.
   */
  #isLost = false

  constructor(job: Job, tools: Tools, signals: RunSignals, on: RunListener) {
    this.#job = job
    this.#tools = tools
    this.#signals = signals
    this.#on = on
    this.#retry = withBudget(tools.retry)
    this.#isUnsure = job.isUnsure
  }

  /** Replaces a session that the server has lost by a new one, once. */
  async toTheEnd(): Promise<UploadResult> {
    try {
      return await this.#wholeWay()
    } catch (error) {
      if (!(error instanceof SessionLostError)) throw error
      this.#signals.stop.throwIfAborted()
      const result = await this.#resultAfter(error)
      if (result !== undefined) return result
      this.#signals.stop.throwIfAborted()
      await this.#startOver(error)
      return await this.#wholeWay()
    }
  }

  /** A server that no longer knows the upload may have completed it. */
  async #resultAfter(error: SessionLostError): Promise<UploadResult | undefined> {
    if (!this.#isUnsure && this.#tools.backend.status === undefined) return undefined
    const stored = await this.#load()
    if (stored?.checkpoint.stage !== 'opened') return undefined
    const { checkpoint } = stored
    const { session, layout } = checkpoint
    const receipts = reconcile(layout, stored.receipts, undefined)
    // Only an upload with all its parts can have been completed, by this page or by one that has died since.
    if (!this.#isUnsure && receipts.size < partCount(layout)) return undefined
    this.#on.enter('completing')
    const asked = this.#uncut((call) => keyIfCompleted(error, this.#status(session, call)))
    const completed = await asked.catch((thrown) =>
      thrown === error ? Promise.reject(error) : ifLost(thrown),
    )
    return completed && this.#finish(completed, { checkpoint, receipts })
  }

  async #wholeWay(): Promise<UploadResult> {
    const { file, handle, identity, left } = this.#job
    // Before the file is read, which may take minutes.
    requireFit(identity.size, this.#tools.backend.limits)
    const result = left && (await this.#finishedElsewhere(left))
    if (result !== undefined) return result
    await this.#requireAlike(this.#job)
    const began = this.#retry.clock.now()
    if (this.#job.isFresh) await this.#beginAnew()
    const stored = await this.#load()
    // A file that was read before is no folder: if it cannot be read now, its disk is gone.
    if (!(handle && file.size > 0) && !stored && !this.#isLost)
      await unless(this.#signals.kill, requireNoFolder(file))
    const digest = await this.#identify(stored)
    const begun = await this.#open(stored, digest)
    await this.#send(begun)
    await this.#lookAgain(begun, began)
    const completed = await this.#complete(begun)
    return this.#finish(completed, begun)
  }

  async #finish(completed: Completed, stand: Stand): Promise<UploadResult> {
    const { layout, digest } = stand.checkpoint
    const { key: received }: Completed = Object(completed)
    if (typeof received !== 'string') {
      // The upload may be complete all the same.
      this.#doubt(true)
      throw new BackendError({ endpoint: 'complete', field: 'key', expected: 'a string', received })
    }
    const result = { ...completed, size: layout.fileSize, checksums: this.#checksums(stand) }
    const ended = { ...this.#base(digest), stage: 'ended' as const, result }
    await leave(this.#job.journal, this.#tools, ended, () =>
      // The file is stored, so a stop does not wait for a disk that does not answer.
      within(this.#patience(0), (signal) => fingerprint(this.#job.file, this.#tools, signal)),
    )
    return result
  }

  #print(file: File = this.#job.file): Promise<string | undefined> {
    return fingerprint(file, this.#tools, this.#signals.kill)
  }

  /**
   * Takes the other tab's result unless the fingerprints differ: sending a file twice is better than not sending it.
   */
  async #finishedElsewhere(left: LeftCheckpoint): Promise<UploadResult | undefined> {
    const print = await this.#print()
    if (print !== undefined && print !== left.fingerprint) return undefined
    this.#signals.stop.throwIfAborted()
    this.#on.enter('completing')
    // A third tab may wait.
    await leave(this.#job.journal, this.#tools, left)
    this.#on.tracker.finished()
    return left.result
  }

  /** If the earlier file can no longer be read, nobody can tell, and the new one is taken. */
  async #requireAlike({ file, own }: Job): Promise<void> {
    if (own === file) return
    const print = await this.#print()
    const before = await this.#print(own).catch(() => print)
    this.#signals.stop.throwIfAborted()
    if (print !== before) throw new FileChangedError(`"${file.name}" has different content than before`)
  }

  /**
   * Throws away what is stored. This is not the upload's end, so a waiting tab is not told of one. If the server cannot
   * be told now, it is told later.
   */
  async #beginAnew(): Promise<void> {
    const { journal, file, digests } = this.#job
    // Firefox reads a file whatever has become of it: what was read before may have been edited since.
    digests.delete(file)
    await throwAway(journal, this.#tools, () => journal.remove())
  }

  async #startOver(error: SessionLostError): Promise<void> {
    // Not `completing` any more: from here on the run may be cut.
    this.#on.enter('opening')
    this.#on.warned('session-lost', error)
    const stored = await this.#job.journal.load()
    if (stored?.checkpoint.stage === 'opened') await this.#giveUp(stored.checkpoint.session)
    this.#isLost = true
  }

  /**
   * If only the storage has lost the upload, the server would answer with the same session again, so it is told to
   * abort it. Once, because mostly it does not know the session either; and never if the session may have been
   * completed.
   */
  async #giveUp(session: Json): Promise<void> {
    const { backend, api } = this.#tools
    if (this.#isUnsure || this.#job.journal.isGone) return
    const { kill } = this.#signals
    // An application's own backend may throw before it returns a promise.
    const told = (async () => backend.abort?.(session, { signal: kill, api }))()
    await unless(kill, told).catch(() => {})
  }

  async #load(): Promise<StoredUpload | undefined> {
    const { journal } = this.#job
    const stored = await journal.load(true)
    // Its page died in the middle of a cancel; its place is needed now.
    if (stored?.checkpoint.stage === 'aborting') await journal.leaveTombstone(stored.checkpoint)
    return stored && !this.#isLost && isUnfinished(stored.checkpoint, this.#tools) ? stored : undefined
  }

  /**
   * The whole file's digest. The runs of one upload read the file once. After an earlier visit the file may have been
   * edited, so only the digest's progress is kept, and continued if the bytes before it are the same. The digest that a
   * session was opened with counts if parts are stored, because these are compared.
   */
  async #identify(stored: StoredUpload | undefined): Promise<string | undefined> {
    const fileDigest = this.#fileDigest()
    const checkpoint = stored?.checkpoint
    const isOpened = checkpoint?.stage === 'opened'
    // A session that was opened without a digest goes on without one.
    if (isOpened && (!fileDigest || !checkpoint.digest || stored?.receipts.length)) return checkpoint.digest
    if (!fileDigest) return undefined
    const { file, journal, digests } = this.#job
    const known = digests.get(file)
    if (known !== undefined) return known
    this.#on.enter('hashing')
    const { kill } = this.#signals
    const onProgress = (bytes: number): void => {
      // A function of the application's may go on after the kill.
      if (!kill.aborted) this.#on.tracker.hashed(bytes)
    }
    const call = { signal: kill, onProgress, onWarning: this.#onHashWarning }
    // A session must not be overwritten.
    const keep = async (hashing: DigestState): Promise<unknown> =>
      isOpened || this.#isLost || journal.save({ ...this.#base(undefined), stage: 'identified', hashing })
    const from = checkpoint?.stage === 'identified' ? checkpoint.hashing : undefined
    const digest =
      typeof fileDigest === 'function'
        ? await unless(kill, fileDigest(file, call))
        : await digestFile(file, fileDigest, { hasher: this.#tools.hasher, from, keep, call })
    digests.set(file, digest)
    this.#signals.stop.throwIfAborted()
    return digest
  }

  #fileDigest(): DigestAlgorithm | Digester | undefined {
    return this.#tools.backend.fileDigest?.(this.#job.identity)
  }

  /** All checksums of the whole file that are known by now. */
  #checksums({ checkpoint: { session, layout, digest }, receipts }: Stand): Checksums {
    const algorithm = this.#fileDigest()
    const ofFile = typeof algorithm === 'string' && digest !== undefined ? { [algorithm]: digest } : {}
    return { ...wholeChecksums(this.#whole(session), layout, receipts), ...ofFile }
  }

  /** The checksums of the whole file that the server or the application wants. */
  #whole(session: Json): readonly CrcAlgorithm[] {
    const { backend, checksum } = this.#tools
    const wanted = [backend.wholeChecksum?.(session), checksum].filter((one) => one !== undefined)
    return [...new Set(wanted)]
  }

  /** What the backend learns of the file: everything but its bytes. */
  #describe(digest: string | undefined): FileDescription {
    // If the application has given another name, the name on the disk is nobody's concern.
    const {
      identity: { ownName: _, ...identity },
      params,
      file,
    } = this.#job
    return { ...identity, digest, params, pictureSize: () => pictureSize(file) }
  }

  async #open(stored: StoredUpload | undefined, digest: string | undefined): Promise<Begun> {
    this.#signals.stop.throwIfAborted()
    this.#on.enter('opening')
    const found = stored?.checkpoint.stage === 'opened' ? stored.checkpoint : undefined
    const left = found === undefined ? undefined : await this.#goOn(found, stored?.receipts ?? [], digest)
    // That digest may be of the other file too, so it is computed again.
    const begun = left ?? (await this.#openAnew(found ? await this.#identify(undefined) : digest))
    const { checkpoint, receipts } = begun
    this.#on.opened(checkpoint.layout, receipts, checkpoint.sessionExpiresAt)
    await this.#verify(checkpoint.layout, receipts)
    return { ...begun, receipts: new Map(receipts.map((receipt) => [receipt.number, receipt])) }
  }

  /**
   * What an earlier run has left, or nothing if none of it can be shown to be of this file. Then its session is thrown
   * away, because parts of two files must never meet in one.
   */
  async #goOn(
    checkpoint: OpenedCheckpoint,
    kept: readonly PartReceipt[],
    digest: string | undefined,
  ): Promise<Found | undefined> {
    const { layout } = checkpoint
    const reopened = this.#needsList(layout, kept) ? await this.#reopen(checkpoint) : undefined
    const verification = this.#verification(layout)
    const stored = await confirmed([...reconcile(layout, kept, reopened).values()], kept, verification)
    const proven = this.#job.isKnown ? stored : await countable(stored, verification)
    // If no stored part can be compared, the digest that the session was opened with shows whether it is of this file.
    const own = proven.length > 0 ? digest : await this.#identify({ checkpoint, receipts: [] })
    // A digest of the application's own need not be of the content.
    const isDigested = own !== undefined && typeof this.#fileDigest() === 'string'
    const isShown = proven.length > 0 || stored.length === 0 || isDigested
    if (own === checkpoint.digest && isShown) {
      const receipts = proven.length > 0 ? proven : stored
      const onRecord = new Set(reopened?.parts.map(({ number }) => number))
      return { checkpoint, receipts, onRecord, targets: [] }
    }
    await this.#beginAnew()
    return undefined
  }

  /**
   * If no part is missing, the earlier run may have come as far as completing, and a completed upload has no list any
   * more. Completing again is repeatable, and tells more than the list would.
   */
  #needsList(layout: Layout, receipts: readonly PartReceipt[]): boolean {
    const isComplete = reconcile(layout, receipts, undefined).size === partCount(layout)
    return !isComplete || (this.#job.isDoubtful && !this.#isUnsure)
  }

  #reopen({ session, digest }: OpenedCheckpoint): Promise<Reopened | undefined> {
    const { backend } = this.#tools
    return this.#call(async (call) => backend.reopen?.(session, this.#describe(digest), call))
  }

  async #verify(layout: Layout, receipts: readonly PartReceipt[]): Promise<void> {
    if (!this.#job.isKnown) await verifyParts(receipts, this.#verification(layout))
    this.#on.verified(this.#job.file)
  }

  #verification(layout: Layout): Verification {
    const { verify, hasher } = this.#tools
    return { file: this.#job.file, layout, verify, hasher, signal: this.#signals.kill }
  }

  /** The checkpoint is written before the first byte leaves, so that no byte is sent that nobody remembers. */
  async #openAnew(digest: string | undefined): Promise<Found> {
    const { journal } = this.#job
    if (this.#isUnsure) this.#doubt(false)
    const file = this.#describe(digest)
    const opened: Opened<Json> = Object(await this.#uncut((call) => this.#tools.backend.open(file, call)))
    // Without a session nothing of it could be resumed.
    if (opened.session === undefined)
      throw new BackendError({ endpoint: 'open', field: 'session', expected: 'JSON', received: undefined })
    const { targets = [], parts = [], expiresIn } = opened
    const base = this.#base(digest, expiresIn)
    const checkpoint: OpenedCheckpoint = {
      ...base,
      stage: 'opened',
      session: opened.session,
      layout: this.#layout(opened),
      ...(expiresIn && { sessionExpiresAt: base.createdAt + expiresIn }),
    }
    await journal.save(checkpoint)
    const receipts = [...reconcile(checkpoint.layout, [], { parts, source: 'record' }).values()]
    return { checkpoint, receipts, onRecord: new Set(parts.map(({ number }) => number)), targets }
  }

  #layout(opened: Opened<Json>): Layout {
    const { size } = this.#job.identity
    const { backend, partSize } = this.#tools
    const { partSize: decided, cuts } = opened
    const received = cuts ?? decided
    // An application's own backend may pass on its server's null.
    if (received === undefined || received === null) return planLayout(size, backend.limits, partSize)
    try {
      return createLayout(size, decided ?? 1, cuts, backend.limits.maxParts)
    } catch (cause) {
      const expected = `valid for this file (${toUploadError(cause).message})`
      throw new BackendError({ endpoint: 'open', field: cuts ? 'cuts' : 'partSize', expected, received })
    }
  }

  async #send({
    checkpoint: { session, layout },
    receipts,
    onRecord,
    targets: signed,
  }: Begun): Promise<void> {
    this.#signals.stop.throwIfAborted()
    this.#on.enter('uploading')
    const missing = missingParts(layout, receipts)
    const { backend, line } = this.#tools
    const targets = new Targets({
      parts: missing,
      signed,
      batch: {
        first: Math.min(backend.limits.maxBatch, line.widest * 2),
        most: Math.min(backend.limits.maxBatch, 100),
      },
      ahead: line.widest * 2,
      clock: this.#retry.clock,
      isTroubled: () => this.#retry.budget.inARow > 0,
      sign: (parts) => this.#call((call) => backend.sign(session, parts, call)),
    })
    const digests = this.#digests(session, layout, receipts)
    const informer = this.#informer(session, receipts)
    const on: SendingListener = {
      sending: (part, sent) => {
        if (sent === 0) digests.begin(part)
        this.#on.tracker.sending(part, sent)
      },
      dropped: (part) => this.#on.tracker.dropped(part),
      stored: async (receipt) => {
        onRecord.delete(receipt.number)
        await this.#keep(receipt, receipts, digests)
        informer.stored(receipt)
      },
      suspected: (error) => {
        if (error.code === 'cors') this.#on.warned('cors', error)
      },
    }
    const { file } = this.#job
    const sending = { file, parts: missing, targets, retry: this.#retry, line, backend, digests, on }
    try {
      await sendParts({ ...sending, ...this.#signals })
      await digests.settled()
      // Parts whose page died before it had their checksums, and parts that only the server knew of.
      await digests.again(lacking(this.#whole(session), receipts.values()))
    } finally {
      await Promise.all([digests.end(), informer.end()])
    }
  }

  #informer(session: Json, receipts: Receipts): Informer {
    const { backend, api } = this.#tools
    return new Informer({
      backend,
      session,
      clock: this.#retry.clock,
      api,
      stored: () => ({
        parts: receipts.size,
        bytes: bytesOf([...receipts.values()]),
      }),
    })
  }

  async #keep(receipt: PartReceipt, receipts: Receipts, digests: PartDigests): Promise<void> {
    const kept = digests.atOnce(receipt)
    receipts.set(receipt.number, kept)
    this.#on.stored(receipt)
    await this.#job.journal.add(kept)
    digests.compute(kept)
  }

  #digests(session: Json, layout: Layout, receipts: Receipts): PartDigests {
    const { hasher, verify } = this.#tools
    const { file, journal } = this.#job
    return new PartDigests({
      file,
      layout,
      hasher,
      verify,
      whole: this.#whole(session),
      kill: this.#signals.kill,
      keep: async (number, kept: Kept) => {
        const receipt = receipts.get(number)
        if (receipt === undefined) return
        const grown = { ...receipt, ...kept }
        receipts.set(number, grown)
        await journal.add(grown)
      },
      onWarning: this.#onHashWarning,
      onUnfitEtags: () => this.#on.warned('etag', undefined),
    })
  }

  /**
   * Firefox reads a file whatever has become of it, and other engines know a change by its date only, so a file that
   * was overwritten while it was sent would make an object of both contents. A file that cannot be read now has been
   * sent all the same, and an upload that may be complete is not checked any more.
   */
  async #lookAgain({ checkpoint: { layout }, receipts }: Begun, began: number): Promise<void> {
    const isQuick = this.#retry.clock.now() - began < longEnough && !this.#job.isKnown
    if (isQuick || this.#isUnsure) return
    await verifyParts([...receipts.values()], this.#verification(layout)).catch((error: unknown) => {
      if (error instanceof FileChangedError) throw error
    })
  }

  async #complete({ checkpoint, receipts, onRecord }: Begun): Promise<Completed> {
    this.#signals.stop.throwIfAborted()
    const { session, layout } = checkpoint
    const ascending = [...receipts.values()]
      .sort((a, b) => a.number - b.number)
      .map((receipt) => (onRecord.has(receipt.number) ? { ...receipt, isOnRecord: true } : receipt))
    requireReceipts(layout, ascending)
    this.#on.enter('completing')
    const { backend } = this.#tools
    const whole = { size: layout.fileSize, checksums: this.#checksums({ checkpoint, receipts }) }
    // S3 may take minutes for thousands of parts. With few parts, a dead connection is noticed sooner.
    const timeout = 30_000 + 30 * ascending.length
    let attempts = 0
    return this.#uncut((call) => {
      const { signal } = call
      // The call was given up: an answer that still comes is no concern of a later run's.
      signal.addEventListener('abort', () => this.#doubt(true))
      return completing({
        isRepeated: attempts++ > 0,
        complete: () =>
          backend.complete(session, ascending, whole, { signal, api: patient(call.api, timeout) }),
        status: this.#status(session, call),
        onDoubt: (isUnsure) => {
          if (!signal.aborted) this.#doubt(isUnsure)
        },
      })
    }, timeout)
  }

  #doubt(isUnsure: boolean): void {
    this.#isUnsure = isUnsure
    this.#on.unsure(isUnsure)
  }

  #status(session: Json, call: BackendCall): AskStatus {
    const { backend } = this.#tools
    const ask = backend.status?.bind(backend)
    return ask && (async () => ask(session, call))
  }

  #call<T>(request: (call: BackendCall) => Promise<T>): Promise<T> {
    const { api } = this.#tools
    const { kill, stop } = this.#signals
    return retrying(() => unless(kill, request({ signal: kill, api })), this.#retry, stop)
  }

  /**
   * For calls that change what the server holds. Once such a request is out, only its answer tells what has happened,
   * so it is awaited, and a stop only ends the retries. But not for ever: an application's own code may never answer.
   *
   * @param more Milliseconds that it may take beyond what a call takes.
   */
  #uncut<T>(request: (call: BackendCall) => Promise<T>, more = 0): Promise<T> {
    const { api } = this.#tools
    const { stop } = this.#signals
    return retrying(
      () => within(this.#patience(more), (signal) => request({ signal, api })),
      this.#retry,
      stop,
    )
  }

  /** Without limit until a stop is asked for. */
  #patience(more: number): Parameters<typeof within>[0] {
    return { clock: this.#retry.clock, since: this.#signals.stop, limit: longestAnswer + more }
  }

  #base(digest: string | undefined, expiresIn?: number): Omit<IdentifiedCheckpoint, 'stage'> {
    const { identity, params, journal, handle } = this.#job
    const { backend, scope, expiry, retry } = this.#tools
    const createdAt = retry.clock.date()
    // An application's own backend may give NaN for what its server does not say.
    const expiresAt = createdAt + Math.min(expiry, expiresIn || expiry)
    return {
      version: 1,
      key: journal.key,
      scope,
      backend: backend.name,
      identity,
      params,
      createdAt,
      expiresAt,
      digest,
      ...(handle && { handle }),
    }
  }
}

/** Gives each call that has no time limit of its own a longer one. */
function patient(api: ApiTransport, timeout: number): ApiTransport {
  return { send: (request, call) => api.send({ timeout, ...request }, call) }
}

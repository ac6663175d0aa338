import { type AnyFile, type UploadBatch, type UploadFilesOptions, uploadAll } from '../batch.ts'
import type { Diagnosis } from '../diagnose.ts'
import { Events } from '../events.ts'
import { checkpointKey, requireItsOwn } from '../identity.ts'
import { type Taken, takeAgain, takeIn } from '../intake.ts'
import { requireMethods } from '../options.ts'
import type { PickedFile } from '../sources.ts'
import { isEnded } from '../state.ts'
import type { TotalProgress } from '../totals.ts'
import type { InterruptedUpload, UploaderEvents, UploaderLike, UploadFileOptions } from '../uploader.ts'
import { Link, type RemoteTarget } from './link.ts'
import { type RemotePlan, RemoteUpload } from './remote-upload.ts'
import type { WireInterrupted } from './wire.ts'

/**
 * Uploads files by an Uploader that is in a worker, which `serveUploader` makes known there: the page has next to nothing to do, and
 * to load.
 *
 * @throws TypeError where it is given no worker, no port and no function.
 *
 * @example
 * ```ts
 * import { RemoteUploader } from 'longhaul/remote'
 *
 * const worker = new Worker(new URL('./upload-worker.js', import.meta.url), { type: 'module' })
 * const uploader = new RemoteUploader(worker)
 * const { key } = await uploader.uploadFile(file)
 * ```
 */
export class RemoteUploader implements UploaderLike<RemoteUpload> {
  readonly #make: () => RemoteTarget
  /** Whether a worker that was ended can be followed by another. */
  readonly #isMaker: boolean
  readonly #events = new Events<UploaderEvents<RemoteUpload>>()
  readonly #uploads = new Map<string, RemoteUpload>()
  #link: Link | undefined
  #count = 0
  #stops = 0
  #progress: TotalProgress = {
    confirmed: 0,
    inFlight: 0,
    total: 0,
    rate: 0,
    eta: undefined,
    files: { total: 0, done: 0, failed: 0 },
  }

  /**
   * @param worker Of a script that calls `serveUploader`, a SharedWorker too, or a port to one. It is this Uploader's from now on. Or what
   * makes one: it is called when there is something to ask a worker for, and again after that one was stopped, so that a server can
   * make a RemoteUploader too.
   */
  constructor(worker: RemoteTarget | (() => RemoteTarget)) {
    this.#isMaker = typeof worker === 'function'
    if (typeof worker === 'function') this.#make = worker
    else {
      requireMethods('worker', Object(worker).port || worker, ['postMessage'])
      this.#make = () => worker
      this.#line()
    }
  }

  /** As an upload's: without it, Vue would make a proxy of it. */
  get [Symbol.toStringTag](): string {
    return 'Uploader'
  }

  /** The figures of all uploads together, as they came last. */
  get progress(): TotalProgress {
    return this.#progress
  }

  /** As `Uploader.uploads`. */
  get uploads(): readonly RemoteUpload[] {
    return [...this.#uploads.values()]
  }

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof UploaderEvents<RemoteUpload>>(
    type: Type,
    listener: (event: UploaderEvents<RemoteUpload>[Type]) => void,
  ): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * As `Uploader.uploadFile`: it starts at once, or goes on where an interrupted upload of the same file has stopped. A file whose
   * upload is already under way gives that same upload, as there.
   *
   * @throws TypeError where it is no file, UploadError with the code `too-large` or `not-accepted` where the options do not let it in,
   * `in-use` where another `File` that looks the same is under way.
   */
  uploadFile(file: File | Blob | PickedFile, options: UploadFileOptions = {}): RemoteUpload {
    return this.#upload(takeIn(file, options))
  }

  /**
   * As `Uploader.uploadFiles`.
   *
   * @throws RangeError or TypeError for a `maxFiles` that makes no sense.
   */
  uploadFiles(
    files: Iterable<AnyFile> | AsyncIterable<AnyFile>,
    options: UploadFilesOptions = {},
  ): UploadBatch<RemoteUpload> {
    const stops = this.#stops
    return uploadAll({
      files,
      options,
      now: () => performance.now(),
      isOver: () => stops !== this.#stops,
      upload: (file, each) => this.uploadFile(file, each),
    })
  }

  /** As `Uploader.interrupted`. */
  async interrupted(): Promise<readonly InterruptedUpload<RemoteUpload>[]> {
    const left = (await this.#line().ask({ type: 'interrupted' })) as readonly WireInterrupted[]
    // The worker does not know of one for which the user is asked for the file yet.
    return left.filter((one) => !this.#uploads.has(keyOf(one))).map((one) => this.#interrupted(one))
  }

  /** As `Uploader.diagnose`. */
  async diagnose(): Promise<Diagnosis> {
    return (await this.#line().ask({ type: 'diagnose' })) as Diagnosis
  }

  /**
   * As `Uploader.stop`. A worker that was made by the function that was given is ended, and another one is made when it is needed;
   * one that was given goes on.
   */
  stop(): Promise<void> {
    return this.#stop(this.#isMaker)
  }

  /**
   * Stops all uploads, as if the page were closed, and ends the worker; of a SharedWorker, or a port, only the line is closed. What is stored can be resumed by another Uploader. Where the
   * worker was given, and not made by a function, this Uploader cannot be used again: what is asked of it fails with an `UploadError`.
   */
  close(): Promise<void> {
    return this.#stop(true)
  }

  async #stop(isLast: boolean): Promise<void> {
    const link = this.#link
    // What is asked for from now on is asked of another one.
    if (this.#isMaker) this.#link = undefined
    this.#stops += 1
    for (const upload of this.uploads) upload.abandon()
    // In a worker that is dead nothing is under way.
    await link?.ask({ type: 'stop' }).catch(() => {})
    if (isLast) link?.close('the RemoteUploader was closed')
  }

  #line(): Link {
    if (this.#link === undefined || (this.#isMaker && this.#link.isDead))
      this.#link = new Link(this.#make(), ({ totals }) => {
        this.#progress = totals
        this.#events.emit('progress', totals)
      })
    return this.#link
  }

  #upload(taken: Omit<Taken, 'file'> & Pick<RemotePlan, 'file'>): RemoteUpload {
    const key = keyOf(taken)
    const known = this.#uploads.get(key)
    if (known !== undefined && !known.isLeaving && !taken.signal?.aborted) {
      requireItsOwn(known, taken.file)
      known.follow(taken.signal)
      known.goOnWith(taken.file, taken.handle)
      return known
    }
    this.#count += 1
    const upload = new RemoteUpload({
      ...taken,
      id: this.#count,
      link: () => this.#line(),
      onEnd: (ended) => {
        if (this.#uploads.get(key) === ended) this.#uploads.delete(key)
      },
    })
    if (!isEnded(upload.state)) this.#uploads.set(key, upload)
    this.#events.emit('upload', upload)
    return upload
  }

  #interrupted(known: WireInterrupted): InterruptedUpload<RemoteUpload> {
    const { identity, params } = known
    // Of the worker of now, which need not be the one that has told of it.
    const ask = async (type: 'forget' | 'cancel-interrupted'): Promise<void> => {
      await this.#line().ask({ type, identity, params })
    }
    return {
      ...known,
      needsFile: known.handle === undefined,
      resume: (file, options) => this.#upload(takeAgain(known, file, options)),
      forget: () => ask('forget'),
      cancel: () => {
        // One for which the user is asked for the file is known here only.
        void this.#uploads.get(keyOf(known))?.cancel()
        return ask('cancel-interrupted')
      },
    }
  }
}

/** All are of one scope and of one backend, which the worker knows. */
function keyOf({ identity, params }: Pick<Taken, 'identity' | 'params'>): string {
  return checkpointKey('', '', identity, params)
}

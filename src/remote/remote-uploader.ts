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
 * Uploads files with an Uploader that runs in a worker, which calls `serveUploader` (docs/in-a-worker.md). The page has
 * little to load and little to do.
 *
 * @throws TypeError if it gets neither a worker nor a port nor a function.
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
  /** Whether another worker can follow one that has ended. */
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
   * @param worker A Worker or SharedWorker whose script calls `serveUploader`, or a port to one. It belongs to this Uploader
   * from now on. Or a function that makes one. It is called when a worker is needed, and again after that worker was stopped,
   * so that a RemoteUploader can also be made on a server.
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

  /** Keeps Vue from wrapping the object in a proxy, in which `#private` fields do not work. */
  get [Symbol.toStringTag](): string {
    return 'Uploader'
  }

  /** The last figures of all uploads together. A SharedWorker tells those of all pages. */
  get progress(): TotalProgress {
    return this.#progress
  }

  /** As `Uploader.uploads`. */
  get uploads(): readonly RemoteUpload[] {
    return [...this.#uploads.values()]
  }

  /** As `Uploader.on`. */
  on<Type extends keyof UploaderEvents<RemoteUpload>>(
    type: Type,
    listener: (event: UploaderEvents<RemoteUpload>[Type]) => void,
  ): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * As `Uploader.uploadFile`. It starts at once, or resumes an interrupted upload of the same file with the same params. If
   * that upload is under way, the same `RemoteUpload` is returned.
   *
   * @throws TypeError if `file` is no file, TypeError or RangeError for a wrong option.
   * @throws UploadError with the code `too-large` or `not-accepted` if the options do not allow the file, or `in-use` if
   * another `File` of the same path, name, size and date is under way.
   */
  uploadFile(file: File | Blob | PickedFile, options: UploadFileOptions = {}): RemoteUpload {
    return this.#upload(takeIn(file, options))
  }

  /**
   * As `Uploader.uploadFiles`.
   *
   * @throws TypeError if `files` is no list, TypeError or RangeError for a wrong `maxFiles`. Nothing is started then.
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
    // The worker does not know yet of an upload for whose file the user is being asked.
    return left.filter((one) => !this.#uploads.has(keyOf(one))).map((one) => this.#interrupted(one))
  }

  /** As `Uploader.diagnose`. */
  async diagnose(): Promise<Diagnosis> {
    return (await this.#line().ask({ type: 'diagnose' })) as Diagnosis
  }

  /**
   * As `Uploader.stop`. If this Uploader got a function, its worker is ended, and another is made when it is needed. A worker
   * or port that was passed in stays.
   */
  stop(): Promise<void> {
    return this.#stop(this.#isMaker)
  }

  /**
   * Stops all uploads, as if the page were closed, and ends the worker. Of a SharedWorker or a port, only the connection is
   * closed. Another Uploader can resume the uploads. If the worker was passed in, not made by a function, this Uploader
   * cannot be used again: its calls fail with an `UploadError`.
   */
  close(): Promise<void> {
    return this.#stop(true)
  }

  async #stop(isLast: boolean): Promise<void> {
    const link = this.#link
    // From now on, another worker is asked.
    if (this.#isMaker) this.#link = undefined
    this.#stops += 1
    for (const upload of this.uploads) upload.abandon()
    // Nothing is under way in a dead worker.
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
    // The current worker is asked, which need not be the one that listed the upload.
    const ask = async (type: 'forget' | 'cancel-interrupted'): Promise<void> => {
      await this.#line().ask({ type, identity, params })
    }
    return {
      ...known,
      needsFile: known.handle === undefined,
      resume: (file, options) => this.#upload(takeAgain(known, file, options)),
      forget: () => ask('forget'),
      cancel: () => {
        // Only the page knows of an upload for whose file the user is being asked.
        void this.#uploads.get(keyOf(known))?.cancel()
        return ask('cancel-interrupted')
      },
    }
  }
}

/** Without scope and backend: all uploads share those of the worker's Uploader. */
function keyOf({ identity, params }: Pick<Taken, 'identity' | 'params'>): string {
  return checkpointKey('', '', identity, params)
}

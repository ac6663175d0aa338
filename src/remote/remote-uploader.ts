import type { Diagnosis } from '../diagnose.ts'
import { Events } from '../events.ts'
import { takeAgain, takeIn } from '../intake.ts'
import { requireMethods } from '../options.ts'
import type { PickedFile } from '../sources.ts'
import type { TotalEvents, TotalProgress } from '../totals.ts'
import type { InterruptedUpload, UploadFileOptions } from '../uploader.ts'
import { Link } from './link.ts'
import { RemoteUpload } from './remote-upload.ts'
import type { WireInterrupted } from './wire.ts'

/** An interrupted upload that the worker goes on with; as an `InterruptedUpload`. */
export type RemoteInterruptedUpload = Omit<InterruptedUpload, 'resume'> & {
  /** As `InterruptedUpload.resume`. */
  resume(file?: File, options?: Pick<UploadFileOptions, 'signal' | 'handle'>): RemoteUpload
}

/**
 * Uploads files by an Uploader that is in a worker, which `serveUploader` makes known there: the page has next to nothing to do, and
 * to load.
 *
 * @throws TypeError where it is given no worker.
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
export class RemoteUploader {
  readonly #link: Link
  readonly #events = new Events<TotalEvents>()
  #progress: TotalProgress = {
    confirmed: 0,
    inFlight: 0,
    total: 0,
    rate: 0,
    eta: undefined,
    files: { total: 0, done: 0, failed: 0 },
  }

  /** @param worker Of a script that calls `serveUploader`. It is this Uploader's from now on. */
  constructor(worker: Worker) {
    requireMethods('worker', worker, ['postMessage', 'terminate', 'addEventListener'])
    this.#link = new Link(worker, ({ totals }) => {
      this.#progress = totals
      this.#events.emit('progress', totals)
    })
    globalThis.addEventListener?.('pageshow', this.#wake)
    globalThis.document?.addEventListener('visibilitychange', this.#wake)
  }

  /** The figures of all uploads together, as they came last. */
  get progress(): TotalProgress {
    return this.#progress
  }

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof TotalEvents>(type: Type, listener: (event: TotalEvents[Type]) => void): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * As `Uploader.uploadFile`: it starts at once, or goes on where an interrupted upload of the same file has stopped.
   *
   * @throws TypeError where it is no file, UploadError with the code `too-large` or `not-accepted` where the options do not let it in.
   */
  uploadFile(file: File | Blob | PickedFile, options: UploadFileOptions = {}): RemoteUpload {
    const { file: picked, identity, params, signal, handle } = takeIn(file, options)
    // Where it was found does not come along with a file.
    const known = { params, relativePath: identity.relativePath, handle }
    return new RemoteUpload({
      link: this.#link,
      identity,
      file: picked,
      handle,
      signal,
      start: (id, found) => ({ type: 'upload', id, file: found, options: known }),
    })
  }

  /** As `Uploader.interrupted`. */
  async interrupted(): Promise<readonly RemoteInterruptedUpload[]> {
    const left = (await this.#link.ask({ type: 'interrupted' })) as readonly WireInterrupted[]
    return left.map((one) => this.#interrupted(one))
  }

  /** As `Uploader.diagnose`. */
  async diagnose(): Promise<Diagnosis> {
    return (await this.#link.ask({ type: 'diagnose' })) as Diagnosis
  }

  /** As `Uploader.stop`. */
  async stop(): Promise<void> {
    await this.#link.ask({ type: 'stop' })
  }

  /**
   * Stops all uploads, as if the page were closed, and ends the worker. What is stored can be resumed by another Uploader. This
   * one cannot be used again: what is asked of it fails with an `UploadError`.
   */
  async close(): Promise<void> {
    globalThis.removeEventListener?.('pageshow', this.#wake)
    globalThis.document?.removeEventListener('visibilitychange', this.#wake)
    await this.stop().catch(() => {})
    this.#link.close('the RemoteUploader was closed')
  }

  /** A worker does not hear of it. */
  readonly #wake = (): void => {
    if (globalThis.document?.visibilityState !== 'hidden') this.#link.order({ type: 'wake' })
  }

  #interrupted({ ref, handle, ...known }: WireInterrupted): RemoteInterruptedUpload {
    const { identity } = known
    return {
      ...known,
      handle,
      needsFile: handle === undefined,
      resume: (file, options = {}) => {
        const kept = options.handle ?? handle
        return new RemoteUpload({
          link: this.#link,
          identity,
          file: takeAgain(identity, file, handle),
          handle: kept,
          signal: options.signal,
          start: (id, found) => ({ type: 'go-on', id, ref, file: found, handle: kept }),
        })
      },
      forget: async () => void (await this.#link.ask({ type: 'forget', ref })),
      cancel: async () => void (await this.#link.ask({ type: 'cancel-interrupted', ref })),
    }
  }
}

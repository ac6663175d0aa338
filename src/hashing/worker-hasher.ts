import { FileUnreadableError, UploadError } from '../errors.ts'
import { unless } from '../patience.ts'
import type { Checksums, DigestAlgorithm, DigestCall, Hasher } from '../ports.ts'
import { requireByte } from '../readable.ts'
import { Turns } from '../turns.ts'
import type { HashFailure, HashRequest } from './protocol.ts'
import { died, WorkerPool } from './worker-pool.ts'

/**
 * Which worker is asked for: `common` knows xxHash64, MD5 and the CRCs, `all` knows every algorithm. If a worker does
 * not know the algorithm, the main thread computes it.
 */
export type WorkerKind = 'common' | 'all'

/** Makes a worker. Throws if the page may have none. */
export type WorkerFactory = (kind: WorkerKind) => Worker

const common: readonly DigestAlgorithm[] = ['crc32', 'crc32c', 'crc64nvme', 'md5', 'xxhash64']

/**
 * Digests files in as many workers as help. They are made when there is something to digest, and ended when there is
 * nothing left. If a page's policy forbids workers, digesting goes on in short slices on the main thread.
 *
 * @param createWorker For a bundler or policy that needs another URL than the one beside the bundle.
 *
 * @example
 * ```ts
 * const hasher = workerHasher((kind) => new Worker(`/static/${kind === 'all' ? 'worker-all' : 'worker'}.js`, { type: 'module' }))
 * ```
 */
export function workerHasher(createWorker: WorkerFactory): Hasher {
  return new WorkerHasher(createWorker)
}

class WorkerHasher implements Hasher {
  readonly #pool: WorkerPool
  readonly #turns: Turns
  /** On the main thread, files are digested one after the other. */
  readonly #here = new Turns(1)
  #areForbidden = false
  #hasWarned = false

  constructor(createWorker: WorkerFactory) {
    const size = poolSize()
    this.#pool = new WorkerPool(createWorker, size)
    this.#turns = new Turns(size)
  }

  async digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
    const digests = await this.digestAll(blob, [algorithm], call)
    return digests[algorithm] ?? ''
  }

  digestAll(blob: Blob, algorithms: readonly DigestAlgorithm[], call: DigestCall): Promise<Checksums> {
    const { from, onState } = call
    const request = { blob, algorithms, from, tellsStates: onState !== undefined }
    // A disk may not answer.
    return this.#turns.run(call.signal, () => unless(call.signal, this.#digest(request, call)))
  }

  /** @param before How far a worker had read when it could not go on. */
  async #digest(request: HashRequest, call: DigestCall, before = 0): Promise<Checksums> {
    let { from } = request
    let read = 0
    const heard: DigestCall = {
      ...call,
      onProgress: (bytes) => {
        read = bytes
        call.onProgress?.(bytes)
      },
      onState: (state) => {
        from = state
        call.onState?.(state)
      },
    }
    const outcome = this.#areForbidden ? died : await this.#inWorker(request, heard)
    if (!('type' in outcome)) return outcome
    if (outcome.type === 'failed') throw failure(request.blob, outcome)
    if (outcome.type === 'unreadable') {
      await requireByte(request.blob.slice(-1), nameOf(request.blob))
      // A disk was away for a moment, or is broken in one place.
      if (read > before) return this.#digest({ ...request, from }, call, read)
      // Otherwise it is WebKit, whose workers read no picked file if the page is a file itself.
      if (read > 0) throw failure(request.blob, outcome)
    }
    if (outcome.type !== 'unsupported') this.#warn('without a worker, on the main thread', call)
    return this.#here.run(call.signal, () => this.#onMainThread(request, call))
  }

  /**
   * A worker that dies is replaced once. If that one dies too, this page may have none, or they cannot be loaded
   * offline.
   */
  async #inWorker(request: HashRequest, call: DigestCall): Promise<Checksums | HashFailure | typeof died> {
    const kind = request.algorithms.every((one) => common.includes(one)) ? 'common' : 'all'
    const warned = { ...call, onPlain: () => this.#warnOfPlain(call) }
    const first = await this.#pool.run(kind, request, warned)
    if (first !== died) return first
    call.signal.throwIfAborted()
    const second = await this.#pool.run(kind, request, warned)
    if (second === died) this.#areForbidden = globalThis.navigator?.onLine !== false
    return second
  }

  async #onMainThread(request: HashRequest, call: DigestCall): Promise<Checksums> {
    const { digestHere, ReadError } = await import('./main-thread.ts')
    const onPlain = (): void => this.#warnOfPlain(call)
    try {
      return await digestHere(request, { ...call, onPlain })
    } catch (error) {
      call.signal.throwIfAborted()
      const message = error instanceof Error ? error.message : String(error)
      throw failure(request.blob, { type: error instanceof ReadError ? 'unreadable' : 'failed', message })
    }
  }

  #warnOfPlain(call: DigestCall): void {
    this.#warn('without WebAssembly, which the page forbids', call)
  }

  #warn(how: string, call: DigestCall): void {
    if (this.#hasWarned || !call.onWarning) return
    this.#hasWarned = true
    call.onWarning(`Files are digested ${how}`)
  }
}

/** One core is left to the page. More than four workers only wait for the disk. */
function poolSize(): number {
  return Math.max(1, Math.min(4, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1))
}

function failure(blob: Blob, { type, message }: HashFailure): UploadError {
  return type === 'unreadable'
    ? new FileUnreadableError(nameOf(blob), { cause: message })
    : new UploadError('unexpected', `the file could not be digested: ${message}`)
}

function nameOf(blob: Blob): string {
  return blob instanceof File ? blob.name : 'the file'
}

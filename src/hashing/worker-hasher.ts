import PQueue from 'p-queue'
import { FileUnreadableError, UploadError } from '../errors.ts'
import type { DigestAlgorithm, DigestCall, Hasher } from '../ports.ts'
import { inTurn } from '../turn.ts'
import type { HashReply, HashRequest } from './protocol.ts'

/** Makes the worker; rejects or throws where the page may have none. */
export type WorkerFactory = () => Worker

/** On the main thread a slice must not be felt: 1 MiB is digested in well under a millisecond. */
const mainThreadSlice = 1024 * 1024

/**
 * Digests files in a worker, one after the other, for it is the reading that takes the time. The worker lives as long
 * as there is something to digest. Where a page's policy forbids workers it goes on in slices on the main thread.
 */
export function workerHasher(createWorker: WorkerFactory): Hasher {
  return new WorkerHasher(createWorker)
}

class WorkerHasher implements Hasher {
  readonly #createWorker: WorkerFactory
  readonly #queue = new PQueue({ concurrency: 1 })
  #worker: Worker | undefined

  constructor(createWorker: WorkerFactory) {
    this.#createWorker = createWorker
  }

  digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
    return inTurn(this.#queue, call.signal, () => this.#digest(blob, algorithm, call))
  }

  async #digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
    this.#worker ??= this.#tryWorker()
    try {
      const digest = this.#worker && (await digestIn(this.#worker, { blob, algorithm }, call))
      if (digest !== undefined) return digest
      this.#endWorker()
      return await digestHere(blob, algorithm, call)
    } catch (error) {
      // It may be in the middle of a file that nobody wants any more.
      this.#endWorker()
      throw error
    } finally {
      if (this.#queue.size === 0) this.#endWorker()
    }
  }

  #tryWorker(): Worker | undefined {
    try {
      return this.#createWorker()
    } catch {
      return undefined
    }
  }

  #endWorker(): void {
    this.#worker?.terminate()
    this.#worker = undefined
  }
}

/** @returns `undefined` where the worker could not be started. */
function digestIn(worker: Worker, request: HashRequest, call: DigestCall): Promise<string | undefined> {
  const { signal, onProgress } = call
  return new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      signal.removeEventListener('abort', cut)
      then()
    }
    const cut = (): void => settle(() => reject(signal.reason))
    signal.addEventListener('abort', cut)
    // A script that cannot be loaded, or that the policy forbids, is an error event without a word.
    worker.onerror = () => settle(() => resolve(undefined))
    worker.onmessage = ({ data }: MessageEvent<HashReply>) => {
      if (data.type === 'progress') onProgress?.(data.bytes)
      else if (data.type === 'done') settle(() => resolve(data.digest))
      else settle(() => reject(failure(request.blob, data)))
    }
    worker.postMessage(request)
  })
}

async function digestHere(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
  const { digestBlob, ReadError } = await import('./digest.ts')
  const { signal, onProgress = () => {} } = call
  try {
    return await digestBlob(blob, algorithm, { sliceSize: mainThreadSlice, signal, onProgress })
  } catch (error) {
    throw error instanceof ReadError ? new FileUnreadableError(nameOf(blob), { cause: error }) : error
  }
}

function failure(
  blob: Blob,
  { type, message }: { type: 'unreadable' | 'failed'; message: string },
): UploadError {
  return type === 'unreadable'
    ? new FileUnreadableError(nameOf(blob), { cause: message })
    : new UploadError('unexpected', `the file could not be digested: ${message}`)
}

function nameOf(blob: Blob): string {
  return blob instanceof File ? blob.name : 'the file'
}

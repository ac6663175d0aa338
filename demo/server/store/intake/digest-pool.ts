import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { DigestAlgorithm } from './digest-algorithm.ts'
import type { DigestAnswer, DigestRequest } from './digest-worker.ts'
import { inlineDigest } from './inline-digest.ts'

export type Digests = ReadonlyMap<DigestAlgorithm, Buffer>

/** The digests of one body. */
export interface BodyDigest {
  /** Resolves when the bytes have been read and may be overwritten. */
  update(slab: SharedArrayBuffer, length: number): Promise<void>
  finish(): Promise<Digests>
  /** Called instead of `finish`. */
  drop(): void
}

/** Below this size, a message to another thread takes longer than the digest. */
const mostInline = 128 * 1024

/**
 * MD5 takes more time than everything else that a store does with a body. In threads of its own it does not keep the
 * store from receiving. The threads start when they are first needed.
 */
export class DigestPool {
  readonly #threads: DigestThread[] = []
  readonly #most = Math.max(1, availableParallelism() - 1)
  #next = 0

  /** @param size Bytes of the body. */
  start(algorithms: readonly DigestAlgorithm[], size: number): BodyDigest {
    if (size <= mostInline) return inlineDigest(algorithms)
    const index = this.#next++ % this.#most
    const thread = this.#threads[index] ?? new DigestThread()
    this.#threads[index] = thread
    return thread.start(algorithms)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}

type Waiting = { resolve(answer: DigestAnswer): void; reject(error: Error): void }

class DigestThread {
  readonly #worker = new Worker(new URL('./digest-worker.ts', import.meta.url))
  readonly #waiting = new Map<number, Waiting[]>()
  #failure: Error | undefined
  #bodies = 0

  constructor() {
    this.#worker.on('message', (answer: DigestAnswer) =>
      this.#waiting.get(answer.id)?.shift()?.resolve(answer),
    )
    this.#worker.on('error', (error: Error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('the digest thread has ended')))
  }

  start(algorithms: readonly DigestAlgorithm[]): BodyDigest {
    const id = ++this.#bodies
    this.#waiting.set(id, [])
    this.#post({ kind: 'open', id, algorithms })
    return {
      update: async (slab, length) => {
        await this.#ask({ kind: 'update', id, slab, length })
      },
      finish: async () => {
        const { digests } = await this.#ask({ kind: 'finish', id })
        this.#waiting.delete(id)
        return new Map(digests.map(([algorithm, bytes]) => [algorithm, Buffer.from(bytes)]))
      },
      drop: () => {
        this.#waiting.delete(id)
        this.#post({ kind: 'drop', id })
      },
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #post(request: DigestRequest): void {
    this.#worker.postMessage(request)
  }

  #ask(request: DigestRequest): Promise<DigestAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#waiting.get(request.id)?.push({ resolve, reject })
      this.#post(request)
    })
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const waiting of this.#waiting.values()) for (const { reject } of waiting.splice(0)) reject(error)
  }
}

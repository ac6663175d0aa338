/** Workers that are made when there is something to do, and ended when there is nothing. */
import { unless } from '../patience.ts'
import type { Checksums, DigestCall } from '../ports.ts'
import type { HashFailure, HashReply, HashRequest } from './protocol.ts'
import type { WorkerFactory, WorkerKind } from './worker-hasher.ts'

/** The worker could not be started, or has broken down. */
export const died = { type: 'died' } as const

/** What came of a request. */
export type Outcome = Checksums | HashFailure | typeof died

type PoolCall = DigestCall & { readonly onPlain: () => void }

/**
 * Milliseconds that a worker waits for more, since the parts of an upload come one after the other. Not after the very
 * first digest, which is the only one if it has shown what the storage's ETags are.
 */
const linger = 1_000

export class WorkerPool {
  readonly #create: WorkerFactory
  readonly #size: number
  readonly #idle: { readonly kind: WorkerKind; readonly worker: Worker }[] = []
  #working = 0
  #runs = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(create: WorkerFactory, size: number) {
    this.#create = create
    this.#size = size
  }

  /** An abort ends the worker at once: it may be in the middle of a file that nobody wants any more. */
  async run(kind: WorkerKind, request: HashRequest, call: PoolCall): Promise<Outcome> {
    const worker = this.#take(kind)
    if (worker === undefined) return died
    clearTimeout(this.#timer)
    this.#working += 1
    this.#runs += 1
    let isOfUse = false
    try {
      const outcome = await ask(worker, request, call)
      isOfUse = outcome !== died
      return outcome
    } finally {
      this.#working -= 1
      if (isOfUse) this.#idle.push({ kind, worker })
      else worker.terminate()
      if (this.#working === 0) this.#timer = setTimeout(() => this.#endIdle(), this.#runs > 1 ? linger : 0)
    }
  }

  #take(kind: WorkerKind): Worker | undefined {
    const fitting = this.#idle.findIndex((one) => one.kind === kind || one.kind === 'all')
    if (fitting >= 0) return this.#idle.splice(fitting, 1)[0]?.worker
    if (this.#working + this.#idle.length >= this.#size) this.#idle.pop()?.worker.terminate()
    try {
      return this.#create(kind)
    } catch {
      return undefined
    }
  }

  #endIdle(): void {
    for (const { worker } of this.#idle.splice(0)) worker.terminate()
  }
}

function ask(worker: Worker, request: HashRequest, call: PoolCall): Promise<Outcome> {
  const { signal, onProgress, onState, onPlain } = call
  const answer = new Promise<Outcome>((resolve) => {
    // If a script cannot be loaded, or the policy forbids it, the error event says nothing.
    worker.onerror = (event) => {
      event.preventDefault()
      resolve(died)
    }
    worker.onmessage = ({ data }: MessageEvent<HashReply>) => {
      if (data.type === 'progress') onProgress?.(data.bytes)
      else if (data.type === 'state') onState?.(data.state)
      else if (data.type === 'plain') onPlain()
      else resolve(data.type === 'done' ? data.digests : data)
    }
    worker.postMessage(request)
  })
  return unless(signal, answer).finally(() => {
    worker.onmessage = null
    worker.onerror = null
  })
}

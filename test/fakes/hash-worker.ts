/** A hashing worker without a thread. Its script answers a moment after each request. */
import type { HashReply, HashRequest } from '../../src/hashing/protocol.ts'
import type { WorkerFactory, WorkerKind } from '../../src/hashing/worker-hasher.ts'

export class ScriptedWorker {
  onmessage: ((event: { readonly data: HashReply }) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  isTerminated = false
  readonly kind: WorkerKind
  readonly requests: HashRequest[] = []
  readonly #script: Script

  constructor(kind: WorkerKind, script: Script) {
    this.kind = kind
    this.#script = script
  }

  postMessage(request: HashRequest): void {
    this.requests.push(request)
    queueMicrotask(() => this.#script(this, request))
  }

  say(...replies: readonly HashReply[]): void {
    for (const data of replies) if (!this.isTerminated) this.onmessage?.({ data })
  }

  /** @returns Whether the page has prevented the browser from reporting the error. */
  breakDown(): boolean {
    const event = new Event('error', { cancelable: true })
    this.onerror?.(event)
    return event.defaultPrevented
  }

  terminate(): void {
    this.isTerminated = true
  }
}

type Script = (worker: ScriptedWorker, request: HashRequest) => void

/** Creates such workers, and lists them in order of creation. */
export function scriptedWorkers(script: Script): {
  readonly create: WorkerFactory
  readonly made: ScriptedWorker[]
} {
  const made: ScriptedWorker[] = []
  const create = (kind: WorkerKind): Worker => {
    const worker = new ScriptedWorker(kind, script)
    made.push(worker)
    return worker as unknown as Worker
  }
  return { create, made }
}

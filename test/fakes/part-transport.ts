import { createHash } from 'node:crypto'
import { NetworkError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'

/** A request whose outcome the test decides. */
export class PartRequest {
  readonly target: PartTarget
  readonly body: Blob
  readonly #call: PartCall
  readonly #settle: (settle: () => void) => void
  readonly #resolve: (response: PartResponse) => void
  readonly #reject: (error: unknown) => void

  constructor(
    target: PartTarget,
    body: Blob,
    call: PartCall,
    settle: (settle: () => void) => void,
    resolve: (response: PartResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.target = target
    this.body = body
    this.#call = call
    this.#settle = settle
    this.#resolve = resolve
    this.#reject = reject
  }

  get number(): number {
    return this.target.number
  }

  /** The body's bytes, if they were passed in memory. */
  get bytes(): ArrayBuffer | undefined {
    return this.#call.bytes
  }

  progress(sent: number): void {
    this.#call.onProgress?.(sent)
  }

  /** Answers as S3 does for a stored part. */
  store(etag = `"etag-${this.number}"`): void {
    this.respond({ status: 200, headers: { etag } })
  }

  respond(response: Partial<PartResponse> & { status: number }): void {
    this.#settle(() => this.#resolve({ headers: {}, body: '', ...response }))
  }

  /** Fails the connection. */
  cut(): void {
    this.#settle(() => this.#reject(new NetworkError(`part ${this.number}: cut by the test`)))
  }
}

/** Requests wait until the test answers them: `const request = await transport.next(); request.store()`. */
export class FakePartTransport implements PartTransport {
  readonly open = new Set<PartRequest>()
  /** Part numbers in the order in which their requests were made. */
  readonly sent: number[] = []
  #waiting: ((request: PartRequest) => void)[] = []
  #arrived: PartRequest[] = []

  send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
    return new Promise((resolve, reject) => {
      if (call.signal.aborted) return reject(call.signal.reason)
      const settle = (then: () => void): void => {
        if (!this.open.delete(request)) return
        call.signal.removeEventListener('abort', cut)
        then()
      }
      const request = new PartRequest(target, body, call, settle, resolve, reject)
      const cut = (): void => settle(() => reject(call.signal.reason))
      call.signal.addEventListener('abort', cut)
      this.open.add(request)
      this.sent.push(target.number)
      const waiting = this.#waiting.shift()
      if (waiting) waiting(request)
      else this.#arrived.push(request)
    })
  }

  /** Waits for the next request that nobody has taken yet. */
  async next(): Promise<PartRequest> {
    const arrived = this.#arrived.shift()
    return arrived ?? new Promise((resolve) => this.#waiting.push(resolve))
  }

  async take(count: number): Promise<PartRequest[]> {
    const requests: PartRequest[] = []
    while (requests.length < count) requests.push(await this.next())
    return requests
  }
}

/** Stores every part at once, as a storage would, and shows what it holds. */
export class StoringTransport implements PartTransport {
  readonly parts = new Map<number, Uint8Array>()
  /** Part numbers in the order in which they were stored. */
  readonly stored: number[] = []
  open = 0
  mostOpen = 0
  /** How the storage makes its ETags. */
  etag: (number: number, bytes: Uint8Array) => string = (_, bytes) => md5Etag(bytes)
  /** Decides the outcome of a request before it is stored. `undefined` stores it. */
  fault: (number: number) => PartResponse | Error | undefined = () => undefined

  async send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
    this.open += 1
    this.mostOpen = Math.max(this.mostOpen, this.open)
    try {
      const bytes = new Uint8Array(await body.arrayBuffer())
      await new Promise((resolve) => setImmediate(resolve))
      call.signal.throwIfAborted()
      const fault = this.fault(target.number)
      if (fault instanceof Error) throw fault
      if (fault !== undefined) return fault
      call.onProgress?.(bytes.length)
      this.parts.set(target.number, bytes)
      this.stored.push(target.number)
      return { status: 200, headers: { etag: this.etag(target.number, bytes) }, body: '' }
    } finally {
      this.open -= 1
    }
  }

  /** The bytes of the object made of the parts. */
  object(): Uint8Array {
    const ascending = [...this.parts.entries()].sort(([a], [b]) => a - b)
    return new Uint8Array(Buffer.concat(ascending.map(([, bytes]) => bytes)))
  }
}

export function md5Etag(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}

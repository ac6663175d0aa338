/** Keeps the server informed of what is stored, if its protocol has a place for that. Nothing depends on it. */
import { unless } from './patience.ts'
import type { ApiTransport, Backend, BackendCall, Clock, Json, PartReceipt, StoredSoFar } from './ports.ts'

type InformerOptions = {
  readonly backend: Backend
  readonly session: Json
  readonly clock: Clock
  readonly api: ApiTransport
  /** What is stored at this moment. */
  readonly stored: () => StoredSoFar
}

/** Milliseconds between two reports to the server, so that parts stored close together are told together. */
const pause = 2_000
const longestPause = 60_000
/** The most receipts in one call. */
const batch = 100

export class Informer {
  readonly #options: InformerOptions
  readonly #end = new AbortController()
  readonly #pending = new Map<number, PartReceipt>()
  #running: Promise<void> | undefined
  #reported = 0

  constructor(options: InformerOptions) {
    this.#options = options
  }

  /** Another part is stored; the server is told soon. */
  stored(receipt: PartReceipt): void {
    const { backend } = this.#options
    if (backend.record === undefined && backend.report === undefined) return
    this.#pending.set(receipt.number, receipt)
    this.#running ??= this.#run().catch(() => {})
  }

  /** What the server has not been told by now, it learns when the upload is completed, or from the next visit. */
  async end(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  /** Ever more rarely while the server does not take it. Rejects when nobody is to be told any more. */
  async #run(): Promise<void> {
    for (let wait = pause; ; ) {
      await this.#options.clock.sleep(wait, this.#end)
      const isTold = await this.#tell()
      wait = isTold ? pause : Math.min(longestPause, wait * 2)
      if (this.#pending.size > 0 || !isTold) continue
      // In the same moment as the check, so that the next receipt begins anew.
      this.#running = undefined
      return
    }
  }

  /** @returns Whether the server has taken it. */
  async #tell(): Promise<boolean> {
    const call = { signal: this.#end.signal, api: this.#options.api }
    try {
      await this.#record(call)
      await this.#report(call)
      return true
    } catch {
      return false
    }
  }

  async #record(call: BackendCall): Promise<void> {
    const { backend, session } = this.#options
    const receipts = [...this.#pending.values()].slice(0, batch)
    await unless(call.signal, backend.record?.(session, receipts, call))
    for (const receipt of receipts) {
      // A newer receipt of the part may have come meanwhile.
      if (this.#pending.get(receipt.number) === receipt) this.#pending.delete(receipt.number)
    }
  }

  async #report(call: BackendCall): Promise<void> {
    const { backend, session, stored } = this.#options
    const now = stored()
    if (now.bytes <= this.#reported) return
    await unless(call.signal, backend.report?.(session, now, call))
    this.#reported = now.bytes
  }
}

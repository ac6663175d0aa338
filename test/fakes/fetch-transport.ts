import { NetworkError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'

/** What a test does to a request: instead of it where it gives an answer, or before it. */
export type Interference = (target: PartTarget, call: PartCall) => Promise<PartResponse | undefined>

/** Sends parts by Node's fetch, so that real bytes reach a real storage. */
export class FetchTransport implements PartTransport {
  /** Every request, in order, whatever became of it. */
  readonly sent: PartTarget[] = []
  interfere: Interference = async () => undefined

  async send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
    const { signal, onProgress } = call
    signal.throwIfAborted()
    this.sent.push(target)
    const instead = await this.interfere(target, call)
    signal.throwIfAborted()
    if (instead !== undefined) return instead
    const response = await this.#fetch(target, body, signal)
    onProgress?.(body.size)
    return response
  }

  async #fetch(target: PartTarget, body: Blob, signal: AbortSignal): Promise<PartResponse> {
    const { method, url, headers } = target
    try {
      const response = await fetch(url, { method, headers: { ...headers }, body, signal })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    } catch (cause) {
      throw signal.aborted ? signal.reason : new NetworkError(`part ${target.number}: cut`, { cause })
    }
  }
}

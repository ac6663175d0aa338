import { NetworkError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'

/** Sends parts with fetch, for tests in Node against real servers. Its progress is all or nothing. */
export class FetchTransport implements PartTransport {
  /** What was sent, in order, including requests without an answer. */
  readonly sent: { readonly target: PartTarget; readonly size: number }[] = []
  /** Runs before each request. If it throws, the error is the outcome and nothing is sent. */
  before: (target: PartTarget) => void | Promise<void> = () => {}

  async send(target: PartTarget, body: Blob, { signal, onProgress }: PartCall): Promise<PartResponse> {
    await this.before(target)
    signal.throwIfAborted()
    const { url, method, headers } = target
    this.sent.push({ target, size: body.size })
    try {
      const response = await fetch(url, { method, headers: { ...headers }, body, signal })
      const { status } = response
      const text = await response.text()
      onProgress?.(body.size)
      return { status, headers: Object.fromEntries(response.headers), body: text }
    } catch (cause) {
      throw signal.aborted ? signal.reason : new NetworkError(`part ${target.number}: no answer`, { cause })
    }
  }
}

export const fetchTransport: PartTransport = new FetchTransport()

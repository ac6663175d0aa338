import { NetworkError } from '../../src/errors.ts'
import type { PartTransport } from '../../src/ports.ts'

/** Sends parts where there is no XMLHttpRequest: for tests in Node. Its progress is all or nothing. */
export const fetchTransport: PartTransport = {
  async send({ number, method, url, headers }, body, { signal, onProgress }) {
    try {
      const response = await fetch(url, { method, headers: { ...headers }, body, signal })
      const text = await response.text()
      onProgress?.(body.size)
      return { status: response.status, headers: Object.fromEntries(response.headers), body: text }
    } catch (cause) {
      throw signal.aborted ? signal.reason : new NetworkError(`part ${number}: ${cause}`, { cause })
    }
  },
}

/** Real requests from Node, where there is no XMLHttpRequest. */
import { NetworkError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'

export const fetchTransport: PartTransport = {
  async send(
    { method, url, headers, number }: PartTarget,
    body: Blob,
    call: PartCall,
  ): Promise<PartResponse> {
    const { signal, onProgress } = call
    try {
      const response = await fetch(url, { method, headers, body, signal })
      onProgress?.(body.size)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    } catch (cause) {
      throw signal.aborted ? signal.reason : new NetworkError(`part ${number}: no answer`, { cause })
    }
  },
}

import { NetworkError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'

/** The outcome of a request: stored, refused after its last byte, or cut in the middle. */
export type Fate = 'stored' | 'refused' | 'cut'

type Flow = {
  left: number
  readonly size: number
  readonly fate: Fate
  end(fate: Fate): void
  moved(sent: number): void
}

/**
 * A connection whose rate (bytes per millisecond) all requests share, in virtual time: it moves when it is told to.
 */
export class SharedNetwork {
  readonly #flows = new Set<Flow>()
  readonly #rate: number
  readonly #fate: () => Fate

  constructor(rate: number, fate: () => Fate) {
    this.#rate = rate
    this.#fate = fate
  }

  /** @returns A function that takes the request back. */
  send(size: number, end: (fate: Fate) => void, moved: (sent: number) => void = () => {}): () => void {
    const fate = this.#fate()
    const flow = { size, fate, end, moved, left: fate === 'cut' ? size / 2 : size }
    this.#flows.add(flow)
    return () => this.#flows.delete(flow)
  }

  pass(milliseconds: number): void {
    const share = (this.#rate * milliseconds) / this.#flows.size
    for (const flow of [...this.#flows]) {
      flow.left -= share
      if (flow.left > 0) flow.moved(Math.floor(flow.size - flow.left))
      else if (this.#flows.delete(flow)) flow.end(flow.fate)
    }
  }
}

/** Sends parts over such a network. */
export class SharedTransport implements PartTransport {
  readonly #network: SharedNetwork
  readonly #refusal: PartResponse

  constructor(network: SharedNetwork, refusal: PartResponse) {
    this.#network = network
    this.#refusal = refusal
  }

  send({ number }: PartTarget, { size }: Blob, { signal, onProgress }: PartCall): Promise<PartResponse> {
    return new Promise((resolve, reject) => {
      const end = (fate: Fate): void => {
        if (fate === 'cut') return reject(new NetworkError(`part ${number}: cut by the test`))
        onProgress?.(size)
        resolve(fate === 'refused' ? this.#refusal : { status: 200, headers: { etag: '"e"' }, body: '' })
      }
      const takeBack = this.#network.send(size, end, onProgress)
      signal.addEventListener('abort', () => {
        takeBack()
        reject(signal.reason)
      })
    })
  }
}

import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'
import { fetchTransport } from './fetch-transport.ts'

/** What a test does to a request: instead of it where it gives an answer, or before it. */
export type Interference = (target: PartTarget, call: PartCall) => Promise<PartResponse | undefined>

/** Real bytes to a real storage, unless the test has something else in mind. */
export class InterferedTransport implements PartTransport {
  /** Every request, in order, whatever became of it. */
  readonly sent: PartTarget[] = []
  interfere: Interference = async () => undefined

  async send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
    call.signal.throwIfAborted()
    this.sent.push(target)
    const instead = await this.interfere(target, call)
    call.signal.throwIfAborted()
    return instead ?? fetchTransport.send(target, body, call)
  }
}

import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'
import { fetchTransport } from './fetch-transport.ts'

/** What a test does before a request. If it returns an answer, that replaces the request. */
export type Interference = (target: PartTarget, call: PartCall) => Promise<PartResponse | undefined>

/** Sends real bytes to a real storage, unless the test interferes. */
export class InterferedTransport implements PartTransport {
  /** Every request, in order, whatever its outcome. */
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

/** Makes calls about files that are stored already, with the same retries as everywhere. */
import type { Resolved } from '../backends/endpoint.ts'
import { type Ask, type Reply, Server, type ServerOptions } from '../backends/server.ts'
import { systemClock } from '../clock.ts'
import { browserConnectivity } from '../connectivity.ts'
import { unless } from '../patience.ts'
import type { ApiTransport, Call } from '../ports.ts'
import { defaultRetry, retrying, withBudget } from '../retry.ts'
import { apiTransport } from '../transport/api.ts'

/** The options of calls about stored files. */
export type FileCallsOptions = ServerOptions & {
  /** Makes the calls. @default fetch */
  readonly api?: ApiTransport | undefined
}

export class FileCalls {
  readonly #server: Server
  readonly #api: ApiTransport

  constructor({ api = apiTransport, ...server }: FileCallsOptions) {
    this.#server = new Server(server)
    this.#api = api
  }

  /** Every call may be repeated. Rejects with an `UploadError`, or with `signal.reason` after an abort. */
  ask(endpoint: Resolved, ask: Ask, { signal }: Partial<Call> = {}): Promise<Reply> {
    const stop = signal ?? new AbortController().signal
    const policy = withBudget({
      options: { ...defaultRetry, attempts: 4 },
      clock: systemClock,
      connectivity: browserConnectivity,
      random: Math.random,
    })
    const attempt = (): Promise<Reply> => this.#server.call(endpoint, ask, { signal: stop, api: this.#api })
    return retrying(() => unless(stop, attempt()), policy, stop)
  }
}

/** Refreshes the application's token once for all calls that were refused because it was stale. */
import { unless } from '../patience.ts'
import type { ApiTransport } from '../ports.ts'

/**
 * Renews the credentials that the application's server has refused with 401. If it returns a promise, calls wait for it; its
 * value is ignored.
 *
 * @param call The transport of the refused call, for the call that gets a new token.
 */
export type OnUnauthorized = (call: { readonly api: ApiTransport }) => unknown

type Renew<Given> = (given: Given) => unknown

export class Refresh<Given = void> {
  readonly #onUnauthorized: Renew<Given> | undefined
  /** How often the token has been refreshed. A call that went out before the last refresh needs no other one. */
  #generation = 0
  #running: Promise<void> | undefined

  constructor(onUnauthorized: Renew<Given> | undefined) {
    this.#onUnauthorized = onUnauthorized
  }

  /**
   * Makes the call, and once more after a refresh if it was refused as unauthorized. The refresh may be a person who signs
   * in, so a call that is aborted does not wait for it.
   */
  async call<T>(
    request: () => Promise<T>,
    isUnauthorized: (answer: T) => boolean,
    given: Given,
    signal: AbortSignal,
  ): Promise<T> {
    const generation = this.#generation
    const answer = await request()
    if (this.#onUnauthorized === undefined || !isUnauthorized(answer)) return answer
    if (generation === this.#generation) await unless(signal, this.#refresh(this.#onUnauthorized, given))
    return request()
  }

  #refresh(onUnauthorized: Renew<Given>, given: Given): Promise<void> {
    this.#running ??= Promise.resolve(given)
      .then(onUnauthorized)
      .then(() => {
        this.#generation += 1
      })
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }
}

/** One refresh of the application's token for all calls that were refused while it was stale. */
import { unless } from '../patience.ts'
import type { ApiTransport } from '../ports.ts'

/**
 * Renews what the application's server has refused with 401. A promise is waited for; what it gives is not looked at.
 *
 * @param call By what the refused call was made, for a new token is had by a call too.
 */
export type OnUnauthorized = (call: { readonly api: ApiTransport }) => unknown

type Renew<Given> = (given: Given) => unknown

export class Refresh<Given = void> {
  readonly #onUnauthorized: Renew<Given> | undefined
  /** How often the token has been refreshed: a call that went out before the last time needs no further one. */
  #generation = 0
  #running: Promise<void> | undefined

  constructor(onUnauthorized: Renew<Given> | undefined) {
    this.#onUnauthorized = onUnauthorized
  }

  /**
   * Makes the call; if it was refused as unauthorized, once more when the token has been refreshed. That may be a person who
   * signs in: a call that is aborted does not wait for it.
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

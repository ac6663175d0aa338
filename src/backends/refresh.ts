/** One refresh of the application's token for all calls that were refused while it was stale. */
export type OnUnauthorized = () => void | Promise<void>

export class Refresh {
  readonly #onUnauthorized: OnUnauthorized | undefined
  /** How often the token has been refreshed: a call that went out before the last time needs no further one. */
  #generation = 0
  #running: Promise<void> | undefined

  constructor(onUnauthorized: OnUnauthorized | undefined) {
    this.#onUnauthorized = onUnauthorized
  }

  /** Makes the call; if it was refused as unauthorized, once more when the token has been refreshed. */
  async call<T>(request: () => Promise<T>, isUnauthorized: (answer: T) => boolean): Promise<T> {
    const generation = this.#generation
    const answer = await request()
    if (this.#onUnauthorized === undefined || !isUnauthorized(answer)) return answer
    if (generation === this.#generation) await this.#refresh(this.#onUnauthorized)
    return request()
  }

  #refresh(onUnauthorized: OnUnauthorized): Promise<void> {
    this.#running ??= Promise.resolve()
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

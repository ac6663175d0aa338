import { HttpError, NetworkError } from '../../../src/errors.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** What may be tried again is tried again, as often as the options say, before an upload fails. */
export class AttemptRules {
  readonly #world: World
  readonly #violate: Violate
  readonly #made = new Map<UserUpload, Map<string, number>>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  /** `what`: the request in words, the same for each attempt at it. */
  made(shown: UserUpload, what: string): void {
    const made = this.#made.get(shown) ?? new Map<string, number>()
    this.#made.set(shown, made.set(what, (made.get(what) ?? 0) + 1))
  }

  /** Every run counts anew. */
  began(shown: UserUpload): void {
    this.#made.delete(shown)
  }

  failed(shown: UserUpload): void {
    const { error } = shown
    const isTransient = error instanceof NetworkError || (error instanceof HttpError && error.retryable)
    const most = Math.max(0, ...(this.#made.get(shown)?.values() ?? []))
    if (isTransient && most < Math.min(this.#world.plan.attempts, 3))
      this.#violate('attempts', `${shown.name} fails after ${most} attempts: ${error}`)
  }
}

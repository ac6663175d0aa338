import { HttpError, NetworkError, UploadError } from '../../../src/errors.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** How often a part may be refused because its URL has expired. */
const mostResigned = 3

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
    const times = (made.get(what) ?? 0) + 1
    this.#made.set(shown, made.set(what, times))
    if (times > this.#most(what))
      this.#violate('budget', `${shown.name} makes the request ${times} times: ${what}`)
  }

  /** Every run counts anew, and so does one that has lost its session. */
  began(shown: UserUpload): void {
    this.#made.delete(shown)
  }

  failed(shown: UserUpload): void {
    const { error } = shown
    if (error instanceof UploadError && error.code === 'unexpected')
      this.#violate('causes', `${shown.name} fails: ${error}`)
    const isTransient = error instanceof NetworkError || (error instanceof HttpError && error.retryable)
    const most = Math.max(0, ...(this.#made.get(shown)?.values() ?? []))
    if (isTransient && most < Math.min(this.#world.plan.attempts, 3))
      this.#violate('attempts', `${shown.name} fails after ${most} attempts: ${error}`)
  }

  /** URLs may be asked for again and again; those of a part are replaced a few times before that is an error. */
  #most(what: string): number {
    const { attempts } = this.#world.plan
    if (what.startsWith('part ')) return attempts + mostResigned
    return /^(open|reopen|complete) /.test(what) ? attempts : Number.POSITIVE_INFINITY
  }
}

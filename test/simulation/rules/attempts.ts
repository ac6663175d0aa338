import { BackendError, HttpError, NetworkError, UploadError } from '../../../src/errors.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** How often a part may be refused because its URL has expired. */
const mostResigned = 3

/** Whatever may be retried is retried, as often as the options say, before an upload fails. */
export class AttemptRules {
  readonly #world: World
  readonly #violate: Violate
  readonly #made = new Map<UserUpload, Map<string, number>>()
  /** Requests since the last success. */
  readonly #inVain = new Map<UserUpload, number>()
  /** Requests of a run in total. */
  readonly #all = new Map<UserUpload, number>()

  /** How often something on the way answered calls of a run while the browser did not report being offline. */
  readonly #foisted = new Map<UserUpload, Map<string, number>>()

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  /** `what`: the request in words, the same for each attempt. */
  made(shown: UserUpload, what: string): void {
    const made = this.#made.get(shown) ?? new Map<string, number>()
    const times = (made.get(what) ?? 0) + 1
    this.#made.set(shown, made.set(what, times))
    if (times > this.#most(what))
      this.#violate('attempts', `${shown.name} makes the request ${times} times: ${what}`)
    // A cancel is not part of the run, and may concern another session. Reports of progress are repeated ever more
    // rarely.
    if (!/^(abort|record) /.test(what)) this.#count(shown)
  }

  unauthorized(shown: UserUpload, what: string): void {
    const made = this.#made.get(shown)
    made?.set(what, (made.get(what) ?? 1) - 1)
    this.#inVain.delete(shown)
  }

  answered(shown: UserUpload): void {
    this.#inVain.delete(shown)
  }

  /** Every run counts from zero, and so does one that has lost its session. */
  began(shown: UserUpload): void {
    this.#made.delete(shown)
    this.#inVain.delete(shown)
    this.#all.delete(shown)
    this.#foisted.delete(shown)
  }

  /** A session was lost, and its requests count from zero; the budget does not. */
  reopened(shown: UserUpload): void {
    this.#made.delete(shown)
    this.#foisted.get(shown)?.clear()
  }

  /** Pages believe this sooner than that a server is unreachable. */
  foisted(shown: UserUpload, what: string): void {
    if (!this.#world.weather.saysOnline) return
    const foisted = this.#foisted.get(shown) ?? new Map<string, number>()
    const times = (foisted.get(what) ?? 0) + 1
    this.#foisted.set(shown, foisted.set(what, times))
    const enough = Math.max(2, Math.ceil(this.#world.plan.attempts / 2))
    if (/^(open|reopen|complete) /.test(what) && times > 2 * enough - 1)
      this.#violate('attempts', `${shown.name} is answered with pages ${times} times: ${what}`)
  }

  failed(shown: UserUpload): void {
    const { error } = shown
    if (error instanceof UploadError && error.code === 'unexpected')
      this.#violate('causes', `${shown.name} fails: ${error}`)
    const isForeign = error instanceof BackendError
    if (isForeign && !this.#foisted.has(shown))
      this.#violate('causes', `${shown.name} fails while the browser is offline: ${error}`)
    const isTransient =
      error instanceof NetworkError || isForeign || (error instanceof HttpError && error.retryable)
    const most = Math.max(0, ...(this.#made.get(shown)?.values() ?? []))
    const { attempts, budget } = this.#world.plan
    const isBudgetSpent = (this.#all.get(shown) ?? 0) > budget
    if (isTransient && !isBudgetSpent && most < Math.min(attempts, isForeign ? 2 : 3))
      this.#violate('attempts', `${shown.name} fails after ${most} attempts: ${error}`)
  }

  #count(shown: UserUpload): void {
    this.#all.set(shown, (this.#all.get(shown) ?? 0) + 1)
    const inVain = (this.#inVain.get(shown) ?? 0) + 1
    this.#inVain.set(shown, inVain)
    const { budget, concurrency, maxBatch } = this.#world.plan
    // The retries, those that are under way in their stead, the calls that sign ahead or anew what has expired while the machine slept, and one
    // of each that is made only once.
    const ahead = Math.ceil((2 * concurrency) / maxBatch)
    if (inVain > budget + 2 * concurrency + ahead + 4)
      this.#violate('budget', `${shown.name} makes ${inVain} requests in vain`)
  }

  /**
   * A part's failures count half while others succeed. URLs may be requested again and again, but a part's URL is
   * replaced only a few times before that is an error.
   */
  #most(what: string): number {
    const { attempts } = this.#world.plan
    if (what.startsWith('part ')) return 2 * attempts - 1 + mostResigned
    return /^(open|reopen|complete) /.test(what) ? attempts : Number.POSITIVE_INFINITY
  }
}

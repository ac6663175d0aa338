/**
 * The only retry policy: for parts and for control calls alike. The transports never retry.
 */
import {
  HttpError,
  isDoubtful,
  NetworkError,
  OfflineError,
  toUploadError,
  type UploadError,
} from './errors.ts'
import type { Call, Clock, Connectivity } from './ports.ts'

/** How failed requests are made again. */
export type RetryOptions = {
  /**
   * How often one request is made before the upload fails, resumable; nearly twice as often while other requests of the upload
   * succeed. 1 or more. Half as often, and at least twice where it is more than 1, before a 404 that a proxy may have said (`HttpError.isVague`) counts as a lost session. @default 12
   */
  readonly attempts: number
  /**
   * The first wait is at most this long, in milliseconds, every further one at most twice as long; where several requests of the upload
   * wait that have failed in a row, or were told that they are too many, as many times as long. @default 200
   */
  readonly baseDelay: number
  /** No wait is longer, in milliseconds, unless the server asks for it. @default 30_000 */
  readonly maxDelay: number
  /**
   * How many retries of all its requests together an upload may spend without a success; each success gives two back.
   * A server that is dead is left alone when it is used up, and the upload fails, resumable. 0 or more. @default 40
   */
  readonly budget: number
}

export const defaultRetry: RetryOptions = { attempts: 12, baseDelay: 200, maxDelay: 30_000, budget: 40 }

/** What every upload's policy is made of. */
export type RetryBase = Omit<RetryPolicy, 'budget'>

export type RetryPolicy = {
  readonly options: RetryOptions
  readonly budget: RetryBudget
  readonly clock: Clock
  readonly connectivity: Connectivity
  /** From 0 to below 1. */
  readonly random: () => number
}

/** A policy with a full budget, for one run. */
export function withBudget(base: RetryBase): RetryPolicy {
  return { ...base, budget: new RetryBudget(base.options.budget) }
}

/** What is left of an upload's retries. */
export class RetryBudget {
  readonly #size: number
  #left: number
  /** Failures of any of the upload's requests since the last success. */
  inARow = 0
  /** Whether some of them do not say that the session is lost. */
  hasOthers = false
  /** Requests that wait for their next attempt. */
  waiting = 0

  constructor(size: number) {
    this.#size = size
    this.#left = size
  }

  /** A request has failed. @returns Whether there was a retry left. */
  take(): boolean {
    this.inARow += 1
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  /** A request has succeeded. */
  refill(): void {
    this.inARow = 0
    this.hasOthers = false
    this.#left = Math.min(this.#size, this.#left + 2)
  }
}

/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * Full jitter: evenly between nothing and the ceiling, so that clients which failed together do not come back together.
 * Where the server has said when (Retry-After), it is never sooner than that, and the jitter comes on top: at least over half
 * as long again, for the server has said the same to everybody.
 *
 * @param failures How often the request has failed by now, from 1.
 * @param retryAfter Milliseconds that the server has asked to wait; 0 where it has not.
 * @param waiting How many requests of the upload wait for the same reason, this one among them: together they come no oftener than one would.
 */
export function retryDelay(
  policy: Pick<RetryPolicy, 'options' | 'random'>,
  failures: number,
  retryAfter: number,
  waiting: number,
): number {
  const { baseDelay, maxDelay } = policy.options
  const ceiling = Math.max(baseDelay * 2 ** (failures - 1) * waiting, retryAfter / 2)
  return retryAfter + policy.random() * Math.min(maxDelay, ceiling)
}

/** Whether the same request may be made again: a lost session or refused URLs take another one, however retryable. */
export function mayRetry(error: UploadError): boolean {
  const { retryable, code } = error
  return code === 'session-lost' ? isDoubtful(error) : retryable && code !== 'url-expired'
}

/** What else has failed has used up the retries: nothing is known of the session. */
function unbelieved(error: UploadError): UploadError {
  if (error.code !== 'session-lost') return error
  // It is doubtful, or it would not be asked again.
  return new HttpError({ ...(error.cause as HttpError), detail: '', retryable: true })
}

/** A wait that nobody sits through, in milliseconds; timers of browsers end at 24 days, and longer ones end at once. */
const longestWait = 60 * 60_000

/** The failures of one request. */
export class Attempts {
  readonly #policy: RetryPolicy
  #failures = 0
  /** Those that say the session is lost, and those that are no JSON: one of them after an outage, or after the other, says no more than one does without. */
  readonly #losses = { 'session-lost': 0, backend: 0 }

  constructor(policy: RetryPolicy) {
    this.#policy = policy
  }

  /**
   * Waits until the request may be made again; rejects with the error where it may not, or only in more than an hour. Where
   * the browser says that there is no network it rejects with `OfflineError`: that costs no attempt, for the next run begins
   * anew.
   */
  async failed(error: UploadError, call: Call): Promise<void> {
    const retryAfter = (error instanceof HttpError && error.retryAfter) || 0
    if (!mayRetry(error) || retryAfter > longestWait) throw error
    const { options, budget, clock, connectivity } = this.#policy
    if ((error instanceof NetworkError || error.code === 'backend') && !connectivity.online)
      throw new OfflineError(error.message, { cause: error })
    const hasRetry = budget.take()
    const weight = this.#weigh(++this.#failures)
    budget.hasOthers ||= error.code !== 'session-lost'
    if (error.code === 'session-lost' || error.code === 'backend') {
      // That a session is lost, or that a server speaks no JSON, is believed sooner than that a server is: no more than some seconds.
      const enough = Math.min(options.attempts, options.budget + 1, Math.max(2, options.attempts / 2))
      const losses = this.#weigh(++this.#losses[error.code])
      // Many requests at once may have used up the retries, and nothing else.
      if ((hasRetry || budget.hasOthers ? losses : budget.inARow) >= enough) throw error
    }
    if (!hasRetry || weight >= options.attempts) throw unbelieved(error)
    budget.waiting += 1
    // While others succeed those that wait have failed by chance; too many at once are what the server complains of.
    const together = error.code === 'throttled' ? budget.waiting : Math.min(budget.waiting, budget.inARow)
    const delay = retryDelay(this.#policy, weight, retryAfter, together)
    await clock.sleep(delay, call).finally(() => {
      budget.waiting -= 1
    })
  }

  /** While other requests succeed the server is not down, and failures are a matter of chance: then they count half. */
  #weigh(failures: number): number {
    const { inARow } = this.#policy.budget
    return Math.max(Math.min(failures, inARow), Math.ceil(failures / 2))
  }
}

/**
 * Makes a call again until it succeeds, fails for good, or `stop` aborts. An attempt that is under way when `stop`
 * aborts is waited for: it is the caller who decides whether it is cut short.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  stop: AbortSignal,
): Promise<T> {
  const attempts = new Attempts(policy)
  for (;;) {
    stop.throwIfAborted()
    try {
      const answer = await attempt()
      policy.budget.refill()
      return answer
    } catch (error) {
      stop.throwIfAborted()
      await attempts.failed(toUploadError(error), { signal: stop })
    }
  }
}

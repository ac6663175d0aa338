/** The only retry policy, for parts and control calls alike. The transports never retry. */
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
   * How often one request is made before the upload fails, resumable; nearly twice as often while other requests of the
   * upload succeed. 1 or more. A 404 that may come from a proxy (`HttpError.isVague`) counts as a lost session after
   * half as many attempts, and after no fewer than two if this is more than 1. @default 12
   */
  readonly attempts: number
  /**
   * The first wait is at most this long, in milliseconds, and each further one at most twice as long as the one before.
   * If several requests of the upload wait because they failed in a row, or were too many, that limit is multiplied by
   * their number. @default 200
   */
  readonly baseDelay: number
  /** No wait is longer than this, in milliseconds, unless the server asks for it. @default 30_000 */
  readonly maxDelay: number
  /**
   * How many retries an upload may spend, over all its requests, without a success; each success gives two back. When
   * none is left, the upload fails, resumable, and the dead server is left alone. 0 or more. @default 40
   */
  readonly budget: number
}

export const defaultRetry: RetryOptions = { attempts: 12, baseDelay: 200, maxDelay: 30_000, budget: 40 }

/** What the policies of all uploads have in common. */
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

/** The retries that an upload has left. */
export class RetryBudget {
  readonly #size: number
  #left: number
  /** Failures of any of the upload's requests since the last success. */
  inARow = 0
  /** Whether some of them say something other than that the session is lost. */
  hasOthers = false
  /** Requests that wait for their next attempt. */
  waiting = 0

  constructor(size: number) {
    this.#size = size
    this.#left = size
  }

  /** Counts a failed request. @returns Whether a retry was left. */
  take(): boolean {
    this.inARow += 1
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  /** Counts a successful request. */
  refill(): void {
    this.inARow = 0
    this.hasOthers = false
    this.#left = Math.min(this.#size, this.#left + 2)
  }
}

/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * Full jitter: evenly between 0 and the ceiling, so that clients that failed together do not come back together. A
 * server's Retry-After comes first and the jitter on top, over at least half as long again, because the server has told
 * everybody the same.
 *
 * @param failures How often the request has failed so far, from 1.
 * @param retryAfter Milliseconds that the server asked to wait; 0 if it did not.
 * @param waiting How many requests of the upload wait for the same reason, including this one. Together they come no
 * more often than one would.
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

/**
 * Whether the same request may be made again. However retryable the error, a refused URL needs another one, and a lost
 * session too unless the loss is in doubt.
 */
export function mayRetry(error: UploadError): boolean {
  const { retryable, code } = error
  return code === 'session-lost' ? isDoubtful(error) : retryable && code !== 'url-expired'
}

/** Other failures have used up the retries, so a doubtful "session lost" says nothing about the session. */
function unbelieved(error: UploadError): UploadError {
  if (error.code !== 'session-lost') return error
  // Only doubtful ones get here, and their cause is an `HttpError`.
  return new HttpError({ ...(error.cause as HttpError), detail: '', retryable: true })
}

/** Nobody sits through a longer wait, in milliseconds. Browser timers fire at once beyond 24 days. */
const longestWait = 60 * 60_000

/** The failures of one request. */
export class Attempts {
  readonly #policy: RetryPolicy
  #failures = 0
  /**
   * Failures that say the session is lost, and failures that are no JSON. Each kind counts for itself: after an outage,
   * or after the other kind, one says no more than it would alone.
   */
  readonly #losses = { 'session-lost': 0, backend: 0 }

  constructor(policy: RetryPolicy) {
    this.#policy = policy
  }

  /**
   * Waits until the request may be made again. Rejects with the error if it may not, or not within an hour. Rejects
   * with `OfflineError` if the browser says that there is no network: that costs no attempt, because the next run
   * starts over.
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
      // A lost session, or a server that speaks no JSON, is believed sooner than an outage: within some seconds.
      const enough = Math.min(options.attempts, options.budget + 1, Math.max(2, options.attempts / 2))
      const losses = this.#weigh(++this.#losses[error.code])
      // If many requests at once used up the retries by such failures alone, these count together.
      if ((hasRetry || budget.hasOthers ? losses : budget.inARow) >= enough) throw error
    }
    if (!hasRetry || weight >= options.attempts) throw unbelieved(error)
    budget.waiting += 1
    // While others succeed, the waiting requests failed by chance. A throttling server complains of their number, so
    // all of them count.
    const together = error.code === 'throttled' ? budget.waiting : Math.min(budget.waiting, budget.inARow)
    const delay = retryDelay(this.#policy, weight, retryAfter, together)
    await clock.sleep(delay, call).finally(() => {
      budget.waiting -= 1
    })
  }

  /** While other requests succeed, the server is up and failures are a matter of chance, so they count half. */
  #weigh(failures: number): number {
    const { inARow } = this.#policy.budget
    return Math.max(Math.min(failures, inARow), Math.ceil(failures / 2))
  }
}

/**
 * Repeats a call until it succeeds, fails for good, or `stop` aborts. An attempt that is under way then is awaited: the
 * caller decides whether to cut it.
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

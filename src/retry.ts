/**
 * The only retry policy: for parts and for control calls alike. The transports never retry.
 */
import { toUploadError, type UploadError } from './errors.ts'
import type { Call, Clock } from './ports.ts'

export type RetryOptions = {
  /** How often one request is made before the upload fails, resumable. 1 or more. @default 8 */
  readonly attempts: number
  /** The first wait is at most this long, in milliseconds; every further one at most twice as long. @default 500 */
  readonly baseDelay: number
  /** No wait is longer, in milliseconds, unless the server asks for it. @default 30_000 */
  readonly maxDelay: number
}

export const defaultRetry: RetryOptions = { attempts: 8, baseDelay: 500, maxDelay: 30_000 }

export type RetryPolicy = {
  readonly options: RetryOptions
  readonly clock: Clock
  /** From 0 to below 1. */
  readonly random: () => number
}

/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * Full jitter: evenly between nothing and the ceiling, so that clients which failed together do not come back together.
 * Where the server has said when (Retry-After), it is never sooner than that, and the jitter comes on top.
 *
 * @param failures How often the request has failed by now, from 1.
 */
export function retryDelay(policy: RetryPolicy, failures: number, retryAfter: number | undefined): number {
  const { baseDelay, maxDelay } = policy.options
  const ceiling = Math.min(maxDelay, baseDelay * 2 ** (failures - 1))
  return retryAfter === undefined
    ? policy.random() * ceiling
    : retryAfter + policy.random() * Math.min(ceiling, baseDelay)
}

/** Whether the same request may be made again: a lost session or refused URLs take another one, however retryable. */
export function mayRetry({ retryable, code }: UploadError): boolean {
  return retryable && code !== 'session-lost' && code !== 'url-expired'
}

/** The failures of one request. */
export class Attempts {
  readonly #policy: RetryPolicy
  #failures = 0

  constructor(policy: RetryPolicy) {
    this.#policy = policy
  }

  /** Waits until the request may be made again; rejects with the error where it may not. */
  async failed(error: UploadError, call: Call): Promise<void> {
    this.#failures += 1
    if (!mayRetry(error) || this.#failures >= this.#policy.options.attempts) throw error
    await this.#policy.clock.sleep(retryDelay(this.#policy, this.#failures, retryAfterOf(error)), call)
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
      return await attempt()
    } catch (error) {
      stop.throwIfAborted()
      await attempts.failed(toUploadError(error), { signal: stop })
    }
  }
}

function retryAfterOf(error: UploadError): number | undefined {
  return 'retryAfter' in error && typeof error.retryAfter === 'number' ? error.retryAfter : undefined
}

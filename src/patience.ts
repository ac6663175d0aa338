/** Waiting for what may not listen, and may never answer: an application's own code, or a question that nobody answers. */
import { callOff } from './clock.ts'
import type { Clock } from './ports.ts'

/** As the work, but it rejects with the signal's reason as soon as that aborts; what the work comes to then is nobody's. */
export function unless<T>(signal: AbortSignal, work: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cut = (): void => reject(signal.reason)
    if (signal.aborted) cut()
    signal.addEventListener('abort', cut)
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', cut))
  })
}

export type Patience = {
  readonly clock: Clock
  /** From when this aborts on; what it rejects with has the same reason. */
  readonly since: AbortSignal
  /** Milliseconds. */
  readonly limit: number
}

/** As the work, which is cut, and waited for no longer, when the time is up. */
export async function within<T>(
  { clock, since, limit }: Patience,
  work: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<T> {
  const late = new AbortController()
  const over = new AbortController()
  const begin = (): void => {
    clock.sleep(limit, over).then(
      () => late.abort(since.reason),
      () => {},
    )
  }
  if (since.aborted) begin()
  since.addEventListener('abort', begin)
  try {
    return await unless(late.signal, work(late.signal))
  } finally {
    since.removeEventListener('abort', begin)
    callOff(over)
  }
}

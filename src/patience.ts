/** Waiting for work that may not listen to its signal and may never answer, such as an application's own code. */
import type { Clock } from './ports.ts'

/**
 * Calls back once when the signal aborts, or at once if it has. By hand, because Safari has `AbortSignal.any` only
 * since 17.4, and because no listener may stay on a signal that outlives it.
 *
 * @returns The undo.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener)
  return () => signal.removeEventListener('abort', listener)
}

/**
 * Settles as the work does, but rejects with the signal's reason as soon as that aborts. The work's outcome is ignored
 * then.
 */
export function unless<T>(signal: AbortSignal, work: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const undo = onAbort(signal, () => reject(signal.reason))
    Promise.resolve(work).then(resolve, reject).finally(undo)
  })
}

type Patience = {
  readonly clock: Clock
  /** The limit counts from this signal's abort, and `within` rejects with its reason. */
  readonly since: AbortSignal
  /** Milliseconds. */
  readonly limit: number
}

/** Settles as the work does. When the time is up, the work is cut and no longer awaited. */
export async function within<T>(
  { clock, since, limit }: Patience,
  work: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<T> {
  const late = new AbortController()
  const over = new AbortController()
  const undo = onAbort(since, () => {
    clock.sleep(limit, over).then(
      () => late.abort(since.reason),
      () => {},
    )
  })
  try {
    return await unless(late.signal, work(late.signal))
  } finally {
    undo()
    callOff(over)
  }
}

/**
 * Ends a sleep that is no longer needed. Without a reason, `abort` makes an exception with the whole stack, which costs
 * more than the timer, and every part has several.
 */
export function callOff(sleep: AbortController): void {
  sleep.abort(null)
}

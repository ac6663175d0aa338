/** Waiting for what may not listen, and may never answer: an application's own code, or a question that nobody answers. */
import type { Clock } from './ports.ts'

/**
 * Calls back once when the signal aborts, at once where it has. By hand: Safari has `AbortSignal.any` since 17.4 only, and nothing
 * stays on a signal that outlives who listens.
 *
 * @returns The undo.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener)
  return () => signal.removeEventListener('abort', listener)
}

/** As the work, but it rejects with the signal's reason as soon as that aborts; what the work comes to then is nobody's. */
export function unless<T>(signal: AbortSignal, work: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const undo = onAbort(signal, () => reject(signal.reason))
    Promise.resolve(work).then(resolve, reject).finally(undo)
  })
}

type Patience = {
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
 * Ends a sleep that nobody needs any more. Without a reason, `abort` makes an exception with the whole stack, and that costs
 * more than the timer: there are several of them in every part.
 */
export function callOff(sleep: AbortController): void {
  sleep.abort(null)
}

import type { Call, Clock } from './ports.ts'

/** The browser's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep,
}

/**
 * Ends a sleep that nobody needs any more. Without a reason, `abort` makes an exception with the whole stack, and that costs
 * more than the timer: there are several of them in every part.
 */
export function callOff(sleep: AbortController): void {
  sleep.abort(null)
}

function sleep(milliseconds: number, { signal }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', stop, { once: true })
  })
}

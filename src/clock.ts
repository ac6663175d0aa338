import { onAbort } from './patience.ts'
import type { Call, Clock } from './ports.ts'

/** The browser's own clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep,
}

function sleep(milliseconds: number, { signal }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      undo()
      resolve()
    }, milliseconds)
    const undo = onAbort(signal, () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

import { unless } from './patience.ts'
import type { Call, Connectivity } from './ports.ts'

/** Milliseconds between two looks at the clock. */
const beat = 5_000

/**
 * What the browser says of its network, and by which events it may have changed. Without a browser there is always a
 * network.
 */
export const browserConnectivity: Connectivity = {
  get online() {
    return globalThis.navigator?.onLine !== false
  },
  changed,
}

/** A page that is shown again or was frozen, or a machine that has slept, may have missed the network's own event. */
function changed({ signal }: Call): Promise<void> {
  const over = new AbortController()
  let timer: ReturnType<typeof setInterval> | undefined
  const woken = new Promise<void>((resolve) => {
    const wake = (): void => resolve()
    let last = Date.now()
    timer = setInterval(() => {
      const now = Date.now()
      if (now - last > 2 * beat) wake()
      last = now
    }, beat)
    globalThis.addEventListener?.('online', wake, over)
    globalThis.addEventListener?.('pageshow', wake, over)
    const document = globalThis.document
    document?.addEventListener('visibilitychange', () => document.hidden || wake(), over)
  })
  return unless(signal, woken).finally(() => {
    over.abort()
    clearInterval(timer)
  })
}

import type { Call, Connectivity } from './ports.ts'

/** Between two looks at the clock, in milliseconds. */
const beat = 5_000

/** What the browser says of its network, by its events; where there is no browser, there is always a network. */
export const browserConnectivity: Connectivity = {
  get online() {
    return globalThis.navigator?.onLine !== false
  },
  changed,
}

/** A page that is shown again or was frozen, and a machine that has slept, may have missed the network's own event. */
function changed({ signal }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const over = new AbortController()
    const settle = (then: () => void): void => {
      over.abort()
      clearInterval(timer)
      then()
    }
    const isOver = { signal: over.signal }
    let last = Date.now()
    const timer = setInterval(() => {
      const now = Date.now()
      if (now - last > 2 * beat) settle(resolve)
      last = now
    }, beat)
    const wake = (): void => settle(resolve)
    globalThis.addEventListener?.('online', wake, isOver)
    globalThis.addEventListener?.('pageshow', wake, isOver)
    const document = globalThis.document
    document?.addEventListener(
      'visibilitychange',
      () => document.visibilityState === 'visible' && wake(),
      isOver,
    )
    signal.addEventListener('abort', () => settle(() => reject(signal.reason)), isOver)
  })
}

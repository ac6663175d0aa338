/**
 * What the Uploaders of this page are told of the network: what the browser says, and that the plug is pulled. A page
 * cannot make its browser say that it is offline, so here the demo says it in its place.
 */
import type { Call, Connectivity } from 'longhaul'
import { faultsClient } from './faults-client.ts'

export const plug: Connectivity = {
  get online() {
    return navigator.onLine && !isPulled()
  },
  changed,
}

/** Also when the page is shown again: one that was frozen has not heard of the network's coming back. */
function changed({ signal }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let wasPulled = isPulled()
    const off = faultsClient.changes.subscribe(() => {
      if (wasPulled && !isPulled()) settle(resolve)
      wasPulled = isPulled()
    })
    const over = new AbortController()
    const settle = (then: () => void): void => {
      off()
      over.abort()
      then()
    }
    const options = { signal: over.signal }
    window.addEventListener('online', () => settle(resolve), options)
    window.addEventListener('pageshow', () => settle(resolve), options)
    document.addEventListener('visibilitychange', () => !document.hidden && settle(resolve), options)
    signal.addEventListener('abort', () => settle(() => reject(signal.reason)), options)
  })
}

function isPulled(): boolean {
  return faultsClient.view().on.includes('unplugged')
}

/**
 * What the Uploaders of this page are told of the network: what the browser says, and whether the plug is pulled. A
 * page cannot make its browser say that it is offline, so the demo says it instead.
 */
import { browserConnectivity, type Call, type Connectivity } from 'longhaul'
import { faultsClient } from './faults-client.ts'

export const plug: Connectivity = {
  get online() {
    return browserConnectivity.online && !isPulled()
  },
  changed,
}

function changed({ signal }: Call): Promise<void> {
  const over = new AbortController()
  const call = { signal: AbortSignal.any([signal, over.signal]) }
  return Promise.race([browserConnectivity.changed(call), pluggedIn(call)]).finally(() => over.abort())
}

function pluggedIn({ signal }: Call): Promise<void> {
  return new Promise((resolve) => {
    let wasPulled = isPulled()
    const off = faultsClient.changes.subscribe(() => {
      if (wasPulled && !isPulled()) resolve()
      wasPulled = isPulled()
    })
    signal.addEventListener('abort', off)
  })
}

function isPulled(): boolean {
  return faultsClient.view().on.includes('unplugged')
}

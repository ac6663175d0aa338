/** The faults as a React hook. */
import { useSyncExternalStore } from 'react'
import { type Faults, faultsClient } from './faults-client.ts'

export function useFaults(): Faults {
  return useSyncExternalStore(faultsClient.changes.subscribe, faultsClient.view)
}

/**
 * The protocol that the next files are sent with. It stands in the URL, so that a reload keeps it and a link can name
 * it.
 */
import { useSyncExternalStore } from 'react'
import { activeStorageDemo } from './backends/active-storage.ts'
import { bkendDemo } from './backends/bkend.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { fragnoDemo } from './backends/fragno.ts'
import { newtonDemo } from './backends/newton.ts'
import { presignedDemo } from './backends/presigned.ts'
import { Listeners } from './listeners.ts'

export const backends: readonly DemoBackend[] = [
  presignedDemo,
  fragnoDemo,
  bkendDemo,
  newtonDemo,
  activeStorageDemo,
]

const parameter = 'backend'
const changes = new Listeners()
let chosen = inUrl()

export function currentBackend(): DemoBackend {
  return chosen
}

export function useBackend(): DemoBackend {
  return useSyncExternalStore(changes.subscribe, currentBackend)
}

/** Uploads under way go on with the protocol that they began with. */
export function chooseBackend(backend: DemoBackend): void {
  chosen = backend
  const url = new URL(location.href)
  url.searchParams.set(parameter, backend.name)
  history.replaceState(null, '', url)
  changes.notify()
}

function inUrl(): DemoBackend {
  const name = new URL(location.href).searchParams.get(parameter)
  return backends.find((backend) => backend.name === name) ?? presignedDemo
}

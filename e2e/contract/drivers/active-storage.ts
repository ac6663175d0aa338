import type { Driver, Result } from '../driver.ts'
import { Control } from './control.ts'

const mount = '/api/active-storage'

/** Each URL comes with a record of its own, and the PUT is the last step. */
export const activeStorageControl = new Control(mount, { sign: 'POST /api/v1/upload/direct' })

export const activeStorageDriver: Driver = {
  name: 'active-storage',
  inParts: false,
  aborts: false,
  tidy: (demo) => activeStorageControl.clear(demo),
  steps: activeStorageControl.steps,
  order: ({ demo }, step, fault) => activeStorageControl.order(demo, step, fault),
  expireTokens: async ({ demo }) => void (await activeStorageControl.send(demo, 'POST /expire-keys')),
  read: (demo, result) => fetch(`${demo.url}${mount}${pathOf(result)}`),
  nameOf: async (_, { details }) => (details as { readonly filename: string }).filename,
  // Rails replaces characters that mean something to a shell, in a path or in text.
  renamed: (name) => name.trim().replace(/[%$|:;/<>?*"\\]/g, '-'),
}

function pathOf({ details }: Result): string {
  const { signed_id } = details as { readonly signed_id: string }
  return `/rails/active_storage/blobs/redirect/${signed_id}/file`
}

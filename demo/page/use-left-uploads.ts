import type { InterruptedUpload } from 'longhaul'
import { useInterrupted } from 'longhaul/react'
import { useEffect } from 'react'
import { backends } from './backend.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { otherTabs } from './tabs/other-tabs.ts'

/** An interrupted upload, and the server it was going to. */
export type LeftUpload = { readonly upload: InterruptedUpload; readonly backend: DemoBackend }

/** What earlier visits have left with any of the backends, and what a dying tab leaves meanwhile. */
export function useLeftUploads(): readonly LeftUpload[] {
  const found = backends.map((backend) => ({
    backend,
    // biome-ignore lint/correctness/useHookAtTopLevel: the backends are the same ones at every render
    ...useInterrupted(backend.uploader),
  }))
  useEffect(() =>
    otherTabs.departures.subscribe(() => {
      for (const { refresh } of found) refresh()
    }),
  )
  return found
    .flatMap(({ backend, uploads }) => uploads.map((upload) => ({ upload, backend })))
    .sort((a, b) => a.upload.startedAt - b.upload.startedAt)
}

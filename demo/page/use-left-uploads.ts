import type { InterruptedUpload } from 'longhaul'
import { useInterrupted } from 'longhaul/react'
import { backends } from './backend.ts'
import type { DemoBackend } from './backends/demo-backend.ts'

/** An upload that was left, and where it was going. */
export type LeftUpload = { readonly upload: InterruptedUpload; readonly backend: DemoBackend }

/** What earlier visits have left, by whatever backend. */
export function useLeftUploads(): readonly LeftUpload[] {
  const left: LeftUpload[] = []
  for (const backend of backends) {
    // biome-ignore lint/correctness/useHookAtTopLevel: the backends are the same ones at every render
    const { uploads } = useInterrupted(backend.uploader)
    left.push(...uploads.map((upload) => ({ upload, backend })))
  }
  return left.sort((a, b) => a.upload.startedAt - b.upload.startedAt)
}

import type { InterruptedUpload } from 'longhaul'
import { useCallback, useEffect, useState } from 'react'
import { backends } from './backend.ts'
import type { DemoBackend } from './backends/demo-backend.ts'
import { uploadList } from './upload-list.ts'

/** An upload that was left, and where it was going. */
export type LeftUpload = { readonly upload: InterruptedUpload; readonly backend: DemoBackend }

export type Interrupted = {
  readonly uploads: readonly LeftUpload[]
  /** Something was done to one of them. */
  refresh(): void
}

/** What earlier visits have left, looked up again whenever this visit begins an upload. */
export function useInterrupted(): Interrupted {
  const [uploads, setUploads] = useState<readonly LeftUpload[]>([])
  const refresh = useCallback(() => {
    // Without the browser's storage there is nothing that could have been left.
    Promise.all(backends.map(leftIn)).then(
      (left) => setUploads(left.flat().sort((a, b) => a.upload.startedAt - b.upload.startedAt)),
      () => setUploads([]),
    )
  }, [])
  useEffect(() => {
    refresh()
    return uploadList.changes.subscribe(refresh)
  }, [refresh])
  return { uploads, refresh }
}

async function leftIn(backend: DemoBackend): Promise<readonly LeftUpload[]> {
  const uploads = await backend.uploader.interrupted()
  return uploads.map((upload) => ({ upload, backend }))
}

import type { InterruptedUpload } from 'longhaul'
import { useCallback, useEffect, useState } from 'react'
import { uploadList } from './upload-list.ts'
import { uploader } from './uploader.ts'

export type Interrupted = {
  readonly uploads: readonly InterruptedUpload[]
  /** Something was done to one of them. */
  refresh(): void
}

/** What earlier visits have left, looked up again whenever this visit begins an upload. */
export function useInterrupted(): Interrupted {
  const [uploads, setUploads] = useState<readonly InterruptedUpload[]>([])
  const refresh = useCallback(() => {
    // Without the browser's storage there is nothing that could have been left.
    uploader.interrupted().then(setUploads, () => setUploads([]))
  }, [])
  useEffect(() => {
    refresh()
    return uploadList.changes.subscribe(refresh)
  }, [refresh])
  return { uploads, refresh }
}

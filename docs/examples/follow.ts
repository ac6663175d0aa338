import type { UploadLike } from 'longhaul'

export type Snapshot = Pick<UploadLike, 'state' | 'progress'>

export function snapshotOf({ state, progress }: UploadLike): Snapshot {
  return { state, progress }
}

/** Calls at every change, until the function that it gives is called. */
export function follow(upload: UploadLike, changed: () => void): () => void {
  const offs = (['state', 'progress'] as const).map((event) => upload.on(event, changed))
  return () => {
    for (const off of offs) off()
  }
}

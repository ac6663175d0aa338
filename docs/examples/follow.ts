import type { UploadLike } from 'longhaul'

export type Snapshot = Pick<UploadLike, 'state' | 'progress'>

export function snapshotOf({ state, progress }: UploadLike): Snapshot {
  return { state, progress }
}

/** Calls `changed` at every change, until you call the returned function. */
export function follow(upload: UploadLike, changed: () => void): () => void {
  const offs = (['state', 'progress'] as const).map((event) => upload.on(event, changed))
  return () => {
    for (const off of offs) off()
  }
}

import type { Hashing, PartInfo, Progress, UploadLike, UploadState, UploadWarning } from '../index.ts'
import { type Source, type Store, storesOf } from './store.ts'

/** A snapshot of an upload. It never changes: a change of the upload's state or figures makes a new one. */
export type UploadSnapshot = {
  /** What the upload is doing. */
  readonly state: UploadState
  /** How far it is, in bytes and milliseconds. */
  readonly progress: Progress
  /** How many bytes of the file have been read for its digest. Missing until the first `hashing` event. */
  readonly hashing?: Hashing
  /** The last warning, if there was one. */
  readonly warning?: UploadWarning
  /** Every part with its status, in ascending order. The list is made when it is first read. */
  readonly parts: readonly PartInfo[]
}

const events = ['state', 'progress', 'hashing', 'warning'] as const

export const uploadStore: (upload: UploadLike) => Store<UploadSnapshot> = storesOf(gather)

/** Gathers an upload's events into one snapshot. */
function gather(upload: UploadLike, notify: () => void): Source<UploadSnapshot> {
  let heard: Partial<UploadSnapshot> = {}
  let waiting: ReturnType<typeof setTimeout> | undefined
  /** Reads the current state, because an earlier listener may have changed it since the event. */
  const look = (): UploadSnapshot => {
    const { state, progress } = upload
    let parts: readonly PartInfo[] | undefined
    return {
      ...heard,
      state,
      progress,
      get parts() {
        parts ??= upload.parts()
        return parts
      },
    }
  }
  let shown = look()
  const tell = (news?: Partial<UploadSnapshot>): void => {
    heard = { ...heard, ...news }
    shown = look()
    notify()
    wait()
  }
  const wait = (): void => {
    clearTimeout(waiting)
    // In milliseconds. An upload without events is read all the same, because its rate has to fall.
    if (upload.state.status === 'uploading') waiting = setTimeout(tell, 1_000)
  }
  return {
    get(isLive) {
      if (!isLive && differs(upload, shown)) shown = look()
      return shown
    },
    subscribe() {
      wait()
      const undo = events.map((type) => upload.on(type, (event) => tell({ [type]: event })))
      return () => {
        clearTimeout(waiting)
        for (const off of undo) off()
      }
    },
  }
}

/** Does not compare the rate, which differs at every read: the snapshot must stay the same if nothing has happened. */
function differs(now: UploadLike, { state, progress: { confirmed, inFlight } }: UploadSnapshot): boolean {
  return state !== now.state || confirmed !== now.progress.confirmed || inFlight !== now.progress.inFlight
}

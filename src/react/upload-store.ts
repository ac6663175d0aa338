import type { Hashing, PartInfo, Progress, UploadLike, UploadState, UploadWarning } from '../index.ts'
import { type Source, type Store, storesOf } from './store.ts'

/** What an upload shows. It never changes; when its state or its figures do, there is another one. */
export type UploadSnapshot = {
  readonly state: UploadState
  readonly progress: Progress
  /** How much of the file was read for its digest, once something was heard of that. */
  readonly hashing?: Hashing
  /** The last warning, if there was one. */
  readonly warning?: UploadWarning
  /** Every part with its status, made when it is first asked for. */
  readonly parts: readonly PartInfo[]
}

const events = ['state', 'progress', 'hashing', 'warning'] as const

export const uploadStore: (upload: UploadLike) => Store<UploadSnapshot> = storesOf(gather)

/** An upload's events gathered into one snapshot. */
function gather(upload: UploadLike, notify: () => void): Source<UploadSnapshot> {
  let heard: Partial<UploadSnapshot> = {}
  let waiting: ReturnType<typeof setTimeout> | undefined
  /** With the state of now: a listener before this one may have changed it since the event. */
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
    // In milliseconds: an upload of which nothing is heard is looked at all the same, for its rate has to fall.
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

/** The rate is another one at every look, and a snapshot has to be the same where nothing has happened. */
function differs(now: UploadLike, { state, progress: { confirmed, inFlight } }: UploadSnapshot): boolean {
  return state !== now.state || confirmed !== now.progress.confirmed || inFlight !== now.progress.inFlight
}

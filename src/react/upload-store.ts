import type { Hashing, PartInfo, Progress, Upload, UploadState, UploadWarning } from '../index.ts'
import { type Source, type Store, storesOf } from './store.ts'

/** What an upload shows. It never changes; after every event of the upload there is another one. */
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

type Figures = Omit<UploadSnapshot, 'parts'>

/** Milliseconds until an upload is looked at of which nothing is heard: its rate has to fall all the same. */
const patience = 1_000

const events = ['state', 'progress', 'hashing', 'warning'] as const

export const uploadStore: (upload: Upload) => Store<UploadSnapshot> = storesOf(gather)

/** An upload's events gathered into one snapshot. */
function gather(upload: Upload, notify: () => void): Source<UploadSnapshot> {
  let figures = now(upload)
  let snapshot = snapshotOf(upload, figures)
  let waiting: ReturnType<typeof setTimeout> | undefined
  const set = (change?: Partial<Figures>): void => {
    figures = { ...figures, ...now(upload), ...change }
    snapshot = snapshotOf(upload, figures)
  }
  const tell = (change?: Partial<Figures>): void => {
    set(change)
    notify()
    wait()
  }
  const wait = (): void => {
    clearTimeout(waiting)
    if (upload.state.status === 'uploading') waiting = setTimeout(tell, patience)
  }
  const read = (isLive: boolean): UploadSnapshot => {
    if (!isLive && differs(upload, figures)) set()
    return snapshot
  }
  const listen = (): (() => void) => {
    wait()
    const undo = events.map((type) => upload.on(type, (event) => tell({ [type]: event })))
    return () => {
      clearTimeout(waiting)
      for (const off of undo) off()
    }
  }
  return { read, listen }
}

function now({ state, progress }: Upload): Figures {
  return { state, progress }
}

/** The rate is another one at every look, and a snapshot has to be the same where nothing has happened. */
function differs({ state, progress }: Upload, shown: Figures): boolean {
  const { confirmed, inFlight } = shown.progress
  return state !== shown.state || progress.confirmed !== confirmed || progress.inFlight !== inFlight
}

function snapshotOf(upload: Upload, figures: Figures): UploadSnapshot {
  let parts: readonly PartInfo[] | undefined
  return {
    ...figures,
    get parts() {
      parts ??= upload.parts()
      return parts
    },
  }
}

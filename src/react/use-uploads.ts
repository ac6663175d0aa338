import type { Upload, UploaderLike, UploadLike } from '../index.ts'
import { type Source, type Store, storesOf, useStore } from './store.ts'

/** What `useUploads` gives. */
export type Uploads<One extends UploadLike = Upload> = {
  /** In the order in which they were begun, also those that have ended. */
  readonly uploads: readonly One[]
  /** Takes an upload that is done or was cancelled out of the list; without one, all of those. */
  dismiss(this: void, upload?: One): void
}

/**
 * The uploads of an Uploader since it was first shown, and what was under way by then.
 *
 * @example
 * ```tsx
 * const { uploads, dismiss } = useUploads(uploader)
 * return uploads.map((upload) => <Row key={upload.id} upload={upload} onClose={() => dismiss(upload)} />)
 * ```
 */
export function useUploads<One extends UploadLike>(uploader: UploaderLike<One>): Uploads<One> {
  return useStore(listOf(uploader) as Store<Uploads<One>>)
}

const listOf = storesOf(list)

function list(uploader: UploaderLike, notify: () => void): Source<Uploads<UploadLike>> {
  const known = new Set<UploadLike>()
  let shown: Uploads<UploadLike> | undefined
  /** The list is copied when it is looked at, not for each of ten thousand files that are picked together. */
  const changed = (): void => {
    shown = undefined
    notify()
  }
  const add = (upload: UploadLike): void => {
    if (known.size !== known.add(upload).size) changed()
  }
  const dismiss = (upload?: UploadLike): void => {
    for (const one of upload ? [upload] : known) if (isOver(one)) known.delete(one)
    changed()
  }
  return {
    get(isLive) {
      if (!isLive) for (const upload of uploader.uploads) if (!isOver(upload)) add(upload)
      shown ??= { uploads: [...known], dismiss }
      return shown
    },
    subscribe: () => uploader.on('upload', add),
  }
}

function isOver({ state }: UploadLike): boolean {
  return state.status === 'done' || state.status === 'cancelled'
}

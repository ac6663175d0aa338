import type { Upload, UploaderLike, UploadLike } from '../index.ts'
import { type Source, type Store, storesOf, useStore } from './store.ts'

/** The result of `useUploads`. */
export type Uploads<One extends UploadLike = Upload> = {
  /** The uploads in the order in which they began, including those that have ended. */
  readonly uploads: readonly One[]
  /** Removes an upload that is done or cancelled from the list. Without an argument, removes all of these. */
  dismiss(this: void, upload?: One): void
}

/**
 * The uploads of an Uploader: those that had not ended when it was first shown, and all that have started since.
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
  /** The list is copied when it is read, not for each of ten thousand files that are picked together. */
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

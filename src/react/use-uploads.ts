import type { Upload, Uploader } from '../index.ts'
import { type Source, storesOf, useStore } from './store.ts'

/** What `useUploads` gives. */
export type Uploads = {
  /** In the order in which they were begun, also those that have ended. */
  readonly uploads: readonly Upload[]
  /** Takes an upload that is done or was cancelled out of the list; without one, all of those. */
  dismiss(upload?: Upload): void
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
export function useUploads(uploader: Uploader): Uploads {
  return useStore(listOf(uploader))
}

const listOf = storesOf(list)

function list(uploader: Uploader, notify: () => void): Source<Uploads> {
  const known = new Set<Upload>()
  let shown: Uploads | undefined
  /** The list is copied when it is looked at, not for each of ten thousand files that are picked together. */
  const changed = (): void => {
    shown = undefined
    notify()
  }
  const add = (upload: Upload): void => {
    if (known.size !== known.add(upload).size) changed()
  }
  const dismiss = (upload?: Upload): void => {
    for (const one of upload ? [upload] : known) if (isOver(one)) known.delete(one)
    changed()
  }
  return {
    read(isLive) {
      if (!isLive) for (const upload of uploader.uploads) if (!isOver(upload)) add(upload)
      shown ??= { uploads: [...known], dismiss }
      return shown
    },
    listen: () => uploader.on('upload', add),
  }
}

function isOver({ state }: Upload): boolean {
  return state.status === 'done' || state.status === 'cancelled'
}

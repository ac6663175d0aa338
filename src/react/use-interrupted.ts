import type { InterruptedUpload, Upload, UploaderLike, UploadLike } from '../index.ts'
import { type Source, type Store, storesOf, useStore } from './store.ts'

/** The result of `useInterrupted`. */
export type Interrupted<One extends UploadLike = Upload> = {
  /** The interrupted uploads, oldest first. They leave the list when they are resumed, forgotten or cancelled. */
  readonly uploads: readonly InterruptedUpload<One>[]
  /** `true` until the browser's storage has been read for the first time. */
  readonly isLoading: boolean
  /** The error if the browser's storage cannot be read. */
  readonly error?: unknown
  /** Reads the storage again. This also happens when an upload of the list begins again, and when the page is shown. */
  refresh(this: void): void
}

/**
 * The uploads that earlier visits left unfinished and that no tab is working on.
 *
 * @example
 * ```tsx
 * const { uploads } = useInterrupted(uploader)
 * return uploads.map((left) => (
 *   <button key={`${left.startedAt} ${left.identity.relativePath || left.identity.name}`} onClick={async () => void left.resume(left.needsFile ? await pickAgain() : undefined)}>
 *     Go on with {left.identity.name}
 *   </button>
 * ))
 * ```
 */
export function useInterrupted<One extends UploadLike>(uploader: UploaderLike<One>): Interrupted<One> {
  return useStore(interruptedOf(uploader) as Store<Interrupted<One>>)
}

const interruptedOf = storesOf(interrupted)

function interrupted(uploader: UploaderLike, notify: () => void): Source<Interrupted<UploadLike>> {
  let asked = 0
  const watched = (one: InterruptedUpload<UploadLike>): InterruptedUpload<UploadLike> => ({
    ...one,
    forget: () => one.forget().finally(refresh),
    cancel: () => one.cancel().finally(refresh),
  })
  /** One read at a time. A request meanwhile causes one more. */
  const refresh = async (): Promise<void> => {
    if (asked++) return
    for (; asked; asked -= 1) {
      asked = 1
      const news = await uploader.interrupted().then(
        (uploads) => ({ uploads: uploads.map(watched) }),
        (error: unknown) => ({ error }),
      )
      found = { ...nothing, isLoading: false, ...news }
      notify()
    }
  }
  const nothing: Interrupted<UploadLike> = { uploads: [], isLoading: true, refresh }
  let found = nothing
  return {
    get: () => found,
    subscribe() {
      // Compared by name, so that ten thousand new files do not cause as many reads.
      const off = uploader.on('upload', ({ identity }) => {
        if (found.uploads.some((one) => one.identity.name === identity.name)) refresh()
      })
      addEventListener('visibilitychange', refresh)
      refresh()
      return () => {
        off()
        removeEventListener('visibilitychange', refresh)
      }
    },
  }
}

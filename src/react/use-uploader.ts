import type { Json, UploaderLike, UploaderOptions } from '../index.ts'
import { type DependencyList, Uploader, useEffect, useState } from './store.ts'

type Made<One> = { readonly uploader: One; readonly deps: DependencyList; isMounted?: boolean }

/**
 * Makes an Uploader that lives as long as the component. When the component is unmounted, its uploads stop as if the tab
 * were closed, and can be resumed. Call it in a component that stays mounted, such as the layout. If uploads are to outlive
 * it, make the Uploader outside of React.
 *
 * @param options Read when the Uploader is made. Later changes are ignored, except for `scope`, because a backend that is
 * made while rendering differs every time.
 * @param deps As in `useMemo`. If one of them or `options.scope` changes, a new Uploader replaces the old one, which is
 * stopped. @default []
 *
 * @example
 * ```tsx
 * const uploader = useUploader({ backend: presigned({ baseUrl: '/api' }), scope: user.id })
 * ```
 */
export function useUploader<Session extends Json>(
  options: UploaderOptions<Session>,
  deps: DependencyList = [],
): Uploader {
  return useUploaderFrom(() => new Uploader(options), [options.scope, ...deps])
}

/**
 * As `useUploader`, for an Uploader that a function makes, such as a RemoteUploader.
 *
 * @param make Makes the Uploader. React calls it while rendering, perhaps twice, so it must start nothing: give a
 * RemoteUploader a function that makes the worker, not the worker itself.
 * @param deps As in `useMemo`. If one of them changes, a new Uploader replaces the old one, which is stopped. @default []
 *
 * @example
 * ```tsx
 * const uploader = useUploaderFrom(() => new RemoteUploader(makeWorker))
 * ```
 */
export function useUploaderFrom<One extends Pick<UploaderLike, 'stop'>>(
  make: () => One,
  deps: DependencyList = [],
): One {
  const makeWith = (): Made<One> => ({ uploader: make(), deps })
  let [made, setMade] = useState(makeWith)
  if (deps.some((dep, index) => !Object.is(dep, made.deps[index]))) {
    made = makeWith()
    setMade(made)
  }
  useEffect(() => {
    made.isMounted = true
    return () => {
      made.isMounted = false
      // StrictMode and hot reload undo an effect and run it again at once.
      queueMicrotask(() => made.isMounted || made.uploader.stop())
    }
  }, [made])
  return made.uploader
}

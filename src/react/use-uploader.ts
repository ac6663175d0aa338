import type { Json, UploaderLike, UploaderOptions } from '../index.ts'
import { type DependencyList, Uploader, useEffect, useState } from './store.ts'

type Made<One> = { readonly uploader: One; readonly deps: DependencyList; isMounted?: boolean }

/**
 * An Uploader that lives as long as the component: when that is unmounted, its uploads stop as if the tab had been closed,
 * and what is stored can be resumed. Call it in a component that stays, such as the layout, or make the Uploader outside
 * of React where uploads are to go on.
 *
 * @param options Read when the Uploader is made. A backend that is made while rendering is another one every time, so
 * changed options do not count by themselves, except for `scope`.
 * @param deps As in `useMemo`: when one of them, or `options.scope`, is another one, a new Uploader takes the place of the
 * old one, which is stopped. @default []
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
 * As `useUploader`, with what the function makes, such as a RemoteUploader.
 *
 * @param make Called while rendering, and by React twice if it likes, so it must start nothing: give a RemoteUploader a function
 * that makes the worker, and not the worker.
 * @param deps As in `useMemo`. @default []
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
      // StrictMode and hot reload take an effect back and run it again in one go.
      queueMicrotask(() => made.isMounted || made.uploader.stop())
    }
  }, [made])
  return made.uploader
}

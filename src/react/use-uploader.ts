import { type Json, Uploader, type UploaderOptions } from '../index.ts'
import { type DependencyList, useEffect, useState } from './store.ts'

type Made = { readonly uploader: Uploader; readonly deps: DependencyList; isMounted?: boolean }

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
  const all = [options.scope, ...deps]
  const make = (): Made => ({ uploader: new Uploader(options), deps: all })
  let [made, setMade] = useState(make)
  if (all.some((dep, index) => !Object.is(dep, made.deps[index]))) {
    made = make()
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

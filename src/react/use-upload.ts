import type { UploadLike } from '../index.ts'
import { useEffect, useRef, useStore } from './store.ts'
import { type UploadSnapshot, uploadStore } from './upload-store.ts'

/** Nothing to listen to; its undo does nothing either. */
const never = (): (() => void) => never

/**
 * What an upload shows: its state, its figures at most ten times a second, its parts.
 *
 * With a selector, the component renders again only when the selected value is another one (`isEqual`,
 * @default Object.is), so that a row of ten thousand does not render for what it does not show. A value that is made anew
 * by the selector, such as an object, needs an `isEqual`.
 *
 * @example
 * ```tsx
 * const { state, progress } = useUpload(upload)
 * const status = useUpload(upload, ({ state }) => state.status)
 * const percent = useUpload(upload, ({ progress: { confirmed, total } }) => total && Math.floor((100 * confirmed) / total))
 * ```
 */
export function useUpload(upload: UploadLike): UploadSnapshot
export function useUpload(upload: UploadLike | undefined): UploadSnapshot | undefined
export function useUpload<Value>(
  upload: UploadLike,
  selector: (snapshot: UploadSnapshot) => Value,
  isEqual?: (a: Value, b: Value) => boolean,
): Value
export function useUpload<Value>(
  upload: UploadLike | undefined,
  selector: (snapshot: UploadSnapshot) => Value,
  isEqual?: (a: Value | undefined, b: Value | undefined) => boolean,
): Value | undefined
export function useUpload(
  upload: UploadLike | undefined,
  selector: (snapshot: UploadSnapshot) => unknown = (snapshot) => snapshot,
  isEqual: (a: unknown, b: unknown) => boolean = Object.is,
): unknown {
  const store = upload && uploadStore(upload)
  // A selector that is written in the component is another one at every render, but its value is compared with the one
  // that is shown.
  const shown = useRef<readonly unknown[]>([])
  let last = shown.current
  // Not a snapshot, and not its lack either: the first look is always a new one.
  let from: unknown = never
  const get = (): unknown => {
    const snapshot = store?.get()
    if (from !== snapshot) {
      const selected = snapshot && selector(snapshot)
      if (!last.length || !isEqual(last[0], selected)) last = [selected]
      from = snapshot
    }
    return last[0]
  }
  const value = useStore({ subscribe: store?.subscribe ?? never, get })
  useEffect(() => {
    shown.current = [value]
  }, [value])
  return value
}

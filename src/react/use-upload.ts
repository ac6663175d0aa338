import type { UploadLike } from '../index.ts'
import { useEffect, useRef, useStore } from './store.ts'
import { type UploadSnapshot, uploadStore } from './upload-store.ts'

/** Listens to nothing, and so does its undo. */
const never = (): (() => void) => never

/**
 * Returns a snapshot of an upload: its state, its figures, at most ten times a second, and its parts.
 *
 * @example
 * ```tsx
 * const { state, progress } = useUpload(upload)
 * ```
 */
export function useUpload(upload: UploadLike): UploadSnapshot
/** Returns a snapshot of an upload, or `undefined` if there is none. */
export function useUpload(upload: UploadLike | undefined): UploadSnapshot | undefined
/**
 * Returns a value that is selected from an upload's snapshot. The component renders again only if that value changes, so
 * that a row of ten thousand does not render for what it does not show.
 *
 * @param isEqual Compares two values. A selector that returns a new object each time needs one. @default Object.is
 *
 * @example
 * ```tsx
 * const status = useUpload(upload, ({ state }) => state.status)
 * const percent = useUpload(upload, ({ progress: { confirmed, total } }) => total && Math.floor((100 * confirmed) / total))
 * ```
 */
export function useUpload<Value>(
  upload: UploadLike,
  selector: (snapshot: UploadSnapshot) => Value,
  isEqual?: (a: Value, b: Value) => boolean,
): Value
/** Returns a value that is selected from an upload's snapshot, or `undefined` if there is no upload. */
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
  // A selector that is written inline is a new function at every render. Its value is compared with the one shown.
  const shown = useRef<readonly unknown[]>([])
  let last = shown.current
  // Neither a snapshot nor `undefined`, so that the first read always selects.
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

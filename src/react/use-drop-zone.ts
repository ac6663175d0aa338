import type { PickedFile } from '../index.ts'
import {
  type ChangeEvent,
  filesOf,
  type RefCallback,
  takeDrops,
  useEffect,
  useRef,
  useState,
} from './store.ts'

/** The options of `useDropZone`. */
export type DropZoneOptions = {
  /** Whether the whole page takes drops and pastes. `ref` is not needed then. @default false */
  readonly page?: boolean | undefined
}

/** The result of `useDropZone`. */
export type DropZone<Element extends HTMLElement> = {
  /** Whether files are being dragged over the zone. */
  readonly isOver: boolean
  /** The `ref` of the element that takes drops and pastes. */
  readonly ref: RefCallback<Element>
  /** The props of an `<input>`, for people who do not drag. Give it a label, and hide it only visually. */
  readonly input: {
    readonly type: 'file'
    readonly multiple: true
    /** Passes the chosen files to `onFiles`, and empties the input. */
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void
  }
}

/**
 * Takes files and folders that are dropped, pasted or chosen, with their paths, and with their handles if the browser gives
 * them. It renders nothing.
 *
 * @param onFiles Called with the files of one drop, paste or choice, as `filesOf` finds them. Its return value is ignored.
 *
 * @example
 * ```tsx
 * const { ref, isOver, input } = useDropZone<HTMLLabelElement>((files) => uploader.uploadFiles(files))
 * return (
 *   <label ref={ref} data-over={isOver}>
 *     Drop files here, or choose them <input {...input} />
 *   </label>
 * )
 * ```
 */
export function useDropZone<Element extends HTMLElement = HTMLElement>(
  onFiles: (files: AsyncIterable<PickedFile>) => unknown,
  { page }: DropZoneOptions = {},
): DropZone<Element> {
  const [isOver, onOver] = useState(false)
  const [element, ref] = useState<Element | null>(null)
  const latest = useRef(onFiles)
  useEffect(() => {
    latest.current = onFiles
  })
  useEffect(() => {
    const target = page ? window : element
    return target ? takeDrops(target, { onFiles: (files) => latest.current(files), onOver }) : undefined
  }, [page, element])
  const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
    latest.current(filesOf(currentTarget.files))
    // So that the same file can be chosen again.
    currentTarget.value = ''
  }
  return { isOver, ref, input: { type: 'file', multiple: true, onChange } }
}

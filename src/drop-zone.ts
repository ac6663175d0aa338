/** Lets an element, or the page, take the files that are dropped on it or pasted into it. */
import { type FileSource, filesOf, type PickedFile } from './sources.ts'

/** The callbacks of `takeDrops`. */
export type DropZoneListener = {
  /** Files were dropped or pasted. Folders are walked as the files are asked for. The return value is ignored. */
  onFiles(files: AsyncIterable<PickedFile>): unknown
  /** Files are held over the target, or no longer are. */
  onOver?(isOver: boolean): void
}

/**
 * Takes the files and folders that are dropped on the target, and the files that are pasted into it. Other drags and
 * pastes are left alone. On `window`, a drop that misses a smaller target does not replace the page.
 *
 * @returns The undo. After it, nothing listens any more.
 *
 * @example
 * ```ts
 * const off = takeDrops(zone, {
 *   onFiles: (files) => uploader.uploadFiles(files),
 *   onOver: (isOver) => zone.classList.toggle('over', isOver),
 * })
 * ```
 */
export function takeDrops(target: HTMLElement | Window, listener: DropZoneListener): () => void {
  const undo = new AbortController()
  const zone = new DropZone(listener)
  const listen = (type: string, handle: (event: Event) => void): void =>
    target.addEventListener(type, handle, undo)
  listen('dragenter', (event) => isDrag(event) && zone.over(event))
  listen('dragover', (event) => isDrag(event) && zone.over(event))
  listen('dragleave', (event) => zone.leave(event))
  listen('drop', (event) => isDrag(event) && zone.drop(event))
  listen('paste', (event) => zone.paste(event))
  return () => {
    undo.abort()
    zone.end()
  }
}

class DropZone {
  readonly #listener: DropZoneListener
  #isOver = false
  /** The element that was entered last. */
  #entered: EventTarget | null = null

  constructor(listener: DropZoneListener) {
    this.#listener = listener
  }

  over(event: DragEvent): void {
    event.preventDefault()
    if (event.type === 'dragenter') this.#entered = event.target
    this.#set(true)
  }

  /** The browser enters an inner element before it leaves the one around it (HTML, drag-and-drop processing model). */
  leave({ target }: Event): void {
    if (target === this.#entered) this.#set(false)
  }

  drop(event: DragEvent): void {
    event.preventDefault()
    this.#set(false)
    if (event.dataTransfer !== null) this.#take(event.dataTransfer)
  }

  /**
   * Leaves text fields alone, also inside web components: content copied from a document comes as text and as a
   * picture.
   */
  paste(event: Event): void {
    const { clipboardData } = event as Partial<ClipboardEvent>
    if (event.defaultPrevented || isEditable(event.composedPath()[0])) return
    if (!clipboardData?.types.includes('Files')) return
    event.preventDefault()
    this.#take(clipboardData)
  }

  end(): void {
    this.#set(false)
  }

  #take(source: FileSource): void {
    this.#listener.onFiles(filesOf(source))
  }

  #set(isOver: boolean): void {
    if (isOver === this.#isOver) return
    this.#isOver = isOver
    this.#listener.onOver?.(isOver)
  }
}

/** A drag of files that no smaller zone inside has taken. Not by `instanceof`: the class may be another window's. */
function isDrag(event: Event): event is DragEvent {
  const { dataTransfer } = event as Partial<DragEvent>
  return !event.defaultPrevented && (dataTransfer?.types.includes('Files') ?? false)
}

function isEditable(target: EventTarget | undefined): boolean {
  const { isContentEditable, matches } = Object(target) as Partial<HTMLElement>
  return isContentEditable || (matches?.call(target, 'input:not([type=file]), textarea') ?? false)
}

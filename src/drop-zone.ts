/** An element, or the page, that takes what is dropped on it or pasted into it. */
import { type FileSource, filesOf, type PickedFile } from './sources.ts'

/** What `takeDrops` calls. */
export type DropZoneListener = {
  /** Files were dropped or pasted; folders are walked as the files are asked for. What it gives is not looked at. */
  onFiles(files: AsyncIterable<PickedFile>): unknown
  /** Files are held over it, or not any more. */
  onOver?(isOver: boolean): void
}

/**
 * Takes the files and folders that are dropped on the target, and the files that are pasted into it. Nothing else that
 * is dragged or pasted is touched. On `window` a drop that misses a smaller target does not replace the page.
 *
 * @returns The undo: after it, nothing of it listens any more.
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
  /** What was entered last. */
  #entered: EventTarget | null = null

  constructor(listener: DropZoneListener) {
    this.#listener = listener
  }

  over(event: DragEvent): void {
    event.preventDefault()
    if (event.type === 'dragenter') this.#entered = event.target
    this.#set(true)
  }

  /** An element inside is entered before the one around it is left (HTML, drag-and-drop processing model). */
  leave({ target }: Event): void {
    if (target === this.#entered) this.#set(false)
  }

  drop(event: DragEvent): void {
    event.preventDefault()
    this.#set(false)
    if (event.dataTransfer !== null) this.#take(event.dataTransfer)
  }

  /**
   * Not where text is written, inside a web component neither: what is copied from a document comes as text and as a
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

/** Of files, and not yet taken by a smaller zone inside. Its class may be that of another window. */
function isDrag(event: Event): event is DragEvent {
  const { dataTransfer } = event as Partial<DragEvent>
  return !event.defaultPrevented && (dataTransfer?.types.includes('Files') ?? false)
}

function isEditable(target: EventTarget | undefined): boolean {
  const { isContentEditable, matches } = Object(target) as Partial<HTMLElement>
  return isContentEditable || (matches?.call(target, 'input:not([type=file]), textarea') ?? false)
}

import type { InterruptedUpload, UploaderLike, UploadLike } from '../index.ts'
import { messageOf, type UploadElementLabels } from './labels.ts'
import { make, makeButton, relabel } from './make.ts'
import { nameOf } from './upload-row.ts'

type InterruptedListOptions = {
  readonly uploader: UploaderLike
  readonly labels: UploadElementLabels
  /** Asks the user for the file. */
  readonly pick: (then: (file: File) => void) => void
  /** Announces a text to screen readers. */
  readonly say: (text: string) => void
  /** Called when a button that had the focus is gone. */
  readonly onGone: () => void
}

/** The list of uploads that earlier visits left unfinished. */
export class InterruptedList {
  readonly element: HTMLElement = make('section', 'interrupted')
  readonly #options: InterruptedListOptions
  readonly #list = make('ul', 'list')
  readonly #undo: () => void
  #uploads: readonly InterruptedUpload<UploadLike>[] = []
  #shown = '[]'
  #looks = 0

  constructor(options: InterruptedListOptions) {
    const { uploader, labels } = options
    this.#options = options
    this.element.hidden = true
    this.element.ariaLabel = labels.interrupted
    this.element.append(make('h2', 'heading', labels.interrupted), this.#list)
    this.#undo = uploader.on('upload', ({ identity: { name } }) => {
      if (this.#uploads.some(({ identity }) => identity.name === name)) this.refresh()
    })
    document.addEventListener('visibilitychange', this.refresh)
    this.refresh()
  }

  end(): void {
    this.#undo()
    this.#looks += 1
    document.removeEventListener('visibilitychange', this.refresh)
    this.element.remove()
  }

  readonly refresh = async (): Promise<void> => {
    this.#looks += 1
    const look = this.#looks
    // Without the browser's storage, nothing can have been left.
    const uploads = await this.#options.uploader.interrupted().catch(() => [])
    // Another read has started since.
    if (look !== this.#looks) return
    const shown = JSON.stringify(uploads)
    // An unchanged list is not rebuilt, so that a line keeps its focus and its error.
    if (shown === this.#shown) return
    this.#shown = shown
    this.#uploads = uploads
    const hadFocus = this.#list.matches(':focus-within')
    this.element.hidden = uploads.length === 0
    this.#list.replaceChildren(...uploads.map((upload) => this.#line(upload)))
    if (hadFocus) this.#options.onGone()
  }

  #line(upload: InterruptedUpload<UploadLike>): HTMLLIElement {
    const { labels } = this.#options
    const { size } = upload.identity
    const name = nameOf(upload)
    const line = make('li', 'left')
    const error = make('p', 'error')
    const attempt = async (work: () => unknown): Promise<void> => {
      try {
        await work()
        await this.refresh()
      } catch (thrown) {
        error.textContent = messageOf(labels, thrown)
        this.#options.say(error.textContent)
      }
    }
    // Not returned: an async function that returns an upload would await its end.
    const resume = makeButton('resume', () => {
      const begin = (file?: File): unknown => attempt(() => void upload.resume(file))
      if (upload.needsFile) this.#options.pick(begin)
      else begin()
    })
    const discard = makeButton('discard', () => void attempt(() => upload.cancel()))
    relabel(resume, upload.needsFile ? labels.chooseAgain : labels.resume, name)
    relabel(discard, labels.discard, name)
    const actions = make('span', 'actions')
    actions.append(resume, discard)
    const share = `${size === 0 ? 0 : Math.floor((100 * upload.confirmed) / size)}\u00a0%`
    line.append(make('span', 'name', name), actions, make('span', 'state', share), error)
    return line
  }
}

import type { UploadLike, UploadState } from '../index.ts'
import { errorText, messageOf, speedText, type UploadElementLabels } from './labels.ts'
import { make, makeButton, relabel } from './make.ts'
import { partsMap } from './parts-map.ts'

type UploadRowOptions = {
  readonly labels: UploadElementLabels
  /** Asks the user for the file. */
  readonly pick: (then: (file: File) => void) => void
  /** Announces a text to screen readers. */
  readonly say: (text: string) => void
  readonly onState: (upload: UploadLike, state: UploadState) => void
  readonly onRemove: () => void
}

/** Milliseconds between two reads of the rate. */
const look = 1_000
/** Only every so many reads change the bar's spoken text, because a screen reader may say each change. */
const spokenEvery = 5

/** The line of one upload, with its bar, its parts and its buttons. */
export class UploadRow {
  readonly element: HTMLLIElement = make('li', 'upload')
  readonly upload: UploadLike
  readonly #options: UploadRowOptions
  readonly #state = make('span', 'state')
  readonly #error = make('p', 'error')
  readonly #bar = make('div', 'progress')
  readonly #confirmed = make('div', 'confirmed')
  readonly #inFlight = make('div', 'in-flight')
  readonly #parts = make('div', 'parts')
  readonly #next: HTMLButtonElement
  readonly #end: HTMLButtonElement
  readonly #undo: readonly (() => void)[]
  /** Whether the warning shown is only a suspicion (`cors`), which a stored part disproves. */
  #isSuspicion = false
  /** Rate and time left, as text on the screen and for screen readers. */
  #speed = { shown: '', told: '' }
  #looking: ReturnType<typeof setInterval> | undefined

  constructor(upload: UploadLike, options: UploadRowOptions) {
    this.upload = upload
    this.#options = options
    this.#next = makeButton('next', () => this.#goOn())
    this.#end = makeButton('end', () => this.#finish())
    this.#build()
    this.#undo = [
      upload.on('state', (state) => this.#changed(state)),
      upload.on('progress', () => this.#move()),
      upload.on('hashing', ({ hashed, total }) =>
        this.#fill(total && hashed / total, total && hashed / total),
      ),
      upload.on('warning', ({ code, message }) => {
        this.#explain(message)
        this.#isSuspicion = code === 'cors'
      }),
      upload.on('part', ({ status }) => {
        if (status === 'stored' && this.#isSuspicion) this.#explain('')
      }),
    ]
    this.#show()
  }

  get isOver(): boolean {
    const { status } = this.upload.state
    return status === 'done' || status === 'cancelled'
  }

  /** Takes the line out of the list. */
  remove(): void {
    for (const off of this.#undo) off()
    clearInterval(this.#looking)
    this.element.remove()
  }

  #build(): void {
    const name = nameOf(this.upload)
    const title = make('span', 'name', name)
    title.title = name
    this.#bar.setAttribute('role', 'progressbar')
    this.#bar.ariaLabel = name
    this.#bar.ariaValueMin = '0'
    this.#bar.ariaValueMax = '100'
    this.#bar.append(this.#inFlight, this.#confirmed)
    this.#parts.ariaHidden = 'true'
    const actions = make('span', 'actions')
    actions.append(this.#next, this.#end)
    this.element.append(title, actions, this.#state, this.#bar, this.#parts, this.#error)
  }

  #changed(state: UploadState): void {
    this.#show()
    this.#options.onState(this.upload, state)
  }

  #show(): void {
    const { state } = this.upload
    this.element.dataset['status'] = state.status
    this.#error.textContent = state.status === 'failed' ? errorText(this.#options.labels, state.error) : ''
    this.#label()
    this.#watch()
    this.#move()
  }

  /** Reads the rate by the clock, because it also falls while nothing moves, and no event says so. */
  #watch(): void {
    clearInterval(this.#looking)
    this.#speed = { shown: '', told: '' }
    if (this.upload.state.status !== 'uploading') return
    let looks = 0
    this.#looking = setInterval(() => {
      looks += 1
      const shown = speedText(this.#options.labels, this.upload.progress)
      this.#speed = { shown, told: looks % spokenEvery === 0 ? shown : this.#speed.told }
      this.#move()
    }, look)
  }

  #label(): void {
    const { labels } = this.#options
    const name = nameOf(this.upload)
    const hadFocus = this.#next.matches(':focus')
    relabel(this.#next, labels[stepOf(this.upload.state)], name)
    relabel(this.#end, this.isOver ? labels.remove : labels.cancel, name)
    this.#next.hidden = this.isOver
    // A button that disappears would take the focus with it.
    if (hadFocus && this.isOver) this.#end.focus()
  }

  #move(): void {
    const { state, progress } = this.upload
    const { confirmed, inFlight, total } = progress
    if (state.status === 'done') this.#fill(1, 1)
    else this.#fill(total && confirmed / total, total && (confirmed + inFlight) / total)
    const parts = this.upload.parts()
    this.#parts.hidden = parts.length < 2
    if (parts.length > 1) this.#parts.style.background = partsMap(parts)
  }

  #fill(confirmed: number, withInFlight: number): void {
    // The share that was sent, because a file of one part would show 0 % until it is stored. 100 % only when it is done.
    const percent = Math.min(Math.floor(100 * withInFlight), this.upload.state.status === 'done' ? 100 : 99)
    const { states } = this.#options.labels
    this.#confirmed.style.transform = `scaleX(${confirmed})`
    this.#inFlight.style.transform = `scaleX(${withInFlight})`
    this.#bar.ariaValueNow = String(percent)
    const text = `${states[shownState(this.upload.state)]}, ${percent}\u00a0%`
    this.#state.textContent = listed(text, this.#speed.shown)
    this.#bar.ariaValueText = listed(text, this.#speed.told)
  }

  #explain(message: string): void {
    this.#error.textContent = message
    this.#isSuspicion = false
  }

  #goOn(): void {
    const step = stepOf(this.upload.state)
    if (step === 'pause') this.upload.pause()
    else if (step === 'chooseAgain') this.#options.pick((file) => this.#resume(file))
    else this.upload.resume()
  }

  #resume(file: File): void {
    try {
      this.upload.resume(file)
    } catch (error) {
      const message = messageOf(this.#options.labels, error)
      this.#explain(message)
      this.#options.say(message)
    }
  }

  #finish(): void {
    if (this.isOver) this.#options.onRemove()
    else void this.upload.cancel()
  }
}

function listed(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(', ')
}

/** The name with its path, because a folder may have many files of one name. */
export function nameOf({ identity: { name, relativePath } }: Pick<UploadLike, 'identity'>): string {
  return relativePath || name
}

/** The action of the first button. */
function stepOf(state: UploadState): 'pause' | 'resume' | 'retry' | 'chooseAgain' {
  if (state.status === 'failed') return state.error.code === 'file-changed' ? 'chooseAgain' : 'retry'
  if (state.status !== 'paused') return 'pause'
  return state.by === 'system' && state.reason === 'needs-file' ? 'chooseAgain' : 'resume'
}

export function shownState(state: UploadState): keyof UploadElementLabels['states'] {
  return state.status === 'paused' && state.by === 'system' ? state.reason : state.status
}

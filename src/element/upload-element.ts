import {
  filesOf,
  type PickedFile,
  presigned,
  type RefusedFile,
  takeDrops,
  type UploadError,
  Uploader,
  type UploaderLike,
  type UploadFilesOptions,
  type UploadLike,
  type UploadResult,
  type UploadState,
} from '../index.ts'
import { Announcer } from './announcer.ts'
import { InterruptedList } from './interrupted-list.ts'
import {
  english,
  errorText,
  messageOf,
  relabeled,
  type UploadElementLabels,
  type UploadElementTexts,
} from './labels.ts'
import { make, makeButton } from './make.ts'
import { styles } from './styles.ts'
import { nameOf, shownState, UploadRow } from './upload-row.ts'

/** The `detail` of each event. They do not bubble. */
export type UploadElementEvents = {
  /** An upload has begun. */
  readonly upload: UploadLike
  readonly done: { readonly upload: UploadLike; readonly result: UploadResult }
  readonly failed: { readonly upload: UploadLike; readonly error: UploadError }
  /** A file was not let in, or cannot be read. */
  readonly refused: RefusedFile
}

/** What the compiler knows of its events beyond those of every element. */
export type UploadElementListening = {
  /** As of every element, with the detail of the event. */
  addEventListener<Type extends keyof UploadElementEvents>(
    type: Type,
    listener: (event: CustomEvent<UploadElementEvents[Type]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void
  /** As of every element. */
  removeEventListener<Type extends keyof UploadElementEvents>(
    type: Type,
    listener: (event: CustomEvent<UploadElementEvents[Type]>) => void,
    options?: boolean | EventListenerOptions,
  ): void
}

/** How many files that are not taken are named. */
const most = 3

/** A server has no elements, and may import this all the same. */
const Base: new () => UploadElementListening & HTMLElement =
  typeof HTMLElement === 'undefined' ? (class {} as typeof HTMLElement) : HTMLElement

/**
 * `<longhaul-upload>`: takes files and shows their uploads, without a framework. Attributes: `base-url` and `scope` (of
 * its own Uploader with the `presigned` backend), `multiple`, `accept`, `max-size` in bytes, `max-files`, `name` and `disabled` (as of
 * a field of a form). Each is a property, too.
 *
 * @example
 * ```html
 * <longhaul-upload base-url="/api" multiple accept="image/*" max-size="50000000"></longhaul-upload>
 * ```
 */
export class UploadElement extends Base {
  static readonly observedAttributes: readonly string[] = [
    'accept',
    'multiple',
    'name',
    'base-url',
    'scope',
    'max-size',
    'max-files',
  ]
  /** With a `name` it is a field of the form that it is in. */
  static readonly formAssociated: boolean = true

  readonly #rows = new Map<UploadLike, UploadRow>()
  /** Without a role it could have no name of a label's. */
  readonly #internals = Object.assign(this.attachInternals(), { role: 'group' })
  #given: UploaderLike | undefined
  #own: Uploader | undefined
  #params: NonNullable<UploadFilesOptions['params']> = {}
  #labels = english
  #shown: (() => void) | undefined
  /** What was stored when it left the page: it may come back, as in a form of several pages. */
  #stored: readonly UploadLike[] = []
  #parts: Parts | undefined

  /** @internal */
  constructor() {
    super()
    // What a page has set before the element was defined, which may be loaded late: it would hide the accessor of that name.
    for (const [name, value] of Object.entries(this)) {
      Reflect.deleteProperty(this, name)
      Reflect.set(this, name, value)
    }
    // A label's click is one of the element itself, whose parts have clicks of their own.
    this.addEventListener('click', (event) => {
      const [clicked] = event.composedPath()
      // Firefox has a label around it click it once more, also for what is no button in it. An input's own click opens the picker.
      if (!(clicked as HTMLElement).matches('input')) event.preventDefault()
      if (clicked !== this) return
      this.focus()
      this.#parts?.button.click()
    })
  }

  /**
   * The Uploader whose uploads are shown; one of another backend or with other options can be set, or a RemoteUploader. Its own
   * one is stopped when the element leaves the page, as if the tab were closed; one that was set is not.
   */
  get uploader(): UploaderLike {
    if (this.#given !== undefined) return this.#given
    this.#own ??= this.#makeUploader()
    return this.#own
  }

  /** Shows those of another one; of its own again where it is `undefined`. */
  set uploader(uploader: UploaderLike | undefined) {
    if (uploader === this.#given) return
    this.#given = uploader
    this.#renew()
  }

  /** The application's own fields, sent to its server with every file. An accessor: Svelte sets nothing else. @default {} */
  get params(): NonNullable<UploadFilesOptions['params']> {
    return this.#params
  }

  /** Holds for files that come from now on. */
  set params(params: UploadFilesOptions['params']) {
    this.#params = params ?? {}
  }

  /** Its texts; those that are not given stay as they are. @default in English */
  get labels(): UploadElementLabels {
    return this.#labels
  }

  /** Changes those that are given. */
  set labels(texts: UploadElementTexts) {
    const labels = relabeled(this.#labels, texts)
    // A template that has them in it makes them anew at each rendering.
    if (JSON.stringify(labels) === JSON.stringify(this.#labels)) return
    this.#labels = labels
    this.#renew([...this.#rows.keys()])
  }

  /** The attribute of this name, as of an input. Vue and Svelte would write `false` into an attribute, which is there then. */
  get disabled(): boolean {
    return this.hasAttribute('disabled')
  }

  /** Sets or removes the attribute. */
  set disabled(isDisabled: boolean | null | undefined) {
    this.#reflect('disabled', isDisabled)
  }

  /** The attribute of this name. */
  get multiple(): boolean {
    return this.hasAttribute('multiple')
  }

  /** Sets or removes the attribute. */
  set multiple(isMultiple: boolean | null | undefined) {
    this.#reflect('multiple', isMultiple)
  }

  /** The attribute of this name. */
  get accept(): string {
    return this.getAttribute('accept') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set accept(accept: string | null | undefined) {
    this.#reflect('accept', accept)
  }

  /** The attribute of this name. */
  get name(): string {
    return this.getAttribute('name') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set name(name: string | null | undefined) {
    this.#reflect('name', name)
  }

  /** The attribute `base-url`. */
  get baseUrl(): string {
    return this.getAttribute('base-url') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set baseUrl(url: string | null | undefined) {
    this.#reflect('base-url', url)
  }

  /** The attribute of this name. */
  get scope(): string {
    return this.getAttribute('scope') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set scope(scope: string | null | undefined) {
    this.#reflect('scope', scope)
  }

  /** The attribute `max-size`: bytes. What is no whole number is told as an error of the page, and is as none. */
  get maxSize(): number | undefined {
    return this.#number('max-size')
  }

  /** Sets the attribute; `undefined` removes it. */
  set maxSize(bytes: number | null | undefined) {
    this.#reflect('max-size', bytes)
  }

  /** The attribute `max-files`, so too. */
  get maxFiles(): number | undefined {
    return this.#number('max-files')
  }

  /** Sets the attribute; `undefined` removes it. */
  set maxFiles(count: number | null | undefined) {
    this.#reflect('max-files', count)
  }

  /** The form that it is a field of. */
  get form(): HTMLFormElement | null {
    return this.#internals.form
  }

  /** Sets the attribute of this name: the id of one that it is not in. Templates of frameworks set it as a property. */
  set form(id: string | HTMLFormElement | null | undefined) {
    this.#reflect('form', typeof id === 'object' ? id?.id : id)
  }

  /** As of every field of a form. */
  get willValidate(): boolean {
    return this.#internals.willValidate
  }

  /** As of every field of a form. */
  get validity(): ValidityState {
    return this.#internals.validity
  }

  /** Why its form cannot be sent yet, or nothing. */
  get validationMessage(): string {
    return this.#internals.validationMessage
  }

  /** Whether its form can be sent. */
  checkValidity(): boolean {
    return this.#internals.checkValidity()
  }

  /** As `checkValidity`; the browser tells the user why it cannot. */
  reportValidity(): boolean {
    return this.#internals.reportValidity()
  }

  /** Focuses its first button. */
  override focus(options?: FocusOptions): void {
    this.#parts?.button.focus(options)
  }

  /** @internal */
  connectedCallback(): void {
    this.#show(this.#stored)
  }

  /** @internal */
  disconnectedCallback(): void {
    const own = this.#own
    // An element that is moved is taken out and put in again in one go.
    queueMicrotask(() => {
      if (this.isConnected) return
      this.#stored = [...this.#rows.keys()].filter(({ state }) => state.status === 'done')
      this.#hide()
      void own?.stop()
    })
  }

  /** @internal */
  adoptedCallback(): void {
    // A document without a window shows nothing, and takes no style sheet of this one's.
    if (this.shadowRoot && this.ownerDocument.defaultView) this.#dress(this.shadowRoot)
  }

  /**
   * As an input for files it forgets what it has: what has ended, and with it the value. What is under way is no value yet, and is not
   * cancelled by what may have been a slip: it goes on, and is part of the form when it is stored.
   *
   * @internal
   */
  formResetCallback(): void {
    this.#stored = []
    for (const row of this.#rows.values()) if (row.isOver) this.#forget(row)
    this.#parts?.problem.replaceChildren()
    this.#fillForm()
  }

  /** @internal */
  formDisabledCallback(): void {
    if (this.#parts) this.#showDisabled(this.#parts)
  }

  /** @internal */
  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return
    if (name === 'base-url' || name === 'scope') {
      void this.#own?.stop()
      this.#own = undefined
      this.#renew()
    } else if (name.startsWith('max-')) this.#requireWhole(name, after)
    else if (name === 'name') this.#fillForm()
    else if (this.#parts) this.#limitInput(this.#parts.input)
  }

  #reflect(attribute: string, value: boolean | string | number | null | undefined): void {
    if (value === undefined || value === null || value === false) this.removeAttribute(attribute)
    else this.setAttribute(attribute, value === true ? '' : String(value))
  }

  #number(attribute: string): number | undefined {
    const value = Number(this.getAttribute(attribute) || Number.NaN)
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  }

  /** @throws RangeError, which the browser tells the page as an error of nobody's: the element goes on. */
  #requireWhole(attribute: string, text: string | null): void {
    if (text !== null && this.#number(attribute) === undefined)
      throw new RangeError(`Expected \`${attribute}\` to be a whole number >= 0, got "${text}"`)
  }

  #makeUploader(): Uploader {
    const { baseUrl, scope } = this
    return new Uploader({ backend: presigned({ baseUrl }), scope })
  }

  /** @param shown What stays in the list. */
  #renew(shown: Iterable<UploadLike> = []): void {
    this.#stored = []
    if (this.#shown === undefined) return
    this.#hide()
    this.#show(shown)
  }

  #hide(): void {
    this.#shown?.()
    this.#shown = undefined
  }

  #show(shown: Iterable<UploadLike> = []): void {
    if (this.#shown !== undefined) return
    const { uploader } = this
    const parts = this.#build()
    this.#parts = parts
    const interrupted = new InterruptedList({
      uploader,
      labels: this.#labels,
      pick: this.#pick,
      say: (text) => this.#say(text),
      onGone: () => parts.button.focus(),
    })
    parts.root.append(interrupted.element, parts.list)
    for (const upload of [...shown, ...uploader.uploads]) this.#add(upload)
    this.#fillForm()
    this.#showDisabled(parts)
    const undo = [
      uploader.on('upload', (upload) => this.#begun(upload)),
      takeDrops(this, {
        onFiles: (files) => void this.#take(files),
        onOver: (isOver) => parts.zone.part.toggle('over', isOver && !this.#isDisabled),
      }),
      () => interrupted.end(),
    ]
    this.#shown = () => {
      for (const off of undo) off()
      for (const row of this.#rows.values()) row.remove()
      this.#rows.clear()
    }
  }

  #build(): Parts {
    const root = this.shadowRoot ?? this.#attach()
    const { drop, choose, uploads } = this.#labels
    const input = make('input')
    const again = make('input')
    const button = makeButton('choose', () => input.click())
    const zone = make('div', 'zone')
    const list = make('ul', 'list')
    const problem = make('p', 'error')
    const announcer = new Announcer()
    for (const one of [input, again]) Object.assign(one, { type: 'file', hidden: true })
    this.#limitInput(input)
    input.addEventListener('change', () => this.#chosen(input))
    button.textContent = choose
    list.ariaLabel = uploads
    zone.append(make('p', 'hint', drop), button, input, again)
    root.replaceChildren(zone, problem, announcer.element)
    return { root, zone, problem, button, input, again, list, announcer }
  }

  /** By its own attribute, or by a fieldset around it. */
  get #isDisabled(): boolean {
    return this.matches(':disabled')
  }

  #showDisabled({ button, zone }: Parts): void {
    button.disabled = this.#isDisabled
    zone.part.toggle('disabled', this.#isDisabled)
  }

  #attach(): ShadowRoot {
    const root = this.attachShadow({ mode: 'open' })
    this.#dress(root)
    return root
  }

  /** By a style sheet of the window that it is in: those of another one are taken off on the way, and cannot be put on. */
  #dress(root: ShadowRoot): void {
    const { CSSStyleSheet: Sheet } = this.ownerDocument.defaultView ?? globalThis
    // Under a Content Security Policy too, which a style element needs a nonce for.
    const sheet = new Sheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
  }

  #limitInput(input: HTMLInputElement): void {
    input.accept = this.accept
    input.multiple = this.multiple
  }

  #chosen(input: HTMLInputElement): void {
    void this.#take(filesOf(input.files ?? []))
    // So that the same file can be chosen again.
    input.value = ''
  }

  readonly #pick = (then: (file: File) => void): void => {
    const again = this.#parts?.again
    if (again === undefined) return
    again.onchange = () => {
      const [file] = again.files ?? []
      again.value = ''
      if (file !== undefined) then(file)
    }
    again.click()
  }

  async #take(files: AsyncIterable<PickedFile>): Promise<void> {
    // A drop too: a browser that is left to itself would open the file in place of the page.
    if (this.#isDisabled) return
    this.#parts?.problem.replaceChildren()
    try {
      const refused = await this.uploader.uploadFiles(files, this.#limits()).refused()
      this.#complain(refused.map(({ name, error }) => [errorText(this.#labels, error), name]))
      for (const one of refused) this.#tell('refused', one)
    } catch (thrown) {
      // Nothing could be begun, as where no worker can be made.
      this.#complain([[messageOf(this.#labels, thrown)]])
      reportError(thrown)
    }
  }

  #complain(texts: readonly (readonly [text: string, name?: string])[]): void {
    const lines = texts.map(([text, name]) => {
      const line = make('span', '', text)
      // A name may turn the direction of what follows.
      if (name !== undefined) line.prepend(make('bdi', '', name), ': ')
      return line
    })
    for (const { textContent } of lines) this.#say(textContent)
    const rest = lines.splice(most).length
    this.#parts?.problem.append(...lines, rest > 0 ? `+${rest}` : '')
  }

  #limits(): UploadFilesOptions {
    const { params, accept, maxSize, maxFiles = this.multiple ? undefined : 1 } = this
    return { params, accept, maxSize, maxFiles }
  }

  #begun(upload: UploadLike): void {
    this.#add(upload)
    this.#tell('upload', upload)
  }

  #add(upload: UploadLike): void {
    if (this.#parts === undefined || this.#rows.has(upload)) return
    const row = new UploadRow(upload, {
      labels: this.#labels,
      pick: this.#pick,
      say: (text) => this.#say(text),
      onState: (one, state) => this.#changed(one, state),
      onRemove: () => this.#remove(row),
    })
    this.#rows.set(upload, row)
    this.#parts.list.append(row.element)
    this.#fillForm()
  }

  #forget(row: UploadRow): void {
    row.remove()
    this.#rows.delete(row.upload)
  }

  #remove(row: UploadRow): void {
    this.#forget(row)
    this.#fillForm()
    this.#parts?.button.focus()
  }

  #changed(upload: UploadLike, state: UploadState): void {
    const { status } = state
    if (status === 'done' || status === 'cancelled') this.#fillForm()
    // What a button of the line has done is seen there, and the phases are many.
    if (status === 'done' || status === 'failed' || (status === 'paused' && state.by === 'system'))
      this.#say(`${nameOf(upload)}: ${this.#labels.states[shownState(state)]}`, status === 'done')
    if (status === 'done') this.#tell('done', { upload, result: state.result })
    if (status === 'failed') this.#tell('failed', { upload, error: state.error })
  }

  /** The keys of what is stored, as a list of one name. It waits for the rest, but not for what was cancelled. */
  #fillForm(): void {
    const { name } = this
    const value = new FormData()
    let isBusy = false
    for (const { state } of name ? this.#rows.keys() : []) {
      if (state.status === 'done') value.append(name, state.result.key)
      else if (state.status !== 'cancelled') isBusy = true
    }
    this.#internals.setFormValue(value)
    this.#internals.setValidity({ customError: isBusy }, this.#labels.busy, this.#parts?.button)
  }

  #say(text: string, canWait?: boolean): void {
    this.#parts?.announcer.say(text, canWait)
  }

  #tell<Type extends keyof UploadElementEvents>(type: Type, detail: UploadElementEvents[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

type Parts = {
  readonly root: ShadowRoot
  readonly zone: HTMLElement
  /** Why files were not taken. */
  readonly problem: HTMLElement
  readonly button: HTMLButtonElement
  readonly input: HTMLInputElement
  /** For a file that is picked again. */
  readonly again: HTMLInputElement
  readonly list: HTMLUListElement
  readonly announcer: Announcer
}

declare global {
  interface HTMLElementTagNameMap {
    'longhaul-upload': UploadElement
  }
}

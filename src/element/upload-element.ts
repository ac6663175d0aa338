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

/** The `detail` of each event of the element. The events do not bubble. */
export type UploadElementEvents = {
  /** An upload has started. */
  readonly upload: UploadLike
  /** An upload is done. */
  readonly done: { readonly upload: UploadLike; readonly result: UploadResult }
  /** An upload has failed. It can be resumed. */
  readonly failed: { readonly upload: UploadLike; readonly error: UploadError }
  /** A file is not allowed, or cannot be read. */
  readonly refused: RefusedFile
}

/** The types of the element's own events, besides those of every element. */
export type UploadElementListening = {
  /** Listens to an event. The event's `detail` is typed. */
  addEventListener<Type extends keyof UploadElementEvents>(
    type: Type,
    listener: (event: CustomEvent<UploadElementEvents[Type]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void
  /** Removes a listener. */
  removeEventListener<Type extends keyof UploadElementEvents>(
    type: Type,
    listener: (event: CustomEvent<UploadElementEvents[Type]>) => void,
    options?: boolean | EventListenerOptions,
  ): void
}

/** The most refused files that are named. */
const most = 3

/** A server has no elements, but may import this module. */
const Base: new () => UploadElementListening & HTMLElement =
  typeof HTMLElement === 'undefined' ? (class {} as typeof HTMLElement) : HTMLElement

/**
 * `<longhaul-upload>` takes files and shows their uploads, without a framework (docs/element.md). Its attributes are
 * `base-url` and `scope` (for its own Uploader with the `presigned` backend), `multiple`, `accept`, `max-size` in bytes,
 * `max-files`, and, as for a field of a form, `name` and `disabled`. Each is also a property.
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
  /** Makes the element a field of its form, if it has a `name`. */
  static readonly formAssociated: boolean = true

  readonly #rows = new Map<UploadLike, UploadRow>()
  /** Without a role, a label could not name the element. */
  readonly #internals = Object.assign(this.attachInternals(), { role: 'group' })
  #given: UploaderLike | undefined
  #own: Uploader | undefined
  #params: NonNullable<UploadFilesOptions['params']> = {}
  #labels = english
  #shown: (() => void) | undefined
  /** The uploads that were done when the element left the page. It may come back, as in a form of several pages. */
  #stored: readonly UploadLike[] = []
  #parts: Parts | undefined

  /** @internal */
  constructor() {
    super()
    // A page may set properties before the element is defined. They would hide the accessors of the same name.
    for (const [name, value] of Object.entries(this)) {
      Reflect.deleteProperty(this, name)
      Reflect.set(this, name, value)
    }
    // A click on a label is a click on the element itself. Clicks on its parts are handled by them.
    this.addEventListener('click', (event) => {
      const [clicked] = event.composedPath()
      // In Firefox a label around the element clicks it again after any click inside. An input's own click opens the picker.
      if (!(clicked as HTMLElement).matches('input')) event.preventDefault()
      if (clicked !== this) return
      this.focus()
      this.#parts?.button.click()
    })
  }

  /**
   * The Uploader whose uploads are shown. Set another one, or a RemoteUploader, for another backend or other options. The
   * element's own Uploader is stopped when the element leaves the page, as if the tab were closed. One that was set is not.
   *
   * @default an Uploader with `presigned({ baseUrl })` and `scope`
   */
  get uploader(): UploaderLike {
    if (this.#given !== undefined) return this.#given
    this.#own ??= this.#makeUploader()
    return this.#own
  }

  /** Shows the uploads of another Uploader. `undefined` goes back to the element's own. */
  set uploader(uploader: UploaderLike | undefined) {
    if (uploader === this.#given) return
    this.#given = uploader
    this.#renew()
  }

  /** The application's own fields, sent to its server with every file. @default {} */
  get params(): NonNullable<UploadFilesOptions['params']> {
    return this.#params
  }

  /** Applies to files that are added from now on. An accessor, because Svelte sets nothing else. */
  set params(params: UploadFilesOptions['params']) {
    this.#params = params ?? {}
  }

  /** The element's texts. @default in English */
  get labels(): UploadElementLabels {
    return this.#labels
  }

  /**
   * Changes the given texts. The others stay as they are.
   *
   * @throws RangeError for a `language` that is no BCP 47 tag.
   */
  set labels(texts: UploadElementTexts) {
    const labels = relabeled(this.#labels, texts)
    // A template that contains the texts makes a new object at each rendering.
    if (JSON.stringify(labels) === JSON.stringify(this.#labels)) return
    this.#labels = labels
    this.#renew([...this.#rows.keys()])
  }

  /** Whether the element takes no files: the attribute `disabled`. @default false */
  get disabled(): boolean {
    return this.hasAttribute('disabled')
  }

  /** Sets or removes the attribute. */
  set disabled(isDisabled: boolean | null | undefined) {
    // Without this property, Vue and Svelte would write `false` into the attribute, which would then be there.
    this.#reflect('disabled', isDisabled)
  }

  /** Whether several files can be chosen at a time: the attribute `multiple`. @default false */
  get multiple(): boolean {
    return this.hasAttribute('multiple')
  }

  /** Sets or removes the attribute. */
  set multiple(isMultiple: boolean | null | undefined) {
    this.#reflect('multiple', isMultiple)
  }

  /** The types of files that are allowed, as in `Limits.accept`: the attribute `accept`. @default '' (all) */
  get accept(): string {
    return this.getAttribute('accept') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set accept(accept: string | null | undefined) {
    this.#reflect('accept', accept)
  }

  /** The name of the form field whose values are the keys of stored files: the attribute `name`. @default '' (no field) */
  get name(): string {
    return this.getAttribute('name') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set name(name: string | null | undefined) {
    this.#reflect('name', name)
  }

  /** The `baseUrl` of the element's own `presigned` backend: the attribute `base-url`. @default '' */
  get baseUrl(): string {
    return this.getAttribute('base-url') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set baseUrl(url: string | null | undefined) {
    this.#reflect('base-url', url)
  }

  /** The `scope` of the element's own Uploader: the attribute `scope`. @default '' */
  get scope(): string {
    return this.getAttribute('scope') ?? ''
  }

  /** Sets the attribute; `undefined` removes it. */
  set scope(scope: string | null | undefined) {
    this.#reflect('scope', scope)
  }

  /**
   * The largest file that is allowed, in bytes, a whole number from 0 on: the attribute `max-size`. Any other value is
   * reported as an error of the page and means no limit. @default no limit
   */
  get maxSize(): number | undefined {
    return this.#number('max-size')
  }

  /** Sets the attribute; `undefined` removes it. */
  set maxSize(bytes: number | null | undefined) {
    this.#reflect('max-size', bytes)
  }

  /**
   * The most files at a time, a whole number from 0 on: the attribute `max-files`. Any other value is reported as an error
   * of the page and means the default. @default 1, with `multiple` no limit
   */
  get maxFiles(): number | undefined {
    return this.#number('max-files')
  }

  /** Sets the attribute; `undefined` removes it. */
  set maxFiles(count: number | null | undefined) {
    this.#reflect('max-files', count)
  }

  /** The form of which the element is a field. */
  get form(): HTMLFormElement | null {
    return this.#internals.form
  }

  /** Sets the attribute `form`, the id of a form elsewhere in the page. Frameworks' templates set it as a property. */
  set form(id: string | HTMLFormElement | null | undefined) {
    this.#reflect('form', typeof id === 'object' ? id?.id : id)
  }

  /** As of every form field (HTML, "constraint validation"). */
  get willValidate(): boolean {
    return this.#internals.willValidate
  }

  /** As of every form field (HTML, "constraint validation"). */
  get validity(): ValidityState {
    return this.#internals.validity
  }

  /** Why the form cannot be sent yet, or an empty text. */
  get validationMessage(): string {
    return this.#internals.validationMessage
  }

  /** Whether the element lets its form be sent: all of its files are stored, cancelled or removed from the list. */
  checkValidity(): boolean {
    return this.#internals.checkValidity()
  }

  /** As `checkValidity`. If the form cannot be sent, the browser tells the user why. */
  reportValidity(): boolean {
    return this.#internals.reportValidity()
  }

  /** Focuses the element's first button. */
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
    // An element that is moved is taken out and put in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return
      this.#stored = [...this.#rows.keys()].filter(({ state }) => state.status === 'done')
      this.#hide()
      void own?.stop()
    })
  }

  /** @internal */
  adoptedCallback(): void {
    // A document without a window shows nothing, and takes no style sheet of this window.
    if (this.shadowRoot && this.ownerDocument.defaultView) this.#dress(this.shadowRoot)
  }

  /**
   * Forgets the uploads that have ended, and with them the value, as a file input does. An upload under way is no value yet.
   * It goes on, because the reset may have been a slip, and becomes part of the form when it is stored.
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

  /** @throws RangeError, which the browser reports as an uncaught error of the page. The element keeps working. */
  #requireWhole(attribute: string, text: string | null): void {
    if (text !== null && this.#number(attribute) === undefined)
      throw new RangeError(`Expected \`${attribute}\` to be a whole number >= 0, got "${text}"`)
  }

  #makeUploader(): Uploader {
    const { baseUrl, scope } = this
    return new Uploader({ backend: presigned({ baseUrl }), scope })
  }

  /** @param shown The uploads that stay in the list. */
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

  /** Disabled by its own attribute, or by a fieldset around it. */
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

  /** Uses a style sheet of the window that the element is in. The browser removes one of another window, and takes none. */
  #dress(root: ShadowRoot): void {
    const { CSSStyleSheet: Sheet } = this.ownerDocument.defaultView ?? globalThis
    // A constructed sheet needs no nonce under a Content Security Policy. A style element would.
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
    // Drops are also taken while disabled, and ignored: the browser itself would open the file in place of the page.
    if (this.#isDisabled) return
    this.#parts?.problem.replaceChildren()
    try {
      const refused = await this.uploader.uploadFiles(files, this.#limits()).refused()
      this.#complain(refused.map(({ name, error }) => [errorText(this.#labels, error), name]))
      for (const one of refused) this.#tell('refused', one)
    } catch (thrown) {
      // Nothing could begin, for example because no worker can be made.
      this.#complain([[messageOf(this.#labels, thrown)]])
      reportError(thrown)
    }
  }

  #complain(texts: readonly (readonly [text: string, name?: string])[]): void {
    const lines = texts.map(([text, name]) => {
      const line = make('span', '', text)
      // A name may change the direction of the text behind it.
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
    // Only these states are announced: a button's effect is visible at the button, and there are many phases.
    if (status === 'done' || status === 'failed' || (status === 'paused' && state.by === 'system'))
      this.#say(`${nameOf(upload)}: ${this.#labels.states[shownState(state)]}`, status === 'done')
    if (status === 'done') this.#tell('done', { upload, result: state.result })
    if (status === 'failed') this.#tell('failed', { upload, error: state.error })
  }

  /** The field's value is the keys of stored files, as a list. The form waits for the others, except cancelled ones. */
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
  /** Says why files were refused. */
  readonly problem: HTMLElement
  readonly button: HTMLButtonElement
  readonly input: HTMLInputElement
  /** The input for a file that is picked again. */
  readonly again: HTMLInputElement
  readonly list: HTMLUListElement
  readonly announcer: Announcer
}

declare global {
  interface HTMLElementTagNameMap {
    'longhaul-upload': UploadElement
  }
}

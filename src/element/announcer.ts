import { make } from './make.ts'

/** Milliseconds in which texts are gathered into one. */
const gathering = 500
/** Milliseconds between two announcements. Otherwise a screen reader would never finish while files end one by one. */
const pause = 5_000
/** The most texts in one announcement. */
const most = 3

/** A polite live region that announces a thousand files that end together in one go. */
export class Announcer {
  readonly element: HTMLElement = make('p', 'status')
  #waiting: string[] = []
  /** How many texts at the beginning of `#waiting` are urgent. */
  #urgent = 0
  #spokeAt = Number.NEGATIVE_INFINITY

  constructor() {
    this.element.setAttribute('role', 'status')
  }

  /** @param canWait Whether urgent texts come first. Texts at the end may only be counted. */
  say(text: string, canWait = false): void {
    const wait = Math.max(gathering, this.#spokeAt + pause - performance.now())
    if (this.#waiting.length === 0) setTimeout(() => this.#speak(), wait)
    this.#waiting.splice(canWait ? this.#waiting.length : this.#urgent++, 0, text)
  }

  #speak(): void {
    const rest = this.#waiting.length - most
    this.element.textContent = [...this.#waiting.slice(0, most), ...(rest > 0 ? [`+${rest}`] : [])].join('. ')
    this.#waiting = []
    this.#urgent = 0
    this.#spokeAt = performance.now()
  }
}

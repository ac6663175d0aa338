import { make } from './make.ts'

/** Milliseconds in which what happens at about the same time is gathered. */
const gathering = 500
/** Milliseconds from one sentence to the next: of files that end one after the other a screen reader would never come to an end. */
const pause = 5_000
/** How many things are said. */
const most = 3

/** One polite live region: a thousand files that end together are one sentence. */
export class Announcer {
  readonly element: HTMLElement = make('p', 'status')
  #waiting: string[] = []
  /** So many of them, at their beginning, cannot wait. */
  #urgent = 0
  #spokeAt = Number.NEGATIVE_INFINITY

  constructor() {
    this.element.setAttribute('role', 'status')
  }

  /** @param canWait What else there is to say comes first, lest it be among those that are only counted. */
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

import { make } from './make.ts'

/** Milliseconds in which what happens at about the same time is gathered. */
const gathering = 500
/** How many things are said. */
const most = 3

/** One polite live region: a thousand files that end together are one sentence. */
export class Announcer {
  readonly element: HTMLElement = make('p', 'status')
  #waiting: string[] = []

  constructor() {
    this.element.setAttribute('role', 'status')
  }

  say(text: string): void {
    if (this.#waiting.length === 0) setTimeout(() => this.#speak(), gathering)
    this.#waiting.push(text)
  }

  #speak(): void {
    const rest = this.#waiting.length - most
    this.element.textContent = [...this.#waiting.slice(0, most), ...(rest > 0 ? [`+${rest}`] : [])].join('. ')
    this.#waiting = []
  }
}

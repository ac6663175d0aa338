import type { Call, Connectivity } from '../../src/ports.ts'
import type { Page } from './page.ts'
import type { Weather } from './weather.ts'

/** The network's state as a page's browser reports it. */
export class PageConnectivity implements Connectivity {
  readonly #page: Page
  readonly #weather: Weather

  constructor(page: Page, weather: Weather) {
    this.#page = page
    this.#weather = weather
  }

  get online(): boolean {
    return this.#weather.saysOnline
  }

  changed({ signal }: Call): Promise<void> {
    return this.#page.call<void>(
      { port: 'changed' },
      (answer) => this.#weather.hear(() => answer.resolve()),
      signal,
    )
  }
}

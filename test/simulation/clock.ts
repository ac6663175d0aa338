import type { Call, Clock } from '../../src/ports.ts'
import type { Page } from './page.ts'
import type { Timeline } from './timeline.ts'

/** The virtual time as a page sees it. Its timers die with the page. */
export class PageClock implements Clock {
  readonly #page: Page
  readonly #timeline: Timeline

  constructor(page: Page, timeline: Timeline) {
    this.#page = page
    this.#timeline = timeline
  }

  now(): number {
    return this.#timeline.now
  }

  date(): number {
    return this.#timeline.date
  }

  sleep(milliseconds: number, { signal }: Call): Promise<void> {
    return this.#page.call<void>(
      { port: 'sleep' },
      (answer) => this.#timeline.after(milliseconds, () => answer.resolve()),
      signal,
    )
  }
}

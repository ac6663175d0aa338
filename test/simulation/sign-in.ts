import type { Page } from './page.ts'
import type { World } from './world.ts'

/** The token that a page presents to the application's server, and how it gets a new one. */
export class SignIn {
  readonly #page: Page
  readonly #world: World
  #token: number
  #refreshing = 0

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
    this.#token = world.server.newToken()
  }

  get token(): number {
    return this.#token
  }

  async refresh(): Promise<void> {
    const { referee, network, server } = this.#world
    this.#refreshing += 1
    referee.refreshing(this.#page, this.#refreshing)
    try {
      const token = await network.sendSafely(this.#page, 'refresh', () => server.newToken())
      if (this.#world.isCalm || !this.#world.isSignedOut) this.#token = token
    } finally {
      this.#refreshing -= 1
    }
  }
}

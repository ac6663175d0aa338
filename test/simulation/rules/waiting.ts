import { isOfDisk } from '../disk.ts'
import type { About } from '../page.ts'
import type { UserUpload } from '../user-upload.ts'
import type { World } from '../world.ts'
import type { Violate } from './rules.ts'

/** Milliseconds after which a storage that does not answer is given up, at first and once that is known. */
const patience = 10_000
const known = 3_000

/** How long pages wait for a storage that does not answer. */
export class WaitingRules {
  readonly #world: World
  readonly #violate: Violate

  constructor(world: World, violate: Violate) {
    this.#world = world
    this.#violate = violate
  }

  givenUp({ name, page, source }: UserUpload, cause: unknown): void {
    if (!String(cause).includes('no answer within')) return
    const { now, sleptAt } = this.#world.timeline
    const asked = [...page.open].filter(isOfDisk)
    const longest = now - Math.min(...since(asked))
    if (longest < patience)
      this.#violate('mute', `${name} gives up a storage that it has waited for ${longest} ms`)
    // The last request counts. Another may have been made only to show what another page does.
    const own = Math.max(...since(asked.filter(({ key = '' }) => this.#world.nameOfKey(key) === source.name)))
    const wasKnown = page.muteSince !== undefined && page.muteSince < own && sleptAt < own
    if (wasKnown && now - own > known)
      this.#violate('mute', `${name} waits ${now - own} ms for a storage that is known to be mute`)
    page.muteSince ??= now
  }
}

/** The times at which they were asked. */
function since(asked: readonly About[]): readonly number[] {
  return asked.map((call) => call.since ?? 0)
}

import type { Timeline } from './timeline.ts'

export type Group = 'request' | 'deed' | 'user' | 'world' | 'state' | 'end' | 'warning' | 'server'

/** How often each kind of event has happened. */
export class Counts {
  readonly #groups = new Map<Group, Map<string, number>>()

  get groups(): readonly (readonly [Group, ReadonlyMap<string, number>])[] {
    return [...this.#groups]
  }

  add(group: Group, what: string, times = 1): void {
    const counts = this.#groups.get(group) ?? new Map<string, number>()
    this.#groups.set(group, counts.set(what, (counts.get(what) ?? 0) + times))
  }

  of(group: Group): ReadonlyMap<string, number> {
    return this.#groups.get(group) ?? new Map()
  }

  include(other: Counts): void {
    for (const [group, counts] of other.groups)
      for (const [what, times] of counts) this.add(group, what, times)
  }
}

/** What happened, in order: who did what and when. */
export class History {
  readonly #timeline: Timeline
  readonly #lines: string[] = []
  readonly #counts = new Counts()

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  note(who: string, what: string): void {
    const time = (this.#timeline.now / 1000).toFixed(3).padStart(10)
    this.#lines.push(`${time}  ${who.padEnd(8)} ${what}`)
  }

  /** For the figures of many histories: how often each kind of event has happened. */
  count(group: Group, what: string): void {
    this.#counts.add(group, what)
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  get counts(): Counts {
    return this.#counts
  }
}

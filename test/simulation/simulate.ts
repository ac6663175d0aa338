import type { Counts } from './history.ts'
import type { Plan } from './plan.ts'
import type { Violation } from './rules/rules.ts'
import { settle, type Timeline } from './timeline.ts'
import { User } from './user.ts'
import { World } from './world.ts'

/** The outcome of one seed. */
export type Result = {
  readonly seed: number
  readonly plan: Plan
  readonly violation: Violation | undefined
  /** How to run it again, in words. */
  readonly replay: string
  readonly steps: number
  /** Virtual milliseconds. */
  readonly time: number
  readonly lines: readonly string[]
  readonly counts: Counts
}

/** The virtual milliseconds that an upload has left after faults have stopped. */
const mostCalm = 30 * 60_000
const mostSteps = 50_000

/** Turns one number into one history, always the same. */
export async function simulate(seed: number, world = new World(seed)): Promise<Result> {
  const history = new Simulation(seed, world)
  const stopListening = hearUnhandled((error) => history.world.referee.violate('unhandled', String(error)))
  const undo = breatheBy(world.timeline)
  try {
    await history.toTheEnd()
  } finally {
    stopListening()
    undo()
  }
  return history.result()
}

class Simulation {
  readonly world: World
  readonly #seed: number
  readonly #user: User
  #steps = 0

  constructor(seed: number, world: World) {
    this.#seed = seed
    this.world = world
    this.#user = new User(this.world)
  }

  async toTheEnd(): Promise<void> {
    this.#user.begin()
    await this.#until(() => this.world.isCalm && this.#user.isContent && !this.world.isBurying)
    await this.#nextVisit()
    if (this.world.referee.violation === undefined) this.world.referee.final()
  }

  result(): Result {
    const { plan, referee, timeline, history, option } = this.world
    const { lines, counts } = history
    return {
      seed: this.#seed,
      plan,
      violation: referee.violation,
      replay: `Replay it with: npm run simulate -- ${option}--seed ${this.#seed}`,
      steps: this.#steps,
      time: timeline.now,
      lines,
      counts,
    }
  }

  /** Aborts that could not reach the server before are sent at the next start, and then everything becomes quiet. */
  async #nextVisit(): Promise<void> {
    if (this.world.referee.violation !== undefined) return
    // Messages for a page that has died are of no use by now.
    this.world.timeline.sleep(2 * 60_000, true)
    const { uploader, page } = this.world.visit()
    this.world.history.note('user', `opens ${page.name}, to see what is left`)
    void uploader.interrupted().catch(() => {})
    await this.#until(() => this.world.timeline.isEmpty)
  }

  async #until(isReached: () => boolean): Promise<void> {
    const { timeline, referee } = this.world
    await settle()
    while (referee.violation === undefined && !isReached()) {
      if (timeline.isEmpty) return referee.violate('ends', 'nothing happens any more')
      timeline.next()
      await settle()
      this.world.step()
      this.#steps += 1
      this.#checkTime()
      if (this.#steps > mostSteps) referee.violate('ends', `no end after ${mostSteps} steps`)
    }
  }

  #checkTime(): void {
    const { timeline, calmSince, referee } = this.world
    if (calmSince === undefined || timeline.now - calmSince < mostCalm) return
    referee.violate('ends', `no end ${mostCalm / 60_000} minutes after faults have stopped`)
  }
}

/**
 * A pause of the engine for the event loop is an event like any other, because Node's own messages arrive at
 * unpredictable times.
 */
function breatheBy(timeline: Timeline): () => void {
  const { MessageChannel: own } = globalThis
  globalThis.MessageChannel = class {
    readonly port1 = { onmessage: () => {}, close: () => {} }
    readonly port2 = { postMessage: () => timeline.after(0, () => this.port1.onmessage()) }
  } as unknown as typeof own
  return () => {
    globalThis.MessageChannel = own
  }
}

function hearUnhandled(listener: (error: unknown) => void): () => void {
  process.on('unhandledRejection', listener)
  return () => process.off('unhandledRejection', listener)
}

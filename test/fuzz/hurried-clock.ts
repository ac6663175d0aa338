import type { Call, Clock } from '../../src/ports.ts'

type Sleeper = { readonly at: number; wake(): void }

/** After this many turns of the event loop without news, only the clock can make anything go on. */
const quiet = 6

/** A day. Anything that has not ended by then hangs. */
const longest = 24 * 60 * 60_000

/** Time that jumps to the next sleeper as soon as nothing else moves, so that waits of minutes cost nothing. */
export class HurriedClock implements Clock {
  #now = 0
  readonly #sleepers = new Set<Sleeper>()
  #working = 0

  now(): number {
    return this.#now
  }

  date(): number {
    return Date.now() + this.#now
  }

  /** 0 after everything has ended. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  sleep(milliseconds: number, { signal }: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const leave = (then: () => void) => (): void => {
        this.#sleepers.delete(sleeper)
        signal.removeEventListener('abort', stop)
        then()
      }
      const stop = leave(() => reject(signal.reason))
      const sleeper = { at: this.#now + milliseconds, wake: leave(resolve) }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', stop)
    })
  }

  /** Work that takes real time, such as reading a Blob. The clock stands still meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#working += 1
    try {
      return await work
    } finally {
      this.#working -= 1
    }
  }

  /** The result of the work; throws if it never ends. */
  async outcome<T>(promise: PromiseLike<T>): Promise<PromiseSettledResult<T>> {
    let outcome: PromiseSettledResult<T> | undefined
    promise.then(
      (value) => {
        outcome = { status: 'fulfilled', value }
      },
      (reason: unknown) => {
        outcome = { status: 'rejected', reason }
      },
    )
    for (let idle = 0; outcome === undefined; ) {
      await new Promise((resolve) => setImmediate(resolve))
      idle = this.#working > 0 ? 0 : idle + 1
      if (idle > quiet && outcome === undefined)
        idle = this.#jump() ? 0 : hangs('with nothing left to wait for')
    }
    return outcome
  }

  #jump(): boolean {
    const [first] = [...this.#sleepers].sort((one, other) => one.at - other.at)
    if (first === undefined) return false
    this.#now = Math.max(this.#now, first.at)
    if (!(this.#now < longest)) hangs('for more than a day')
    first.wake()
    return true
  }
}

function hangs(how: string): never {
  throw new Error(`It hangs ${how}`)
}

import type { Call, Clock } from '../../src/ports.ts'

type Sleeper = { readonly at: number; wake(): void }

/** Lets everything continue that waits only for promises. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #now = 0
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#now
  }

  date(): number {
    return 1_700_000_000_000 + this.#now
  }

  /** How many sleeps are pending: 0 after everything has ended. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  sleep(milliseconds: number, { signal }: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper)
        signal.removeEventListener('abort', stop)
      }
      const stop = (): void => {
        leave()
        reject(signal.reason)
      }
      const sleeper: Sleeper = {
        at: this.#now + milliseconds,
        wake: () => {
          leave()
          resolve()
        },
      }
      this.#sleepers.push(sleeper)
      signal.addEventListener('abort', stop)
    })
  }

  /** Lets time pass without waking anyone, as when the machine sleeps. */
  jump(milliseconds: number): void {
    this.#now += milliseconds
  }

  /** Lets the time pass, and wakes every sleeper that is due on the way, in order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await flush()
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      await flush()
    }
    this.#now = end
  }
}

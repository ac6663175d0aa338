import type { Call, Connectivity } from '../../src/ports.ts'

/** A network under the control of a test. `online` is what the browser says, which need not be true. */
export class FakeConnectivity implements Connectivity {
  online = true
  readonly #waiting = new Set<() => void>()

  get waiting(): number {
    return this.#waiting.size
  }

  changed({ signal }: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', () => {
        this.#waiting.delete(wake)
        reject(signal.reason)
      })
    })
  }

  /** Reports a change that is worth an attempt. */
  change(online: boolean): void {
    this.online = online
    for (const wake of [...this.#waiting]) wake()
  }
}

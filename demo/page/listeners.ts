/** Tells its listeners that something has changed: the half of a store that `useSyncExternalStore` asks for. */
export class Listeners {
  readonly #listeners = new Set<() => void>()

  /** @returns The undo. Bound, because React calls it alone. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

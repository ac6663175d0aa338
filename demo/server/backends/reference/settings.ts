import { readObject } from '../contract.ts'

/** Checks each setting. */
export type SettingReaders<T> = { readonly [Name in keyof T]: (value: unknown, name: string) => T[Name] }

/** Settings of a reference server that can be changed, also while it runs. */
export class Settings<T extends object> {
  readonly #readers: SettingReaders<T>
  #current: T

  constructor(readers: SettingReaders<T>, defaults: T, changes: Partial<T> = {}) {
    this.#readers = readers
    this.#current = defaults
    this.change(changes)
  }

  get current(): T {
    return this.#current
  }

  /** Throws a `ContractError` that names the setting, and then changes nothing. */
  change(changes: Partial<T>): T {
    const names = Object.keys(this.#readers)
    const read = Object.entries(readObject(changes, 'the settings', names)).map(
      ([name, value]) => [name, this.#readers[name as keyof T](value, name)] as const,
    )
    this.#current = { ...this.#current, ...Object.fromEntries(read) }
    return this.#current
  }
}

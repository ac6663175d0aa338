import { appendFileSync, readFileSync } from 'node:fs'
import type { StoreDirectory } from './store-directory.ts'

/** A file of JSON lines that only grows: another record costs the same however many there are. */
export class Journal<Entry> {
  readonly #directory: StoreDirectory
  readonly #path: string

  constructor(directory: StoreDirectory, path: string) {
    this.#directory = directory
    this.#path = path
  }

  append(entry: Entry): void {
    appendFileSync(this.#path, line(entry))
  }

  /** For the start: removes an unfinished line that a killed process left at the end. */
  recover(): Entry[] {
    const lines = readIfThere(this.#path).split('\n')
    const torn = lines.pop() !== ''
    const entries = lines.map((text): Entry => JSON.parse(text))
    if (torn) this.replace(entries)
    return entries
  }

  replace(entries: readonly Entry[]): void {
    this.#directory.writeFile(this.#path, entries.map(line).join(''))
  }
}

function line(entry: unknown): string {
  return `${JSON.stringify(entry)}\n`
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

import type { PartInfo, PartStatus } from 'longhaul'
import { Listeners } from './listeners.ts'

export type PartCounts = { readonly total: number; readonly sending: number; readonly stored: number }

/** In drawing order. */
export const statuses = ['waiting', 'sending', 'stored'] as const satisfies readonly PartStatus[]

/** Holds one byte for each part, so that a map of ten thousand parts is cheap to keep and to draw. */
export class PartsBoard {
  readonly changes = new Listeners()
  /** Indexes into `statuses`, by part number minus one. */
  cells: Uint8Array = new Uint8Array()
  readonly #counts = { waiting: 0, sending: 0, stored: 0 }

  get counts(): PartCounts {
    return { total: this.cells.length, sending: this.#counts.sending, stored: this.#counts.stored }
  }

  /** The layout has become known, or has changed. */
  reset(parts: readonly PartInfo[]): void {
    this.cells = Uint8Array.from(parts, ({ status }) => statuses.indexOf(status))
    for (const [index, status] of statuses.entries())
      this.#counts[status] = this.cells.reduce((count, cell) => count + Number(cell === index), 0)
    this.changes.notify()
  }

  set(number: number, status: PartStatus): void {
    const before = statuses[this.cells[number - 1] ?? -1]
    if (before === undefined || before === status) return
    this.cells[number - 1] = statuses.indexOf(status)
    this.#counts[before] -= 1
    this.#counts[status] += 1
    this.changes.notify()
  }
}

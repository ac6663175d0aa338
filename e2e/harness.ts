/** Types of e2e/harness/harness.js, which gives tests plain JSON. */
import type { Diagnosis } from '../src/diagnose.ts'
import type { Progress } from '../src/progress.ts'
import type { TotalProgress } from '../src/totals.ts'
import type { PartInfo } from '../src/tracker.ts'

export type Look = {
  readonly status: string
  readonly reason?: string
  readonly progress: Progress
  readonly parts: readonly PartInfo[]
  readonly states: readonly string[]
  readonly confirmed: readonly number[]
  readonly hashed: readonly number[]
  readonly stored: readonly number[]
  readonly warnings: readonly string[]
}

export type End = Omit<Look, 'status' | 'reason' | 'progress' | 'parts'> & {
  readonly result?: {
    readonly key: string
    readonly size: number
    readonly checksums: Record<string, string>
    readonly details?: unknown
  }
  readonly error?: { readonly name: string; readonly code?: string; readonly message: string }
}

export type Harness = {
  start(index: number): void
  end(index: number): Promise<End>
  look(index: number): Look
  pause(index: number, options?: { finishParts?: boolean }): void
  resume(index: number): void
  cancel(index: number): Promise<void>
  running(): number
  refreshes(): number
  secrets(): string[]
  kept(): Promise<string>
  diagnose(): Promise<Diagnosis>
  uploadMany(
    count: number,
    size: number,
  ): Promise<{ results: { key: string; size: number }[]; progress: TotalProgress }>
  restart(index: number): void
  interrupted(): Promise<{ identity: { name: string }; confirmed: number; needsFile: boolean }[]>
}

declare global {
  var harness: Harness
  /** Options that override those of the harness's Uploader. */
  var uploaderOptions: Readonly<Record<string, unknown>> | undefined
}

/** What takes the files in: the store, or the server of a contender with a protocol of its own. */
import type { FaultRule } from '../demo/server/store/faults/fault-rule.ts'
import type { BenchFile } from './file.ts'

/** What arrived. */
export type Traffic = {
  /** Of the page, without preflights. */
  readonly requests: number
  readonly preflights: number
  /** Of the bodies of files and parts. */
  readonly bodyBytes: number
  /** Of these, of requests that were refused or cut. */
  readonly lostBytes: number
}

export interface Receiver {
  /** What came before does not count, and from here on this is what goes wrong. */
  begin(faults: readonly FaultRule[]): Promise<void>
  /** Since then. */
  traffic(): Promise<Traffic>
  /** Whether it has taken in exactly the file. */
  has(file: BenchFile, key: string): Promise<boolean>
  remove(key: string): Promise<void>
}

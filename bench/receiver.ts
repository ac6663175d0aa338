/** What receives the files: the store, or the server of a contender with its own protocol. */
import type { FaultRule } from '../demo/server/store/faults/fault-rule.ts'
import type { BenchFile } from './file.ts'

/** What arrived. */
export type Traffic = {
  /** The page's requests, without preflights. */
  readonly requests: number
  readonly preflights: number
  /** Bytes of the bodies of files and parts. */
  readonly bodyBytes: number
  /** Of these, the bytes of requests that were refused or cut. */
  readonly lostBytes: number
}

export interface Receiver {
  /** Starts counting from 0, with these faults from now on. */
  begin(faults: readonly FaultRule[]): Promise<void>
  /** Since then. */
  traffic(): Promise<Traffic>
  /** Whether it has received exactly the file. */
  has(file: BenchFile, key: string): Promise<boolean>
  remove(key: string): Promise<void>
}

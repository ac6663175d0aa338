/** The messages between the page and a hashing worker. */
import type { Checksums, DigestState } from '../ports.ts'
import type { Reading } from './digest.ts'

export type HashRequest = Reading & {
  /** Whether the page wants to know of states. */
  readonly tellsStates: boolean
}

export type HashReply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'state'; readonly state: DigestState }
  /** The worker goes on without WebAssembly. */
  | { readonly type: 'plain' }
  | { readonly type: 'done'; readonly digests: Checksums }
  | HashFailure

export type HashFailure = {
  /** `unreadable`: the file cannot be read. `unsupported`: this worker has no code for it. */
  readonly type: 'unreadable' | 'unsupported' | 'failed'
  readonly message: string
}

/** What the page and a hashing worker say to each other. */
import type { Checksums, DigestState } from '../ports.ts'
import type { Reading } from './digest.ts'

export type HashRequest = Reading & {
  /** Whether states are worth telling. */
  readonly tellsStates: boolean
}

export type HashReply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'state'; readonly state: DigestState }
  /** It goes on without WebAssembly. */
  | { readonly type: 'plain' }
  | { readonly type: 'done'; readonly digests: Checksums }
  | HashFailure

export type HashFailure = {
  /** `unreadable`: the file cannot be read. `unsupported`: this worker has no code for it. */
  readonly type: 'unreadable' | 'unsupported' | 'failed'
  readonly message: string
}

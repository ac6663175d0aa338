/** What the page and the hashing worker say to each other. */
import type { DigestAlgorithm } from '../ports.ts'

export type HashRequest = { readonly blob: Blob; readonly algorithm: DigestAlgorithm }

export type HashReply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly digest: string }
  /** The file cannot be read. */
  | { readonly type: 'unreadable'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string }

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FaultEffect } from './faults/fault-rule.ts'
import type { S3Request } from './protocol/s3-request.ts'

/** One request and what is known of it while it is served. */
export type Exchange = {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly request: S3Request
  readonly requestId: string
  /** How it is to go wrong, if it is. */
  readonly effect: FaultEffect | undefined
  /** Aborts when the client goes away before it has its answer. */
  readonly gone: AbortSignal
  /** Of the body, so far. */
  readonly received: { bytes: number }
}

/** What an operation answers. */
export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Instead of `body`: an object's bytes. */
  readonly content?: AsyncIterable<Buffer>
}

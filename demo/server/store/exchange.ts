import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FaultEffect } from './faults/fault-rule.ts'
import type { S3Request } from './protocol/s3-request.ts'

/** One request, and what is known of it while it is served. */
export type Exchange = {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly request: S3Request
  readonly requestId: string
  /** How the request is to go wrong, if at all. */
  readonly effect: FaultEffect | undefined
  /** Aborts when the client leaves before it has its answer. */
  readonly gone: AbortSignal
  /** Bytes of the body so far. */
  readonly received: { bytes: number }
}

/** An operation's answer. */
export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** An object's bytes, instead of `body`. */
  readonly content?: AsyncIterable<Buffer>
}

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** Whether nothing of what was asked is done, or all of it before another answer is given. */
export type When = 'before' | 'after'

/** One way to misbehave. */
export type FaultEffect =
  /** A failure of the contract, by its code, as the backend words it. */
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message?: string
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string
      /** Default: 'before' */
      readonly when?: When
    }
  /** Any answer at all. */
  | {
      readonly kind: 'answer'
      readonly status: number
      /** A string is sent as it is, anything else as JSON. Default: no body */
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
      /** Default: 'before' */
      readonly when?: When
    }
  /** Waits, and then does what was asked. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Cuts the connection; nothing is done. */
  | { readonly kind: 'cut' }
  /** Does what was asked, and then cuts the connection instead of answering. */
  | { readonly kind: 'cut-answer' }
  /** Signs URLs that have expired already. */
  | { readonly kind: 'expired-url' }
  /** Answers `null` for where to upload to. */
  | { readonly kind: 'no-direct-upload' }

export type FaultKind = FaultEffect['kind']

/** What is to happen to the next requests to an endpoint. Of the rules that fit a request, the first one fires. */
export type FaultRule = {
  /** As the contract names it: `POST /v1/files`. `*`: any. */
  readonly endpoint: string
  /**
   * How often it still fires. Chromium by itself repeats a request on a kept connection that is cut without an answer:
   * what a page is to see of a cut has to fire twice. Default: 1
   */
  readonly times?: number
  readonly effect: FaultEffect
}

export type FaultyEnv = {
  Bindings: HttpBindings
  /** Of the fault of this request, what is left for the endpoint itself to do. */
  Variables: { fault: FaultKind | undefined }
}

export type FaultyContext = Context<FaultyEnv>

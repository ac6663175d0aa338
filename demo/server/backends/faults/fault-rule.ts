import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** Whether the request is not carried out at all, or fully before another answer is given. */
export type When = 'before' | 'after'

/** One way to misbehave. */
export type FaultEffect =
  /** One of the contract's failures, by its code and in the backend's form. */
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message?: string
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string
      /** Default: 'before' */
      readonly when?: When
    }
  /** Any answer. */
  | {
      readonly kind: 'answer'
      readonly status: number
      /** A string is sent as it is, anything else as JSON. Default: no body */
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
      /** Default: 'before' */
      readonly when?: When
    }
  /** Waits, and then carries out the request. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Cuts the connection; nothing is done. */
  | { readonly kind: 'cut' }
  /** Carries out the request, and then cuts the connection instead of answering. */
  | { readonly kind: 'cut-answer' }
  /** Signs URLs that have already expired. */
  | { readonly kind: 'expired-url' }
  /** Answers `null` instead of the place to upload to. */
  | { readonly kind: 'no-direct-upload' }

export type FaultKind = FaultEffect['kind']

/** What happens to the next requests to an endpoint. Of the rules that fit a request, the first one fires. */
export type FaultRule = {
  /** Its name in the contract, such as `POST /v1/files`; `*` for any. */
  readonly endpoint: string
  /**
   * How often it still fires. Chromium repeats by itself a request whose kept connection is cut without an answer, so a
   * cut has to fire twice before a page sees it. Default: 1
   */
  readonly times?: number
  readonly effect: FaultEffect
}

export type FaultyEnv = {
  Bindings: HttpBindings
  /** The part of this request's fault that is left to the endpoint itself. */
  Variables: { fault: FaultKind | undefined }
}

export type FaultyContext = Context<FaultyEnv>

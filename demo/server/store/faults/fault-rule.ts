import type { RequestKind } from '../protocol/operation.ts'

/** One way to misbehave. */
export type FaultEffect =
  /**
   * Answers with an error. 'before-body': while the body is still arriving; 'after-body': when all of it has arrived.
   */
  | {
      readonly kind: 'status'
      readonly status: number
      /** Default: S3's code for the status, or 'InternalError' */
      readonly code?: string
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string
      /** Default: 'before-body' */
      readonly when?: 'before-body' | 'after-body'
    }
  /** Cuts the connection after this many bytes of the body, or at its end. Nothing is stored. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** Carries out the request, and then cuts the connection instead of answering. */
  | { readonly kind: 'cut-answer' }
  /** Stops reading after this many bytes of the body, and never answers. */
  | { readonly kind: 'stall'; readonly afterBytes?: number }
  /** Waits, and only then reads the body and answers. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Reads the body no faster than this. (The first MB or more goes into our buffers and the kernel's.) */
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Answers as if the presigned URL had expired. */
  | { readonly kind: 'expired' }
  /** Answers 200 with an error in the body, as CompleteMultipartUpload can. Nothing is done. */
  | { readonly kind: 'error-in-200'; readonly code: string }
  /** Answers 200 and the beginning of the body at once, and the rest later, as CompleteMultipartUpload does. */
  | { readonly kind: 'late-body'; readonly milliseconds: number }
  /** Answers without an ETag. */
  | { readonly kind: 'hide-etag' }
  /** Stores something other than what was sent, and answers as if all were well. */
  | { readonly kind: 'corrupt'; readonly how: 'flip-bit' | 'truncate' }
  /**
   * Receives something other than what was sent: one bit differs, as behind a broken router. The answer describes what
   * was received.
   */
  | { readonly kind: 'corrupt-on-the-way' }
  /** Makes the object with the contents of these two parts swapped, and answers as if all were well. */
  | { readonly kind: 'swap-parts'; readonly numbers: readonly [number, number] }

export type FaultKind = FaultEffect['kind']

/**
 * Which requests are affected, how often, and how. Of the rules that fit a request, the first one that fires counts.
 */
export type FaultRule = {
  readonly operation: RequestKind
  readonly key?: string
  readonly keyPrefix?: string
  /** A regular expression. */
  readonly keyPattern?: string
  readonly partNumber?: number
  /**
   * Only requests whose URL or header was signed before this time, in milliseconds since 1970. S3 signs whole seconds.
   */
  readonly signedBefore?: number
  /**
   * How often it still fires. Chromium repeats by itself a request whose connection was used before and is cut without
   * an answer, so a cut has to fire twice before a page sees it. Default: until it is cleared
   */
  readonly times?: number
  /** How likely it is to fire, from 0 to 1. Default: 1 */
  readonly probability?: number
  /** Fires only for requests beyond this many a second. Default: for all */
  readonly overPerSecond?: number
  /** The same seed gives the same history. Default: 1 */
  readonly seed?: number
  readonly effect: FaultEffect
}

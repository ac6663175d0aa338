import type { RequestKind } from '../protocol/operation.ts'

/** One way to misbehave. */
export type FaultEffect =
  /** Answers an error. 'before-body': while the body is still on its way; 'after-body': when all of it has come. */
  | {
      readonly kind: 'status'
      readonly status: number
      /** Default: as S3 names the status, or 'InternalError' */
      readonly code?: string
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string
      /** Default: 'before-body' */
      readonly when?: 'before-body' | 'after-body'
    }
  /** Cuts the connection after so many bytes of the body, at the latest at its end. Nothing is stored. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** Does what was asked, and then cuts the connection instead of answering. */
  | { readonly kind: 'cut-answer' }
  /** Stops reading after so many bytes of the body, and never answers. */
  | { readonly kind: 'stall'; readonly afterBytes?: number }
  /** Waits, and only then reads the body and answers. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Reads the body no faster than this. (The first MB or more goes into buffers on the way, ours and the kernel's.) */
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Answers as to a presigned URL that has expired. */
  | { readonly kind: 'expired' }
  /** Answers 200 with an error in the body, as CompleteMultipartUpload can. Nothing is done. */
  | { readonly kind: 'error-in-200'; readonly code: string }
  /** Answers 200 and the beginning of the body at once, and the rest later, as CompleteMultipartUpload does. */
  | { readonly kind: 'late-body'; readonly milliseconds: number }
  /** Answers without an ETag. */
  | { readonly kind: 'hide-etag' }
  /** Stores something else than what was sent, and answers as if it had not. */
  | { readonly kind: 'corrupt'; readonly how: 'flip-bit' | 'truncate' }
  /** Gets something else than what was sent: one bit is another, as behind a broken router. The answer is of what it got. */
  | { readonly kind: 'corrupt-on-the-way' }
  /** Makes the object with the contents of these two parts in each other's place, and answers as if it had not. */
  | { readonly kind: 'swap-parts'; readonly numbers: readonly [number, number] }

export type FaultKind = FaultEffect['kind']

/** Which requests are affected, how often, and how. Of the rules that fit a request, the first that fires does. */
export type FaultRule = {
  readonly operation: RequestKind
  readonly key?: string
  readonly keyPrefix?: string
  /** A regular expression. */
  readonly keyPattern?: string
  readonly partNumber?: number
  /** Only requests whose URL or header was signed earlier than this, in milliseconds since 1970. S3 signs whole seconds. */
  readonly signedBefore?: number
  /**
   * How often it still fires. Chromium by itself sends a request again whose connection was used before and is cut without
   * an answer: what a page is to see of a cut has to fire twice. Default: until it is cleared
   */
  readonly times?: number
  /** 0 to 1: how likely it fires. Default: 1 */
  readonly probability?: number
  /** Fires only for the requests that are too many: a store that lets so many a second pass. Default: for all */
  readonly overPerSecond?: number
  /** The same seed, the same history. Default: 1 */
  readonly seed?: number
  readonly effect: FaultEffect
}

/** A problem that does not end the upload. */
export type UploadWarning = {
  /**
   * - `checkpoint`: the browser's storage failed or was cleared. The upload's `persistence` is `memory` from now on.
   * - `checkpoint-damaged`: the checkpoint of an earlier visit cannot be read, so the upload starts over.
   * - `abort`: the server could not be told of a cancel. It is told after the next start.
   * - `session-lost`: the server did not know the upload any more, so it started over.
   * - `session-expiring`: at this rate the server throws the upload away before it is complete. It would then start over.
   * - `etag`: the storage's ETags are no MD5s, so `verify: 'etag'` cannot compare the parts.
   * - `hashing`: files are digested on the main thread or without WebAssembly, which is slow.
   * - `cors`: no part has arrived yet, although the storage can be reached. `cause` is the `CorsError` that the upload will
   *   probably end with; until then the upload keeps trying.
   */
  readonly code:
    | 'checkpoint'
    | 'checkpoint-damaged'
    | 'abort'
    | 'session-lost'
    | 'session-expiring'
    | 'etag'
    | 'hashing'
    | 'cors'
  /** The problem in English words, for developers. */
  readonly message: string
  /** The error behind it, or `undefined`. */
  readonly cause: unknown
}

/** The message of each warning. That of `cors` is its cause's. */
export const warnings: Readonly<Record<Exclude<UploadWarning['code'], 'cors'>, string> & { cors?: string }> =
  {
    checkpoint: "The browser's storage failed: the upload goes on, but may not be resumable after a reload",
    'checkpoint-damaged': "An earlier visit's checkpoint cannot be read: the upload starts over",
    'session-lost': 'The server no longer knows the upload: it starts over',
    'session-expiring': 'At this rate the server will discard the upload before it is complete',
    etag: "The storage's ETags are not the MD5s of its parts: the parts are not compared with what was sent",
    hashing: 'No worker, or no WebAssembly, can be loaded: files are digested slowly',
    abort: 'The server could not be told that the upload was cancelled: it may still hold its parts',
  }

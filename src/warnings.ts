/** Something went wrong that does not end the upload. */
export type UploadWarning = {
  /**
   * `checkpoint`: the browser's storage failed or was cleared, and the upload's `persistence` is `memory` from now on.
   * `checkpoint-damaged`: what an earlier visit had left cannot be read, so the upload begins anew. `abort`: the server could not be told of a cancel. `session-lost`: the
   * server did not know the upload any more, so it began anew. `session-expiring`: at this rate the server throws the upload
   * away before it is complete, and it would begin anew then. `etag`: `verify: 'etag'` was asked for, and the storage's ETags
   * are no MD5s, so that parts are not compared. `hashing`: files are digested on the main thread or without WebAssembly,
   * which is slow. `cors`: no part has arrived yet, although the storage can be reached: `cause` is the `CorsError` that the upload will
   * probably end with, and it is tried until then.
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
  /** In words, for developers. */
  readonly message: string
  /** The error behind it; `undefined` where there is none. */
  readonly cause: unknown
}

/** What each says to a person, where its cause does not say it. */
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

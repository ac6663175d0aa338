/**
 * The interfaces between the engine and the outside world, and the data that crosses them.
 *
 * Every module may import this file; it imports nothing. Sizes are bytes, times are milliseconds. Data that goes into a
 * checkpoint is plain JSON.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The application's own fields of an upload. The checkpoint keeps them, so put no secret in them. */
export type Params = { readonly [key: string]: Json }

/** Checksums of a whole file that can be combined from those of its parts, without reading a part again. */
export type CrcAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme'

/** The digests that longhaul computes itself. */
export type DigestAlgorithm =
  | CrcAlgorithm
  | 'blake3'
  | 'md5'
  | 'sha1'
  | 'sha256'
  | 'xxhash128'
  | 'xxhash3'
  | 'xxhash32'
  | 'xxhash64'

/** Digests in lowercase hex. */
export type Checksums = { readonly [Algorithm in DigestAlgorithm]?: string }

/** The traits by which one file is told from another without reading it. */
export type Identity = {
  /** The file's name in the file system, or the name that the application gave (`UploadFileOptions.name`). */
  readonly name: string
  /** The file's name in the file system, if the application gave another. It identifies a file that is picked again. */
  readonly ownName?: string
  /** The path inside a picked or dropped folder. Empty for a file on its own. */
  readonly relativePath: string
  /** Bytes. */
  readonly size: number
  /** When the file was last changed according to the file system, in milliseconds since 1970. */
  readonly lastModified: number
  /** The media type that the browser guessed. Empty if it has no guess. */
  readonly type: string
}

/** The file as a backend sees it, without its bytes. */
export type FileDescription = Identity & {
  /** The digest of the whole file, if the backend asks for one (`Backend.fileDigest`). */
  readonly digest: string | undefined
  /** The params that the application gave to the upload. */
  readonly params: Params
  /** The size of the picture in the file. `undefined` in a worker, or if the browser can read no picture. Never rejects. */
  readonly pictureSize: () => Promise<PictureSize | undefined>
}

/** The size of a picture in pixels. */
export type PictureSize = { readonly width: number; readonly height: number }

/** A range of the file's bytes that is sent in one request. */
export type Part = {
  /** The server's number of the part, usually from 1. */
  readonly number: number
  /** The part's first byte, from 0. */
  readonly offset: number
  /** Bytes. 0 only for the part of an empty file. */
  readonly size: number
}

/**
 * How a file is cut into parts: every part has `partSize` bytes, except the last, which has the rest. The layout is
 * decided once, when the session is opened, and never computed again.
 */
export type Layout = {
  /** Bytes, 0 or more. */
  readonly fileSize: number
  /** Bytes, 1 or more. */
  readonly partSize: number
  /** The parts in order, if the server cut the file itself, and not into equal parts numbered from 1. */
  readonly cuts?: readonly Part[]
}

/** The proof that the storage holds a part. */
export type PartReceipt = {
  /** The server's number of the part, usually from 1. */
  readonly number: number
  /** The number of bytes that were sent. */
  readonly size: number
  /** The ETag as the storage answered it, including its quotes. Empty if the protocol needs none. */
  readonly etag: string
  /** The MD5 of the part in hex, if the storage uses it as the part's ETag. */
  readonly md5?: string
  /** The CRC32C of the part in hex, if it was computed. */
  readonly crc32c?: string
  /** The CRC32 of the part in hex, if it was computed. */
  readonly crc32?: string
  /** The CRC64NVME of the part in hex, if it was computed. */
  readonly crc64nvme?: string
  /** The `memo` of the part's target. */
  readonly memo?: Json
}

/** A receipt as `Backend.complete` gets it. */
export type HeldReceipt = PartReceipt & {
  /** Whether the server's answer to `reopen` already listed the part. @default false */
  readonly isOnRecord?: boolean
}

/** Where and how one part is to be sent. Never stored. */
export type PartTarget = {
  /** The number of the only part that may be sent to this target. */
  readonly number: number
  /** The URL, presigned or not. It is never stored, and errors show it without its query. */
  readonly url: string
  /** The method of the request. Its body is the part's bytes. */
  readonly method: 'PUT' | 'POST'
  /** Exactly the headers that the request carries, besides those that the browser adds. */
  readonly headers: Readonly<Record<string, string>>
  /** How long the target can be used, in milliseconds from when the answer arrived. `undefined` if unknown. */
  readonly validFor: number | undefined
  /** Whether the answer must show an ETag. @default true */
  readonly needsEtag?: boolean
  /**
   * Whether cookies are sent to another origin. Use `include` only for a target on the application's own server. `omit`
   * has the effect of `same-origin`, because XMLHttpRequest cannot leave out cookies. @default 'same-origin'
   */
  readonly credentials?: RequestCredentials
  /**
   * Data that the server sends only with the target and that `complete` needs. It is kept with the part's receipt, also
   * in the checkpoint, so it must hold no token, no header and no presigned URL.
   */
  readonly memo?: Json
  /** A header that gets the digest of the part's bytes, in base64. The digest is computed before the part is sent. */
  readonly digest?: { readonly header: string; readonly algorithm: DigestAlgorithm }
}

/** The argument of every call that takes time. */
export type Call = {
  /** When it aborts, the call stops its work, rejects with `signal.reason` and calls nothing back any more. */
  readonly signal: AbortSignal
}

/** The result of an upload: the storage holds exactly the file's bytes. */
export type UploadResult = {
  /** The object's key in the storage, or the server's own name of the file. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** The digests of the whole file that were computed during the upload. */
  readonly checksums: Checksums
  /** What the server answered about the stored file; each backend documents its shape. Left out if there is nothing. */
  readonly details?: Json
}

/** The result of `Backend.complete`. */
export type Completed = {
  /** The object's key in the storage, or the server's own name of the file. */
  readonly key: string
  /** What the server answered about the stored file. It becomes `UploadResult.details`. */
  readonly details?: Json
}

/** What is known of the whole file when the upload is completed. */
export type WholeFile = {
  /** Bytes. */
  readonly size: number
  /** The checksum that `Backend.wholeChecksum` asked for, combined from the parts, and the file's digest if there is one. */
  readonly checksums: Checksums
}

/** The result of `Backend.open`. */
export type Opened<Session extends Json> = {
  /** The session, which every further call gets. The checkpoint keeps it: no token, no header, no presigned URL. */
  readonly session: Session
  /** Targets that came with the answer, so that they need not be signed. */
  readonly targets?: readonly PartTarget[]
  /** The part size that the server chose, in bytes. `undefined`: the engine chooses within `Backend.limits`. */
  readonly partSize: number | undefined
  /** The parts as the server cut them, if they differ in size or are not numbered from 1. */
  readonly cuts?: readonly Part[]
  /**
   * The parts that the server already holds, if it found an earlier session of the same content. The server must have
   * found it by the file's digest: the engine does not compare the content again. @default []
   */
  readonly parts?: readonly ListedPart[]
  /** How long the server keeps the session, in milliseconds from its answer. Left out if it does not say. */
  readonly expiresIn?: number
}

/** The result of `Backend.reopen`. */
export type Reopened = {
  /** All parts that the server has, from every page of its list. */
  readonly parts: readonly ListedPart[]
  /**
   * Where the list comes from. `storage`: everything that the storage holds, so a missing part is sent again. `record`:
   * what clients told the server, so a receipt counts even if the list lacks its part, which is then recorded again.
   */
  readonly source: 'storage' | 'record'
}

/** A part in the server's list. */
export type ListedPart = {
  /** The server's number of the part, usually from 1. */
  readonly number: number
  /** The number of bytes that the server has of it. */
  readonly size: number
  /** The part's ETag. Left out if the server does not tell it, and so does not need it to complete. */
  readonly etag?: string | undefined
}

/**
 * What became of an upload. `completed`: the object exists. `open`: the upload can still be completed. `gone`: the
 * server does not know the upload, and there is no object. `isGuess`: only the missing object is certain, and the server
 * may still be at work on the upload.
 */
export type SessionStatus =
  | ({ readonly state: 'completed' } & Completed)
  | { readonly state: 'open' }
  | { readonly state: 'gone'; readonly isGuess?: boolean }

/**
 * What the server or its storage accepts. S3 (User Guide, "Multipart upload limits") accepts 10,000 parts of 5 MiB to
 * 5 GiB, of which the last may be smaller.
 */
export type BackendLimits = {
  /** The smallest size of every part except the last, in bytes, 1 or more. */
  readonly minPartSize: number
  /**
   * The largest size of a part, in bytes, 1 or more. If it is less than `minPartSize` and the server does not choose the
   * part size, every part has this size.
   */
  readonly maxPartSize: number
  /** The most parts of one upload, 1 or more. */
  readonly maxParts: number
  /** The most parts that one `sign` call may ask for, 1 or more. The engine never asks for more than 100 at once. */
  readonly maxBatch: number
  /** The largest file, in bytes. @default maxPartSize × maxParts */
  readonly maxFileSize?: number
}

/** The storage's answer to a part, if it is not 2xx. */
export type Refusal = {
  /** The HTTP status, never 2xx. */
  readonly status: number
  /** The storage's own code, such as S3's `SlowDown`, if it gave one. */
  readonly serviceCode: string | undefined
}

/**
 * What a refusal means. `target-expired`: the target is used up. `session-lost`: the session is gone. `try-again`: a
 * later attempt may succeed. `stored`: an earlier attempt, whose answer was lost, stored the part; only for targets
 * without an ETag.
 */
export type RefusalMeaning = 'target-expired' | 'session-lost' | 'try-again' | 'stored'

/** Computes the digest of a whole file as the string that the backend sends. */
export type Digester = (file: Blob, call: DigestCall) => Promise<string>

/** The argument of a digest. */
export type DigestCall = Call & {
  /** Called with the number of bytes read so far. It never falls and never exceeds the file's size. */
  readonly onProgress?: (bytes: number) => void
  /** Called with the reason if digesting is slower than it could be, at most once per hasher. */
  readonly onWarning?: (message: string) => void
  /** The state that an earlier call for the same content reached. The hasher ignores a state that it cannot read. */
  readonly from?: DigestState | undefined
  /** Called from time to time with a value for `from`, by hashers that can continue from one. */
  readonly onState?: (state: DigestState) => void
}

/** The intermediate state of a digest, as plain JSON. Only the hasher build that made it can read it. */
export type DigestState = {
  readonly algorithm: DigestAlgorithm
  /** The number of bytes that have been digested. */
  readonly offset: number
  /** The hasher build that made it. */
  readonly build: string
  /** The state in base64. It reveals as much about the content as the digest does, and can hold up to 256 bytes of it. */
  readonly state: string
  /** How many bytes before `offset` are compared before the digest continues. */
  readonly checked: number
  /** The digest of those bytes. */
  readonly check: string
}

/** The last argument of every method of a backend that makes calls. `api` makes them. */
export type BackendCall = Call & { readonly api: ApiTransport }

/**
 * An adapter to one server protocol. It describes requests and reads answers. It never touches file bytes, time or
 * retries. The engine repeats a call that failed, so every call must be safe to repeat.
 *
 * Every method rejects with an `UploadError` (`HttpError`, `NetworkError`, `BackendError`…), with `SessionLostError` if
 * the server no longer knows the session, or with `signal.reason` after an abort. A session is JSON and survives a
 * reload, so it must hold no token, no header and no presigned URL.
 */
export interface Backend<Session extends Json = Json> {
  /** Names the protocol and the server. Only a backend of the same name resumes a checkpoint. */
  readonly name: string
  /** What the server or its storage accepts. */
  readonly limits: BackendLimits
  /** The digest of the whole file that `open` needs: one of longhaul's algorithms, or the application's own function. */
  fileDigest?(file: Identity): DigestAlgorithm | Digester | undefined
  /** The checksum of the whole file that `complete` needs for this session. It needs no second read of the parts. */
  wholeChecksum?(session: Session): CrcAlgorithm | undefined
  /** Starts an upload on the server. */
  open(file: FileDescription, call: BackendCall): Promise<Opened<Session>>
  /**
   * Asks the server which parts it has, reading every page of its list. Leave it out if the protocol has no list: only
   * the receipts in the checkpoint count then.
   */
  reopen?(session: Session, file: FileDescription, call: BackendCall): Promise<Reopened>
  /** Returns a target for each of these parts, in any order. A missing target is an error of the backend. */
  sign(session: Session, parts: readonly Part[], call: BackendCall): Promise<readonly PartTarget[]>
  /**
   * Says what the refusal of a part that was sent to this target means. Return `undefined` if it means what it means for
   * S3. It may throw the error that the upload is to end with.
   */
  judge?(refusal: Refusal, target: PartTarget): RefusalMeaning | undefined
  /**
   * Tells the server which parts are stored, up to 100 per call, so that another visit need not. A failed call does not
   * fail the upload. The server may hear of a part twice.
   */
  record?(session: Session, receipts: readonly PartReceipt[], call: BackendCall): Promise<void>
  /** Tells the server from time to time how much is stored, for its information. A failed call does not fail the upload. */
  report?(session: Session, stored: StoredSoFar, call: BackendCall): Promise<void>
  /**
   * Makes the object from the parts. Gets every receipt, in ascending order of number, and may be called more than once.
   * After a 409 an earlier call may have succeeded, so the engine asks `status`. If that error is `retryable`, the engine
   * calls `complete` again instead.
   */
  complete(
    session: Session,
    receipts: readonly HeldReceipt[],
    whole: WholeFile,
    call: BackendCall,
  ): Promise<Completed>
  /** Says what became of the upload, if the protocol can. The engine asks when the answer to `complete` leaves it open. */
  status?(session: Session, call: BackendCall): Promise<SessionStatus>
  /**
   * Throws away what the server holds of an unfinished upload. If there is nothing any more, it resolves or rejects with
   * `SessionLostError`.
   */
  abort?(session: Session, call: BackendCall): Promise<void>
}

/** How many bytes and parts the storage has acknowledged. */
export type StoredSoFar = { readonly bytes: number; readonly parts: number }

/** A JSON call to the application's server. */
export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The URL with its query. It is relative to the page if `baseUrl` is. */
  readonly url: string
  /** The headers, including the application's own. They go to the application's server only, never to the storage. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether cookies are sent, as in `fetch`. */
  readonly credentials: RequestCredentials
  /** The body. Left out if the request has none. */
  readonly json?: Json
  /** After how many milliseconds the call counts as unanswered. @default 30_000 */
  readonly timeout?: number
}

/** The answer of the application's server. */
export type ApiResponse = {
  /** The HTTP status, including 4xx and 5xx: a transport rejects only if no answer came. */
  readonly status: number
  /** The headers by lowercase name. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as text. Empty if there is none. */
  readonly body: string
}

/** Makes control calls. Any HTTP status is an answer. Rejects with `NetworkError` if no answer came. Never retries. */
export interface ApiTransport {
  /** Makes one call, once. */
  send(request: ApiRequest, call: Call): Promise<ApiResponse>
}

/** The storage's answer to a part. */
export type PartResponse = {
  /** The HTTP status, including 4xx and 5xx: a transport rejects only if no answer came. */
  readonly status: number
  /** The headers that CORS lets the page see, by lowercase name. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as text. An error of S3 is XML. */
  readonly body: string
}

/** The last argument of `PartTransport.send`. */
export type PartCall = Call & {
  /** Called with the number of the body's bytes that have been sent so far. Never called after the promise has settled. */
  readonly onProgress?: (sent: number) => void
  /** The body's bytes, if they are in memory. Send them instead of `body`: a request with the file's slice got no answer. */
  readonly bytes?: ArrayBuffer | undefined
}

/**
 * Sends part bytes to the storage. Any HTTP status is an answer. Rejects with `NetworkError` if no answer came. After an
 * abort it rejects with `signal.reason`, once the request is no longer under way. Never retries, and sends no header but
 * the target's.
 */
export interface PartTransport {
  /** Sends one part, once. */
  send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse>
  /**
   * Whether anything answers at the origin, whatever CORS says. It tells a storage that CORS forbids from one that is
   * not there. Leave it out if it cannot be known. Never rejects.
   */
  reaches?(origin: string, call: Call): Promise<boolean>
  /**
   * Whether `onProgress` may never be called, as behind a service worker. A request that shows no movement then gets much
   * more time before it counts as stalled, unless another request has shown some. @default false
   */
  mayBeSilent?(): boolean
}

/** The fields of every checkpoint. */
type CheckpointBase = {
  readonly version: 1
  /** Names the upload: the same file, for the same backend and scope with the same params, has the same key. */
  readonly key: string
  /** Whose upload it is (`UploaderOptions.scope`). */
  readonly scope: string
  readonly backend: string
  readonly identity: Identity
  readonly params: Params
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** When the checkpoint starts to count as absent, in milliseconds since 1970. */
  readonly expiresAt: number
  /** The digest of the whole file, once it is known. */
  readonly digest: string | undefined
  /** The file's handle, if the browser gave one. With it, the file need not be picked again. */
  readonly handle?: FileSystemFileHandle
}

/**
 * The part of an upload that survives a reload. `identified`: what was learned of the file. `opened`: also the server's
 * session and the layout. `ended` tells another tab that waits for the same upload how it ended. `aborting` is a session
 * that the server still has to be told to throw away.
 */
export type Checkpoint =
  | (CheckpointBase & {
      readonly stage: 'identified'
      /** How far the digest has got. */
      readonly hashing?: DigestState
    })
  | (CheckpointBase & {
      readonly stage: 'opened'
      readonly session: Json
      readonly layout: Layout
      /** Until when the server keeps the session, if it said so, in milliseconds since 1970. */
      readonly sessionExpiresAt?: number
    })
  | (CheckpointBase & { readonly stage: 'ended'; readonly result: 'cancelled' })
  | (CheckpointBase & {
      readonly stage: 'ended'
      readonly result: UploadResult
      /** The fingerprint of the content that was sent. Left out if the file could no longer be read. */
      readonly fingerprint?: string | undefined
    })
  | AbortingCheckpoint

/** A session that the server still has to be told to throw away. */
export type AbortingCheckpoint = CheckpointBase & { readonly stage: 'aborting'; readonly session: Json }

/** A checkpoint with its receipts. */
export type StoredUpload = { readonly checkpoint: Checkpoint; readonly receipts: readonly PartReceipt[] }

/** A checkpoint with its receipts as a storage returns them, not checked yet. */
export type StoredRecords = { readonly checkpoint: unknown; readonly receipts: readonly unknown[] }

/**
 * Keeps checkpoints. A resolved promise means that the data would survive the page being closed. The store need not check
 * its data: the engine checks everything that it loads. Rejects if the storage cannot be used; the upload then continues
 * in memory.
 */
export interface CheckpointStore {
  /** Returns what is stored under the key, or `undefined`. */
  load(key: string): Promise<StoredRecords | undefined>
  /** Replaces the checkpoint of the same key and removes its receipts, in one step. */
  save(checkpoint: Checkpoint): Promise<void>
  /** Adds one receipt, at a cost that does not depend on how many there are. */
  addReceipt(key: string, receipt: PartReceipt): Promise<void>
  /** Removes the checkpoint and its receipts. Resolves also if there is none. */
  remove(key: string): Promise<void>
  /** Returns everything that is stored, in any order. */
  list(): Promise<readonly StoredRecords[]>
}

/** A message between tabs that show the same upload. `progress` and `part` come from the tab that owns it. */
export type TabNews =
  | { readonly type: 'progress'; readonly confirmed: number; readonly inFlight: number }
  | { readonly type: 'part'; readonly number: number; readonly status: 'waiting' | 'sending' | 'stored' }
  /** From a tab that does not own the upload: it shows the upload and wants to hear of it. */
  | { readonly type: 'watch' }
  /** From a tab that does not own the upload: the user cancelled it there, which holds for every tab. */
  | { readonly type: 'cancel' }

/** The right to work on an upload. It ends with `release`, or with the page. */
export type Claim = {
  /** Gives the claim up, to the next tab that waits for it. */
  release(): void
  /**
   * Rejects if the claim is taken away before it is released. Safari does so with the locks of a page in its back/forward
   * cache. The page must then claim the upload again before it works on it. Left out if it cannot be known.
   */
  readonly held?: Promise<unknown>
}

/** Makes sure that at most one tab of a browser works on an upload. */
export interface Tabs {
  /** Claims the upload. Resolves with `undefined` at once if another tab has the claim. */
  claim(key: string): Promise<Claim | undefined>
  /** Waits for the claim until its holder releases it or dies. Rejects with `signal.reason` if the signal aborts first. */
  wait(key: string, call: Call): Promise<Claim>
  /** Whether a live tab, including this one, has the claim. Asking never hinders a claim. */
  isTaken(key: string): Promise<boolean>
  /** Whether another tab waits for the claim. */
  isWanted(key: string): Promise<boolean>
  /** Tells the other tabs, whether or not one listens. */
  tell(key: string, news: TabNews): void
  /**
   * Listens to the other tabs.
   *
   * @returns A function that removes the listener.
   */
  hear(key: string, listener: (news: TabNews) => void): () => void
}

/** Digests files away from the main thread. */
export interface Hasher {
  /** Returns the digest of the whole blob in lowercase hex. Rejects with `FileUnreadableError` if it cannot be read. */
  digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string>
  /** Computes several digests in one read. If left out, each digest is a read of its own. */
  digestAll?(blob: Blob, algorithms: readonly DigestAlgorithm[], call: DigestCall): Promise<Checksums>
}

/** The source of time, so that tests can control it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970. */
  date(): number
  /** Resolves after so many milliseconds. Rejects with `signal.reason` as soon as the signal aborts. */
  sleep(milliseconds: number, call: Call): Promise<void>
}

/** The browser's view of its network. The engine treats it as a hint only. */
export interface Connectivity {
  /** `false` if the browser says that there is no network. */
  readonly online: boolean
  /**
   * Resolves when another attempt is worthwhile: the browser says that the network is back, the page is shown again, or
   * the machine has slept. Rejects with `signal.reason` when the signal aborts.
   */
  changed(call: Call): Promise<void>
}

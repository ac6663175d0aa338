/**
 * The interfaces between the engine and the world, and the data that crosses them.
 *
 * Everything imports this file; it imports nothing. Sizes are bytes, times are milliseconds. Data that goes into a
 * checkpoint is plain JSON.
 */

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The application's own fields of an upload. They are kept in the checkpoint: put no secret in them. */
export type Params = { readonly [key: string]: Json }

/** The checksums that can be put together from those of the parts, in any order, without reading a part again. */
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

/** What tells one file from another without reading it. */
export type Identity = {
  /** As the file system has it, or as the application has given it (`UploadFileOptions.name`). */
  readonly name: string
  /** As the file system has it, where the application has given another: by it the file is known when it is picked again. */
  readonly ownName?: string
  /** The path inside a picked or dropped folder, empty for a file on its own. */
  readonly relativePath: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970, as the file system says. */
  readonly lastModified: number
  /** The browser's guess of the media type, empty where it has none. */
  readonly type: string
}

/** The file as a backend sees it: never its bytes. */
export type FileDescription = Identity & {
  /** The whole file's digest, where the backend asks for one (`Backend.fileDigest`). */
  readonly digest: string | undefined
  readonly params: Params
  /** How large the picture is that the file holds; `undefined` where it holds none that the browser knows. Never rejects. */
  readonly pictureSize: () => Promise<PictureSize | undefined>
}

/** Pixels. */
export type PictureSize = { readonly width: number; readonly height: number }

/** A run of the file's bytes that is sent in one request. */
export type Part = {
  /** As the server counts, from 1. */
  readonly number: number
  /** First byte, from 0. */
  readonly offset: number
  /** Bytes; only the part of an empty file has 0. */
  readonly size: number
}

/**
 * How a file is cut: every part has `partSize` bytes but the last, which has the rest. It is decided once, when the
 * session is opened, and never computed again.
 */
export type Layout = {
  /** Bytes, 0 or more. */
  readonly fileSize: number
  /** Bytes, 1 or more. */
  readonly partSize: number
  /** The parts, in order, where the server has cut the file itself and otherwise than evenly from number 1 on. */
  readonly cuts?: readonly Part[]
}

/** The proof that the storage holds a part. */
export type PartReceipt = {
  /** As the server counts, from 1. */
  readonly number: number
  /** Bytes that were sent. */
  readonly size: number
  /** As the storage answered it, quotes included; empty where the protocol does without. */
  readonly etag: string
  /** The MD5 of the part in hex, where the storage makes its ETags of it. */
  readonly md5?: string
  /** The CRC32C of the part in hex, where it was computed. */
  readonly crc32c?: string
  /** As `crc32c`. */
  readonly crc32?: string
  /** As `crc32c`. */
  readonly crc64nvme?: string
  /** As the part's target had it. */
  readonly memo?: Json
}

/** A receipt as `Backend.complete` gets it. */
export type HeldReceipt = PartReceipt & {
  /** Whether the server has shown in `reopen` that it knows of the part already. @default false */
  readonly isOnRecord?: boolean
}

/** Where and how one part is to be sent. Never stored. */
export type PartTarget = {
  /** The part that it is for, and for no other. */
  readonly number: number
  /** Presigned or not: it is kept nowhere, and errors tell it without its query. */
  readonly url: string
  /** The part's bytes are the body. */
  readonly method: 'PUT' | 'POST'
  /** Exactly the headers that the request carries; the browser adds its own. */
  readonly headers: Readonly<Record<string, string>>
  /** How long the target can be used, in milliseconds from when the answer came in; `undefined`: unknown. */
  readonly validFor: number | undefined
  /** Whether the answer has to show an ETag. @default true */
  readonly needsEtag?: boolean
  /**
   * Whether cookies go along to another origin: `include`, only for a target on the application's own server. `omit` is as `same-origin`,
   * for XMLHttpRequest has no such choice. @default 'same-origin'
   */
  readonly credentials?: RequestCredentials
  /**
   * Kept with the part's receipt, in the checkpoint too: what the server tells only along with the target, and `complete`
   * needs. It must hold no token, no header and no presigned URL.
   */
  readonly memo?: Json
  /** A header with the digest of the part's bytes in base64, computed before the part is sent. */
  readonly digest?: { readonly header: string; readonly algorithm: DigestAlgorithm }
}

/** What every call that takes time gets. */
export type Call = {
  /** When it aborts, the call stops what it does, rejects with `signal.reason` and calls nothing back any more. */
  readonly signal: AbortSignal
}

/** The result of an upload: the storage holds exactly the file's bytes. */
export type UploadResult = {
  /** The object's key in the storage. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Whole-file digests that were computed on the way. */
  readonly checksums: Checksums
  /** What the server has told of the stored file, as the backend documents it; left out where it tells nothing. */
  readonly details?: Json
}

/** What `Backend.complete` answers. */
export type Completed = {
  /** The object's key in the storage, or the server's own name of the file. */
  readonly key: string
  /** What the server has told of the stored file: it becomes `UploadResult.details`. */
  readonly details?: Json
}

/** What is known of the whole file when it is completed. */
export type WholeFile = {
  /** Bytes. */
  readonly size: number
  /** The checksum that `Backend.wholeChecksum` asked for, put together from the parts; the file's digest too. */
  readonly checksums: Checksums
}

/** What `Backend.open` answers. */
export type Opened<Session extends Json> = {
  readonly session: Session
  /** Targets that came along with the answer, so that they need not be asked for. */
  readonly targets?: readonly PartTarget[]
  /** The part size that the server has decided, in bytes; `undefined`: the engine decides within `Backend.limits`. */
  readonly partSize: number | undefined
  /** The parts as the server has cut them, where these are not of one size or not numbered from 1. */
  readonly cuts?: readonly Part[]
  /**
   * What the server has of the file already, where it has found an earlier session of the same content: by the file's
   * digest, so that nothing is compared any more. @default []
   */
  readonly parts?: readonly ListedPart[]
  /** How long the server keeps the session, in milliseconds from its answer on; left out where it does not say. */
  readonly expiresIn?: number
}

/** What `Backend.reopen` answers. */
export type Reopened = {
  readonly parts: readonly ListedPart[]
  /**
   * Where the list comes from. `storage`: all that the storage holds, so what it lacks is sent again. `record`: what
   * clients have told the server, so a receipt counts also where it is missing there, and is recorded again.
   */
  readonly source: 'storage' | 'record'
}

/** A part in the server's list. */
export type ListedPart = {
  /** As the server counts, from 1. */
  readonly number: number
  /** Bytes that the server has of it. */
  readonly size: number
  /** Left out where the server keeps it to itself: it then needs none to complete. */
  readonly etag?: string | undefined
}

/**
 * `open`: it can still be completed. `gone`: the server does not know it, and there is no object of it; `isGuess` where only
 * the latter is known, and it may still be at work on it.
 */
export type SessionStatus =
  | ({ readonly state: 'completed' } & Completed)
  | { readonly state: 'open' }
  | { readonly state: 'gone'; readonly isGuess?: boolean }

/** What the server or its storage takes. */
export type BackendLimits = {
  /** The smallest size of a part that is not the last, in bytes. */
  readonly minPartSize: number
  /** Bytes; below `minPartSize` it is the size of every part, where the server does not decide. */
  readonly maxPartSize: number
  /** Of one upload. S3 takes 10,000. */
  readonly maxParts: number
  /** The most parts that one `sign` call may ask for; more than 100 are never asked for at once. */
  readonly maxBatch: number
  /** Bytes. @default maxPartSize × maxParts */
  readonly maxFileSize?: number
}

/** A part's answer that is not 2xx. */
export type Refusal = {
  /** Of HTTP; none of 2xx. */
  readonly status: number
  /** The server's own code, where it gave one. */
  readonly serviceCode: string | undefined
}

/**
 * What a refusal means: the target is used up, the session is gone, a later attempt may succeed, or the part is stored,
 * by an earlier attempt whose answer was lost: only for targets without an ETag.
 */
export type RefusalMeaning = 'target-expired' | 'session-lost' | 'try-again' | 'stored'

/** Computes the digest of a whole file as the string that the backend sends. */
export type Digester = (file: Blob, call: DigestCall) => Promise<string>

/** What a digest that takes time gets. */
export type DigestCall = Call & {
  /** Called with the bytes read so far, never more than the file has, never fewer than before. */
  readonly onProgress?: (bytes: number) => void
  /** Called where it is slower than it could be, and why; at most once for each hasher. */
  readonly onWarning?: (message: string) => void
  /** Where an earlier call for the same content has got to. One that the hasher cannot read is as good as none. */
  readonly from?: DigestState | undefined
  /** Called every so often with what `from` takes, by hashers that can go on where they were. */
  readonly onState?: (state: DigestState) => void
}

/** How far a digest has got. Plain JSON; only the build of the hasher that has made it can read it. */
export type DigestState = {
  readonly algorithm: DigestAlgorithm
  /** Bytes that have been digested. */
  readonly offset: number
  /** What has made it. */
  readonly build: string
  /** Base64. It tells of the content as much as the digest does, and can hold up to 256 bytes of it. */
  readonly state: string
  /** So many bytes before `offset` are looked at before it is gone on with. */
  readonly checked: number
  /** Their digest. */
  readonly check: string
}

/** What every call of a backend gets. */
export type BackendCall = Call & { readonly api: ApiTransport }

/**
 * An adapter to one server protocol. It describes requests and reads answers; it never touches file bytes, time or
 * retries: a call that fails is made again by the engine, so each must be safe to repeat.
 *
 * Every method rejects with an `UploadError` (`HttpError`, `NetworkError`, `BackendError`…), with `SessionLostError` where
 * the server does not know the session any more, or with `signal.reason` after an abort. A session is JSON and survives a reload; it must hold no token, no header and no presigned URL.
 */
export interface Backend<Session extends Json = Json> {
  /** Names the protocol and the server: a checkpoint is resumed only by a backend of the same name. */
  readonly name: string
  readonly limits: BackendLimits
  /** The whole-file digest that `open` needs for this file: one of ours, or a function of the application's. */
  fileDigest?(file: Identity): DigestAlgorithm | Digester | undefined
  /** The whole-file checksum that `complete` needs for this session; it costs no read of what has been sent. */
  wholeChecksum?(session: Session): CrcAlgorithm | undefined
  /** Starts an upload on the server. */
  open(file: FileDescription, call: BackendCall): Promise<Opened<Session>>
  /**
   * Asks the server what it has of the session, every page of its list. Left out where the protocol has no list: the
   * receipts of the checkpoint then stand alone.
   */
  reopen?(session: Session, file: FileDescription, call: BackendCall): Promise<Reopened>
  /** Targets for these parts, in any order; a target that is missing is an error of the backend's. */
  sign(session: Session, parts: readonly Part[], call: BackendCall): Promise<readonly PartTarget[]>
  /**
   * What the refusal of a part that was sent to this target means, where it means something else than with S3;
   * `undefined`: what it means there. It may throw the error that the upload is to end with.
   */
  judge?(refusal: Refusal, target: PartTarget): RefusalMeaning | undefined
  /**
   * Tells the server of parts that are stored, a few at a time, so that another visit need not. Best effort: an upload does
   * not fail because of it, and parts may be told of twice.
   */
  record?(session: Session, receipts: readonly PartReceipt[], call: BackendCall): Promise<void>
  /** Tells the server how far it is; now and then, and only for its information. An upload does not fail because of it. */
  report?(session: Session, stored: StoredSoFar, call: BackendCall): Promise<void>
  /**
   * Makes the object out of the parts. Gets every receipt, in ascending order of number. It may be called again. A 409 may mean
   * that an earlier call has succeeded, so `status` is asked; not where the error is `retryable`: then it is called again.
   */
  complete(
    session: Session,
    receipts: readonly HeldReceipt[],
    whole: WholeFile,
    call: BackendCall,
  ): Promise<Completed>
  /** What has become of the upload, where the protocol tells: it is asked when the answer to `complete` does not tell. */
  status?(session: Session, call: BackendCall): Promise<SessionStatus>
  /** Throws away what the server holds of an unfinished upload. Resolves, or rejects with `SessionLostError`, also where there is nothing any more. */
  abort?(session: Session, call: BackendCall): Promise<void>
}

/** What the storage has acknowledged. */
export type StoredSoFar = { readonly bytes: number; readonly parts: number }

/** A JSON call to the application's server. */
export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query; relative to the page where `baseUrl` is. */
  readonly url: string
  /** The application's own among them: they go to its server alone, and never to the storage. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether cookies go along, as in fetch. */
  readonly credentials: RequestCredentials
  /** The body; left out where the request has none. */
  readonly json?: Json
  /** Milliseconds until it counts as unanswered. @default 30_000 */
  readonly timeout?: number
}

/** What the application's server answered. */
export type ApiResponse = {
  /** Of HTTP; one of 4xx or 5xx too, for a transport rejects only where no answer came. */
  readonly status: number
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string>>
  /** As text; empty where there is none. */
  readonly body: string
}

/** Makes control calls. Any HTTP status is an answer; rejects with `NetworkError` where there is none. Never retries. */
export interface ApiTransport {
  /** Makes one call, once. */
  send(request: ApiRequest, call: Call): Promise<ApiResponse>
}

/** What the storage answered to a part. */
export type PartResponse = {
  /** Of HTTP; one of 4xx or 5xx too, for a transport rejects only where no answer came. */
  readonly status: number
  /** By lowercase name; only those that CORS lets a page see. */
  readonly headers: Readonly<Record<string, string>>
  /** As text: an error of S3 is XML. */
  readonly body: string
}

/** What every part that is sent gets. */
export type PartCall = Call & {
  /** Called with the bytes of the body that have left so far; never after the promise has settled. */
  readonly onProgress?: (sent: number) => void
  /** The body's bytes, where they are in memory: to be sent in its place, for it was a slice of a file that was not answered. */
  readonly bytes?: ArrayBuffer | undefined
}

/**
 * Sends part bytes to the storage. Any HTTP status is an answer; rejects with `NetworkError` where there is none, with
 * `signal.reason` after an abort, when the request is no longer under way. Never retries, and sends no header but the
 * target's.
 */
export interface PartTransport {
  /** Sends one part, once. */
  send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse>
  /**
   * Whether anything answers at the origin, whatever CORS says: tells a storage that forbids from one that is not
   * there. Left out where that cannot be known. Never rejects.
   */
  reaches?(origin: string, call: Call): Promise<boolean>
  /**
   * Whether it may be that `onProgress` is never called, as behind a service worker: a request on which nothing is seen to move
   * is given much longer then, unless bytes of another have been seen. @default false
   */
  mayBeSilent?(): boolean
}

/** What every checkpoint knows. */
type CheckpointBase = {
  readonly version: 1
  /** Names the upload: the same file, for the same backend with the same params, has the same key. */
  readonly key: string
  /** Whose upload it is; see `UploaderOptions.scope`. */
  readonly scope: string
  readonly backend: string
  readonly identity: Identity
  readonly params: Params
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** From then on it counts as absent; milliseconds since 1970. */
  readonly expiresAt: number
  /** The whole file's digest, once it is known. */
  readonly digest: string | undefined
  /** Where the browser gave one: with it the file need not be picked again. */
  readonly handle?: FileSystemFileHandle
}

/**
 * What survives a reload: first only what was learned of the file, then also what the server has opened. `ended` tells
 * another tab that waits for the same upload how it went; `aborting` is a session that the server still has to be told to
 * throw away.
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
      /** Until when the server keeps the session, where it has said so; milliseconds since 1970. */
      readonly sessionExpiresAt?: number
    })
  | (CheckpointBase & { readonly stage: 'ended'; readonly result: 'cancelled' })
  | (CheckpointBase & {
      readonly stage: 'ended'
      readonly result: UploadResult
      /** Of the content that was sent; left out where it could not be read any more. */
      readonly fingerprint?: string | undefined
    })
  | AbortingCheckpoint

/** A session that the server still has to be told to throw away. */
export type AbortingCheckpoint = CheckpointBase & { readonly stage: 'aborting'; readonly session: Json }

/** A checkpoint with the receipts that belong to it. */
export type StoredUpload = { readonly checkpoint: Checkpoint; readonly receipts: readonly PartReceipt[] }

/** The same as it comes out of a storage, where anything may have happened to it. */
export type StoredRecords = { readonly checkpoint: unknown; readonly receipts: readonly unknown[] }

/**
 * Keeps checkpoints. A resolved promise means that the data would survive the page being closed. It need not look into
 * what it keeps: the engine checks all that it loads. Rejects where the storage cannot be used; the upload then goes on
 * in memory.
 */
export interface CheckpointStore {
  /** What is kept under the key; `undefined` where there is nothing. */
  load(key: string): Promise<StoredRecords | undefined>
  /** Writes a checkpoint in place of any other of its key, in one step; receipts of the old one are gone. */
  save(checkpoint: Checkpoint): Promise<void>
  /** Adds one receipt, at a cost that does not depend on how many there are. */
  addReceipt(key: string, receipt: PartReceipt): Promise<void>
  /** Removes the checkpoint and its receipts; resolves also where there is none. */
  remove(key: string): Promise<void>
  /** Everything that is kept, in any order. */
  list(): Promise<readonly StoredRecords[]>
}

/** What the tab that owns an upload tells the others that show it. Plain data. */
export type TabNews =
  | { readonly type: 'progress'; readonly confirmed: number; readonly inFlight: number }
  | { readonly type: 'part'; readonly number: number; readonly status: 'waiting' | 'sending' | 'stored' }
  /** From a tab that does not own it: it shows the upload, so that its owner has somebody to tell. */
  | { readonly type: 'watch' }
  /** From a tab that does not own it: the user has cancelled it there, and so in every tab. */
  | { readonly type: 'cancel' }

/** The right to work on an upload. It ends with `release`, or with the page. */
export type Claim = {
  /** Lets go of it, for the next one that waits. */
  release(): void
  /**
   * Rejects where it is taken away before it was let go, as Safari does with the locks of a page that it keeps for the way
   * back: the page works on nothing then before it has claimed it again. Left out where that cannot be known.
   */
  readonly held?: Promise<unknown>
}

/** One owner per upload across the tabs of a browser. */
export interface Tabs {
  /** The claim, or `undefined` at once where another tab has it. */
  claim(key: string): Promise<Claim | undefined>
  /** The claim, as soon as whoever has it lets go or dies. Rejects with `signal.reason` when the signal aborts first. */
  wait(key: string, call: Call): Promise<Claim>
  /** Whether a tab that lives has the claim: this one counts too. Looking is in nobody's way. */
  isTaken(key: string): Promise<boolean>
  /** Whether another tab waits for the claim. */
  isWanted(key: string): Promise<boolean>
  /** Tells the other tabs; nobody may be listening. */
  tell(key: string, news: TabNews): void
  /** @returns The undo: after it, the listener is not called any more. */
  hear(key: string, listener: (news: TabNews) => void): () => void
}

/** Digests files away from the main thread. */
export interface Hasher {
  /** The digest of the whole blob in lowercase hex. Rejects with `FileUnreadableError` where it cannot be read. */
  digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string>
  /** Several digests by one read. Left out, each of them is a read of its own. */
  digestAll?(blob: Blob, algorithms: readonly DigestAlgorithm[], call: DigestCall): Promise<Checksums>
}

/** Time, so that tests can hold it in their hands. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970. */
  date(): number
  /** Resolves after so many milliseconds; rejects with `signal.reason` as soon as the signal aborts. */
  sleep(milliseconds: number, call: Call): Promise<void>
}

/** What the browser says of its network: a hint, never an order. */
export interface Connectivity {
  /** `false` where the browser says that there is none. */
  readonly online: boolean
  /**
   * Resolves when it is worth trying again: the network is said to be back, the page is shown again, or the machine has
   * slept. Rejects with `signal.reason` when the signal aborts.
   */
  changed(call: Call): Promise<void>
}

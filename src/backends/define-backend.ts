import { given, requireMethods } from '../options.ts'
import type {
  Backend,
  BackendCall,
  BackendLimits,
  Completed,
  FileDescription,
  HeldReceipt,
  Json,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Reopened,
  SessionStatus,
  StoredSoFar,
  WholeFile,
} from '../ports.ts'
import { Answer } from './answer.ts'
import type { Method } from './endpoint.ts'
import { s3Limits } from './s3-limits.ts'
import { type Ask, goneIfLost, orLost, type Reply, Server, type ServerOptions, unlessLost } from './server.ts'

/**
 * Calls the application's server, with its headers and the refresh of its token. A status that is not 2xx rejects with
 * `HttpError`, and 404 and 410 with `SessionLostError`, except in `open`. The engine repeats the whole function if that may
 * help. Read an answer field by field: `answer.text('id')` throws a `BackendError` that names the field if it is no text.
 *
 * `path` fills the names in braces of a path: `server.post('/uploads/{id}/urls', { path: { id }, body: { … } })`.
 */
export type ServerCalls = {
  readonly [Verb in Lowercase<Method>]: (path: string, ask?: Ask) => Promise<Answer>
} & {
  /** As the other methods, for an answer that need not be a JSON object. */
  call(method: Method, path: string, ask?: Ask): Promise<Reply>
}

/** The functions of `defineBackend`. Each gets the server to call, and follows the rules of the `Backend` method of its name. */
export type BackendDefinition<Session extends Json> = ServerOptions &
  Pick<Backend<Session>, 'fileDigest' | 'wholeChecksum' | 'judge'> & {
    /** Names the protocol in checkpoints, together with `baseUrl`. Checkpoints of another name are not resumed. */
    readonly name: string
    /**
     * The limits that differ from the defaults: 10,000 parts of 5 MiB to 5 GiB, as with S3 (Amazon S3 User Guide, "Multipart
     * upload limits"), and up to 1,000 parts signed in one call.
     */
    readonly limits?: { readonly [Name in keyof BackendLimits]?: BackendLimits[Name] | undefined }
    /** Starts an upload. The checkpoint keeps the session, so put no token and no presigned URL in it. */
    open(file: FileDescription, server: ServerCalls): Promise<Opened<Session>>
    /** Returns a target for each of these parts. `presignedTarget` makes one of a presigned PUT URL. */
    sign(session: Session, parts: readonly Part[], server: ServerCalls): Promise<readonly PartTarget[]>
    /** Makes the object from the parts. It gets every receipt, in ascending order of number, and may be called again. */
    complete(
      session: Session,
      receipts: readonly HeldReceipt[],
      server: ServerCalls,
      whole: WholeFile,
    ): Promise<Completed>
    /** Returns all parts that the server has. */
    reopen?(session: Session, server: ServerCalls, file: FileDescription): Promise<Reopened>
    /** Tells the server which parts are stored. A failed call does not fail the upload. */
    record?(session: Session, receipts: readonly PartReceipt[], server: ServerCalls): Promise<unknown>
    /** Tells the server how much is stored. A failed call does not fail the upload. */
    report?(session: Session, stored: StoredSoFar, server: ServerCalls): Promise<unknown>
    /** Says what became of the upload. A 404 or 410 of the server counts as `gone`. */
    status?(session: Session, server: ServerCalls): Promise<SessionStatus>
    /** Throws the parts away. A 404 or 410 of the server counts as success. */
    abort?(session: Session, server: ServerCalls): Promise<unknown>
  }

/**
 * Makes a backend for your own server from a few functions (docs/backends.md#a-sixth-backend).
 *
 * @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path, or if `open`, `sign` or `complete` is missing.
 *
 * @example
 * ```ts
 * import { defineBackend, presignedTarget, Uploader } from 'longhaul'
 *
 * const backend = defineBackend<{ id: string }>({
 *   name: 'mine',
 *   baseUrl: '/api',
 *   async open(file, server) {
 *     const answer = await server.post('/uploads', { body: { name: file.name, bytes: file.size } })
 *     return { session: { id: answer.text('id') }, partSize: answer.size('partSize') }
 *   },
 *   sign: ({ id }, parts, server) =>
 *     Promise.all(
 *       parts.map(async ({ number }) => {
 *         const answer = await server.post('/uploads/{id}/parts', { path: { id }, body: { number } })
 *         return presignedTarget(number, answer.url('url'))
 *       }),
 *     ),
 *   async complete({ id }, receipts, server) {
 *     const parts = receipts.map(({ number, etag }) => ({ number, etag }))
 *     const answer = await server.post('/uploads/{id}/complete', { path: { id }, body: { parts } })
 *     return { key: answer.text('key') }
 *   },
 * })
 * const uploader = new Uploader({ backend })
 * ```
 */
export function defineBackend<Session extends Json>(
  definition: BackendDefinition<Session>,
): Backend<Session> {
  // Otherwise a missing `complete` would show only when all bytes have been sent.
  requireMethods('definition', definition, ['open', 'sign', 'complete'])
  const { name, limits, fileDigest, wholeChecksum, judge } = definition
  const { reopen, record, report, status, abort } = definition
  const server = new Server(definition)
  const on = (call: BackendCall): ServerCalls => serverCalls(server, call, true)
  return {
    name: server.named(name),
    limits: { ...s3Limits, ...given(limits ?? {}) },
    ...(fileDigest && { fileDigest }),
    ...(wholeChecksum && { wholeChecksum }),
    ...(judge && { judge }),
    open: async (file, call) => definition.open(file, serverCalls(server, call, false)),
    sign: async (session, parts, call) => definition.sign(session, parts, on(call)),
    complete: async (session, receipts, whole, call) =>
      definition.complete(session, receipts, on(call), whole),
    ...(reopen && { reopen: async (session, file, call) => reopen(session, on(call), file) }),
    ...(record && {
      record: async (session, receipts, call) => void (await record(session, receipts, on(call))),
    }),
    ...(report && {
      report: async (session, stored, call) => void (await report(session, stored, on(call))),
    }),
    ...(status && {
      status: async (session, call) => goneIfLost(Promise.resolve(status(session, on(call)))),
    }),
    ...(abort && { abort: async (session, call) => unlessLost(Promise.resolve(abort(session, on(call)))) }),
  }
}

/** If there is a session, a server that does not know it answers 404 or 410. */
function serverCalls(server: Server, backendCall: BackendCall, hasSession: boolean): ServerCalls {
  const call: ServerCalls['call'] = (method, path, ask = {}) => {
    const reply = server.call({ name: nameOf(method, path), method, path }, ask, backendCall)
    return hasSession ? orLost(reply, ['NoSuchUpload']) : reply
  }
  const read =
    (method: Method) =>
    async (path: string, ask?: Ask): Promise<Answer> => {
      const reply = await call(method, path, ask)
      // A 204 has no fields.
      return reply.text === '' ? new Answer(nameOf(method, path), {}) : reply.fields()
    }
  return {
    call,
    get: read('GET'),
    post: read('POST'),
    put: read('PUT'),
    patch: read('PATCH'),
    delete: read('DELETE'),
  }
}

/** Without its query: messages end up in logs. */
function nameOf(method: Method, path: string): string {
  return `${method} ${path.split('?', 1)[0]}`
}

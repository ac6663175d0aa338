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
 * The application's server within one call of the engine's. Headers, the refresh of a token and the mapping of errors are
 * seen to: a status that is not 2xx rejects with `HttpError` (404 and 410 with `SessionLostError`, but in `open`), and the engine makes
 * the whole call again where that may help. An answer is read field by field: `answer.text('id')` rejects with a
 * `BackendError` that names the field where it is no text.
 *
 * Paths may have names in braces, which `path` fills: `server.post('/uploads/{id}/urls', { path: { id }, body: { … } })`.
 */
export type ServerCalls = {
  readonly [Verb in Lowercase<Method>]: (path: string, ask?: Ask) => Promise<Answer>
} & {
  /** As the others, for an answer that need not be a JSON object. */
  call(method: Method, path: string, ask?: Ask): Promise<Reply>
}

/** A protocol in a few functions; each gets the server to call. The rules are those of `Backend`'s methods. */
export type BackendDefinition<Session extends Json> = ServerOptions &
  Pick<Backend<Session>, 'fileDigest' | 'wholeChecksum' | 'judge'> & {
    /** Names the protocol in checkpoints: with another name nothing is resumed. The `baseUrl` is added. */
    readonly name: string
    /** What differs from S3: parts of 5 MiB to 5 GiB, 10,000 of them, up to 1,000 signed in one call. */
    readonly limits?: { readonly [Name in keyof BackendLimits]?: BackendLimits[Name] | undefined }
    /** Starts an upload. What it answers is kept in the checkpoint: no token and no URL. */
    open(file: FileDescription, server: ServerCalls): Promise<Opened<Session>>
    /** Where each of these parts is sent to, with `presignedTarget` for a PUT to a presigned URL. */
    sign(session: Session, parts: readonly Part[], server: ServerCalls): Promise<readonly PartTarget[]>
    /** Makes the object of the parts. It may be called again, and gets every receipt, by ascending number. */
    complete(
      session: Session,
      receipts: readonly HeldReceipt[],
      server: ServerCalls,
      whole: WholeFile,
    ): Promise<Completed>
    /** What the server has of the session, all of it. */
    reopen?(session: Session, server: ServerCalls, file: FileDescription): Promise<Reopened>
    /** Tells the server of parts that are stored. An upload does not fail because of it. */
    record?(session: Session, receipts: readonly PartReceipt[], server: ServerCalls): Promise<unknown>
    /** Tells the server how far it is. An upload does not fail because of it. */
    report?(session: Session, stored: StoredSoFar, server: ServerCalls): Promise<unknown>
    /** What has become of the upload. One that the server does not know is gone. */
    status?(session: Session, server: ServerCalls): Promise<SessionStatus>
    /** An upload that is gone already counts as thrown away. */
    abort?(session: Session, server: ServerCalls): Promise<unknown>
  }

/**
 * A backend for a server of your own, from a few functions.
 *
 * @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path, and where `open`, `sign` or `complete` is missing.
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
  // `complete` would else be missed when all bytes have been sent.
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

/** Where there is a session, a server that does not know it says 404 or 410. */
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

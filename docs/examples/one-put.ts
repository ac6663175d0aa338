import {
  type Answer,
  type Backend,
  defineBackend,
  HttpError,
  type Json,
  type Params,
  type PartTarget,
  presigned,
  presignedTarget,
  type ServerOptions,
} from 'longhaul'

/** For a file in one PUT: the request to the server, and the key in its answer. */
type Session = { readonly asked: Params; readonly key: string }

/** Sends a file in one PUT, without a call to complete it. If the server answers 413, sends it in parts. */
export function onePut(options: ServerOptions): Backend {
  const endpoints = { listParts: '/list-parts', status: '/status', abort: '/abort' }
  const inParts: Backend = presigned({ ...options, endpoints })
  const inOne: Backend = defineBackend<Session>({
    ...options,
    name: 'one-put',
    async open({ name, size, type, params }, server) {
      const asked = { ...params, fileName: name, fileSize: size, fileType: type }
      const answer = await server.post('/start-put', { body: asked })
      const session = { asked, key: answer.text('key') }
      return { session, partSize: Math.max(1, size), targets: [putOf(answer)] }
    },
    async sign({ asked, key }, _, server) {
      return [putOf(await server.post('/start-put', { body: { ...asked, key } }))]
    },
    complete: async ({ key }) => ({ key }),
  })
  const of = (session: Json): Backend => (Object.hasOwn(Object(session), 'asked') ? inOne : inParts)
  return {
    ...inOne,
    open: (file, call) =>
      inOne.open(file, call).catch((error: unknown) => {
        if (error instanceof HttpError && error.status === 413) return inParts.open(file, call)
        throw error
      }),
    sign: (session, parts, call) => of(session).sign(session, parts, call),
    reopen: async (session, file, call) => (await of(session).reopen?.(session, file, call)) ?? nothing,
    complete: (session, receipts, whole, call) => of(session).complete(session, receipts, whole, call),
    status: async (session, call) => (await of(session).status?.(session, call)) ?? { state: 'open' },
    abort: async (session, call) => of(session).abort?.(session, call),
  }
}

/** There is nothing to complete, so no ETag is needed. */
function putOf(answer: Answer): PartTarget {
  return { ...presignedTarget(1, answer.url('url'), answer.headers('headers')), needsEtag: false }
}

const nothing = { parts: [], source: 'record' } as const

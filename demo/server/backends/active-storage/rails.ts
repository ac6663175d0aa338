/** The endpoint as in a Rails application, with a session in a cookie and a token that only its own page knows. */
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import type { Endpoints } from '../faults/endpoints.ts'
import type { FaultyContext, FaultyEnv } from '../faults/fault-rule.ts'
import { signGet, sizeOf } from '../whole-objects.ts'
import { readRailsRequest } from './blob-request.ts'
import { type ActiveStorageContext, requireJson } from './context.ts'
import { createDirectUpload, inline } from './direct-upload.ts'
import { railsBody } from './error-bodies.ts'
import { asFailure, UploadFailure } from './failures.ts'

const cookie = '_longhaul_session'
const blobPath = '/rails/active_storage/blobs/redirect/:signed_id/:filename'

export function railsApplication(context: ActiveStorageContext, endpoints: Endpoints): Hono<FaultyEnv> {
  const app = new Hono<FaultyEnv>()
  for (const path of ['/session', context.path, blobPath]) app.use(path, openToFriends(context))
  app.post('/session', (c) => {
    const { id, csrfToken } = context.sessions.open()
    setCookie(c, cookie, id, { path: '/', httpOnly: true, sameSite: 'Lax' })
    return c.json({ csrfToken })
  })
  endpoints.serve(app, `POST ${context.path}`, (c) => create(c, context), {
    admit: (c) => requireOwnPage(c, context),
    effects: ['expired-url', 'no-direct-upload'],
  })
  endpoints.serve(app, `GET ${blobPath}`, (c) => read(c, context))
  app.onError((error, c) => {
    // Nobody is there any more to hear it.
    if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
    const failure = asFailure(error)
    return c.json(railsBody(failure), failure.status)
  })
  return app
}

/** With cookies `*` is not allowed. */
function openToFriends(context: ActiveStorageContext): ReturnType<typeof cors> {
  return cors({
    origin: (origin) => (context.settings.origins.includes(origin) ? origin : null),
    credentials: true,
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['Accept', 'Content-Type', 'X-CSRF-Token', 'X-Requested-With'],
    exposeHeaders: ['Retry-After'],
    maxAge: 600,
  })
}

async function create(c: FaultyContext, context: ActiveStorageContext): Promise<Response> {
  requireJson(c, 'bad-request')
  return c.json(await createDirectUpload(c, context, readRailsRequest(await c.req.text())))
}

/** Reads the bytes from wherever they are. */
async function read(
  c: FaultyContext,
  { blobs, place, urlLifetime }: ActiveStorageContext,
): Promise<Response> {
  const blob = blobs.find(c.req.param('signed_id') ?? '')
  if (blob === undefined) throw new UploadFailure('not-found', 'There is no blob with this signed_id')
  await sizeOf(place, blob.key)
  const life = { seconds: urlLifetime, over: false }
  return c.redirect(await signGet(place, blob.key, inline(blob), life))
}

/** Rails asks for both: the origin that the page states, and the token that was in the page. */
function requireOwnPage(c: FaultyContext, { sessions, settings }: ActiveStorageContext): void {
  const origin = c.req.header('origin')
  const friendly = origin === undefined || origin === ownOrigin(c) || settings.origins.includes(origin)
  if (!friendly) throw refused(`Expected a page of this server, got one of ${origin}`)
  if (sessions.fits(getCookie(c, cookie), c.req.header('x-csrf-token'))) return
  throw refused('Expected the header X-CSRF-Token to have the token of the session in the cookie')
}

function ownOrigin(c: FaultyContext): string {
  return new URL(c.req.url).origin
}

function refused(message: string): UploadFailure {
  return new UploadFailure('invalid-authenticity-token', message)
}

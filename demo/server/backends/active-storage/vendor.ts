/** The endpoint as in a vendor's API: JSON, an API key, and errors like FastAPI's. */
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Endpoints } from '../faults/endpoints.ts'
import type { FaultyContext, FaultyEnv } from '../faults/fault-rule.ts'
import { readVendorRequest } from './blob-request.ts'
import type { ActiveStorageContext } from './context.ts'
import { requireJson } from './context.ts'
import { createDirectUpload } from './direct-upload.ts'
import { vendorBody } from './error-bodies.ts'
import { asFailure, UploadFailure } from './failures.ts'

const openToPages = cors({
  origin: '*',
  allowMethods: ['POST'],
  allowHeaders: ['Content-Type', 'X-API-Key'],
  exposeHeaders: ['Retry-After'],
  maxAge: 600,
})

export function vendorApi(context: ActiveStorageContext, endpoints: Endpoints): Hono<FaultyEnv> {
  const app = new Hono<FaultyEnv>()
  app.use('/api/*', openToPages)
  app.post('/api/session', (c) => c.json({ apiKey: context.apiKeys.issue() }))
  endpoints.serve(
    app,
    'POST /api/v1/upload/direct',
    async (c) => {
      requireJson(c, 'validation-error')
      return c.json(await createDirectUpload(c, context, readVendorRequest(await c.req.text())))
    },
    { admit: (c) => requireKey(c, context), effects: ['expired-url', 'no-direct-upload'] },
  )
  app.onError((error, c) => {
    // Nobody is there any more to hear it.
    if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
    const failure = asFailure(error)
    return c.json(vendorBody(failure, context.settings), failure.status)
  })
  return app
}

function requireKey(c: FaultyContext, { apiKeys }: ActiveStorageContext): void {
  const key = c.req.header('x-api-key')
  if (key === undefined) throw new UploadFailure('unauthorized', 'Expected the header X-API-KEY, got none')
  if (apiKeys.has(key)) return
  throw new UploadFailure('unauthorized', 'The API key is unknown or has expired')
}

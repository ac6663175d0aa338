/**
 * What all reference servers have in common: a page of any origin may call them, each endpoint requires a bearer token,
 * and each can be told to misbehave.
 */

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Control } from './control.ts'
import { controlRoutes } from './control-routes.ts'
import { misbehave, type ReferenceContext } from './misbehave.ts'
import type { TokenState } from './tokens.ts'

export type ReferenceApp = Hono<{ Bindings: HttpBindings }>

export type Endpoint = {
  /** Method and path, such as `POST /uploads/:uploadId/abort`. Faults name it by this. */
  readonly route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`
  handle(c: ReferenceContext): Promise<Response> | Response
}

/** How a contract reports errors. */
export type ErrorShape = {
  /** A failure of `handle`. */
  answerFailure(error: Error, c: ReferenceContext): Response
  /** One of the contract's errors, on order. */
  answerCode(code: string, message: string): Response
  answerUnauthorized(state: Exclude<TokenState, 'valid'>, c: ReferenceContext): Response
  answerNoRoute(c: ReferenceContext): Response
}

export type ReferenceBackend<T extends object = object> = {
  readonly app: ReferenceApp
  readonly control: Control<T>
}

/** Listed one by one, as a careful server does. No browser's wildcard includes `Authorization` anyway. */
const crossOrigin = cors({
  origin: '*',
  allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowHeaders: ['Authorization', 'Content-Type'],
  exposeHeaders: ['Content-Disposition', 'Content-Length', 'ETag', 'Retry-After'],
  maxAge: 600,
})

export function referenceBackend<T extends object>(
  control: Control<T>,
  endpoints: readonly Endpoint[],
  shape: ErrorShape,
): ReferenceBackend<T> {
  const app: ReferenceApp = new Hono()
  app.route('/_control', controlRoutes(control))
  app.use(crossOrigin)
  // None of the contracts says where a page gets its token.
  app.post('/_token', (c) => c.json({ token: control.tokens.issue() }))
  for (const endpoint of endpoints) {
    const [method = '', path = ''] = endpoint.route.split(' ')
    app.on(method, path, (c) => serveEndpoint(c, endpoint, control, shape))
  }
  app.all('*', (c) => shape.answerNoRoute(c))
  return { app, control }
}

/** A caller without a token is refused first, because a fault is for a request that would have been served. */
async function serveEndpoint<T extends object>(
  c: ReferenceContext,
  { route, handle }: Endpoint,
  { tokens, faults }: Control<T>,
  shape: ErrorShape,
): Promise<Response> {
  const state = tokens.take(c.req.header('authorization'))
  if (state !== 'valid') return shape.answerUnauthorized(state, c)
  const serve = async (): Promise<Response> => {
    try {
      return await handle(c)
    } catch (error) {
      return shape.answerFailure(error instanceof Error ? error : new Error(String(error)), c)
    }
  }
  const effect = faults.take(route)
  return effect === undefined ? serve() : misbehave(effect, c, { serve, fail: shape.answerCode })
}

/**
 * What every reference server does alike: a page of any origin may call it, each of its endpoints wants a bearer token,
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
  /** Method and path, as in `POST /uploads/:uploadId/abort`; faults call it by this. */
  readonly route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`
  handle(c: ReferenceContext): Promise<Response> | Response
}

/** How a contract says that something went wrong. */
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

/** Named one by one, as a server that thinks about it does; `Authorization` is in no browser's wildcard anyway. */
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
  // Where a page gets its token from is no part of any of the contracts.
  app.post('/_token', (c) => c.json({ token: control.tokens.issue() }))
  for (const endpoint of endpoints) {
    const [method = '', path = ''] = endpoint.route.split(' ')
    app.on(method, path, (c) => serveEndpoint(c, endpoint, control, shape))
  }
  app.all('*', (c) => shape.answerNoRoute(c))
  return { app, control }
}

/** Whoever has no token is turned away first: a fault is for a request that would have been served. */
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

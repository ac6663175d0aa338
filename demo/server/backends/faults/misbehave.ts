import { setTimeout as sleep } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { MiddlewareHandler, Next } from 'hono'
import type { FaultEffect, FaultyContext, FaultyEnv } from './fault-rule.ts'
import type { Faults } from './faults.ts'

/** Makes the failure of one of the contract's codes, without a message in the backend's own words. */
export type FailureOf = (code: string, message: string | undefined) => Error

/** Runs before an endpoint's own work. */
export function misbehave(
  faults: Faults,
  endpoint: string,
  failureOf: FailureOf,
): MiddlewareHandler<FaultyEnv> {
  return async (c, next) => {
    const effect = faults.take(endpoint)
    c.set('fault', effect?.kind)
    if (effect?.kind === 'error' || effect?.kind === 'answer') return replaced(c, next, effect, failureOf)
    if (effect?.kind === 'cut') return cut(c)
    // A client that hangs up is not waited for.
    if (effect?.kind === 'delay')
      await sleep(effect.milliseconds, undefined, { signal: c.req.raw.signal }).catch(() => {})
    await next()
    if (effect?.kind === 'cut-answer') c.res = cut(c)
    return undefined
  }
}

type Replacement = FaultEffect & { readonly kind: 'error' | 'answer' }

async function replaced(
  c: FaultyContext,
  next: Next,
  effect: Replacement,
  failureOf: FailureOf,
): Promise<Response> {
  if (effect.when === 'after') await next()
  if (effect.kind === 'answer') return replace(c, answerOf(effect))
  // Headers set on the context are kept when an error is answered.
  if (effect.retryAfter !== undefined) c.header('Retry-After', String(effect.retryAfter))
  throw failureOf(effect.code, effect.message)
}

/** Hono uses the returned response only as long as there is no answer yet. */
function replace(c: FaultyContext, response: Response): Response {
  c.res = response
  return response
}

function answerOf({ status, body, headers }: FaultEffect & { kind: 'answer' }): Response {
  if (body === undefined) return new Response(null, { status, headers: { ...headers } })
  const [text, type] =
    typeof body === 'string' ? [body, 'text/plain'] : [JSON.stringify(body), 'application/json']
  return new Response(text, { status, headers: { 'content-type': type, ...headers } })
}

function cut(c: FaultyContext): Response {
  c.env.incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

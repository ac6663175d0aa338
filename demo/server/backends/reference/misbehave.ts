import { setTimeout } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { FaultEffect } from './fault.ts'

export type ReferenceContext = Context<{ Bindings: HttpBindings }>

/** The part of a fault that depends on the contract. */
export type Misbehaviour = {
  /** Carries out the request. Never rejects. */
  serve(): Promise<Response>
  /** The contract's error with this code, in its form. */
  fail(code: string, message: string): Response
}

export async function misbehave(
  effect: FaultEffect,
  c: ReferenceContext,
  { serve, fail }: Misbehaviour,
): Promise<Response> {
  switch (effect.kind) {
    case 'delay':
      // A client that hangs up is not waited for.
      await setTimeout(effect.milliseconds, undefined, { signal: c.req.raw.signal }).catch(() => {})
      return serve()
    case 'cut':
      return cut(c)
    case 'cut-answer':
      await serve()
      return cut(c)
    case 'error':
      if (effect.when === 'after') await serve()
      return withRetryAfter(fail(effect.code, effect.message ?? 'Ordered by the test'), effect.retryAfter)
    case 'answer':
      if (effect.when === 'after') await serve()
      return answer(effect)
  }
}

function cut(c: ReferenceContext): Response {
  c.env.outgoing.destroy()
  return new Response(null, { status: 499 })
}

function withRetryAfter(response: Response, retryAfter: number | string | undefined): Response {
  if (retryAfter !== undefined) response.headers.set('retry-after', String(retryAfter))
  return response
}

function answer({ status, body, headers }: Extract<FaultEffect, { kind: 'answer' }>): Response {
  if (body === undefined) return new Response(null, { status, headers: { ...headers } })
  const [text, type] =
    typeof body === 'string' ? [body, 'text/plain'] : [JSON.stringify(body), 'application/json']
  return new Response(text, { status, headers: { 'content-type': type, ...headers } })
}

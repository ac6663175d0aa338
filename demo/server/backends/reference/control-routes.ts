/** `_control` below a reference server's path: the same as `Control`, in JSON, for processes of this machine. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type Next } from 'hono'
import { ContractError, parseBody, readObject, readWhole } from '../contract.ts'
import { readOptional } from '../contract-values.ts'
import type { Control } from './control.ts'
import type { FaultRule } from './fault.ts'

type Env = { Bindings: HttpBindings }

const loopback: readonly (string | undefined)[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

export function controlRoutes<T extends object>(control: Control<T>): Hono<Env> {
  const { faults, tokens, settings } = control
  const app = new Hono<Env>()
  app.use(onlyFromHere)

  app.get('/faults', (c) => c.json({ rules: faults.rules }))
  app.post('/faults', async (c) => {
    faults.add(...rulesOf(await c.req.text()))
    return c.json({ rules: faults.rules })
  })
  app.put('/faults', async (c) => {
    faults.replace(...rulesOf(await c.req.text()))
    return c.json({ rules: faults.rules })
  })
  app.delete('/faults', (c) => {
    faults.clear()
    return c.json({ rules: [] })
  })

  app.get('/settings', (c) => c.json(settings.current))
  app.patch('/settings', async (c) => c.json(settings.change(parseBody(await c.req.text()) as Partial<T>)))

  app.post('/expire-tokens', async (c) => {
    const { after } = readObject(parseBody((await c.req.text()) || '{}'), 'the body', ['after'])
    tokens.expire(readOptional(after, 'after', readCount))
    return c.json({ ok: true })
  })
  app.post('/expire-sessions', (c) => {
    control.expireSessions()
    return c.json({ ok: true })
  })

  app.onError((error, c) => {
    if (error instanceof ContractError) return c.json({ error: error.message }, 400)
    throw error
  })
  return app
}

/** A page has an origin, and no business here. */
async function onlyFromHere(c: Context<Env>, next: Next): Promise<Response | undefined> {
  const { socket, headers } = c.env.incoming
  const allowed = loopback.includes(socket.remoteAddress) && headers.origin === undefined
  if (!allowed) return c.json({ error: 'for processes of this machine only' }, 403)
  await next()
  return undefined
}

/** `Control` checks them when they are added. */
function rulesOf(text: string): readonly FaultRule[] {
  const body = parseBody(text)
  return (Array.isArray(body) ? body : [body]) as readonly FaultRule[]
}

function readCount(value: unknown, name: string): number {
  return readWhole(value, name, { from: 0, to: Number.MAX_SAFE_INTEGER })
}

/** Lets tests in other processes order failures and change a backend's other settings: JSON under /_control/. */
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { ContractError, parseBody } from '../contract.ts'
import type { Endpoints } from './endpoints.ts'
import type { FaultyContext, FaultyEnv } from './fault-rule.ts'
import { readFaultRules } from './read-fault-rules.ts'

const loopback: readonly (string | undefined)[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

export type Controls = {
  /** @returns The settings with these changes. */
  change(settings: unknown): object
  /** What a POST to /_control/<name> does. */
  readonly actions: Readonly<Record<string, () => void>>
}

export function control(endpoints: Endpoints, { change, actions }: Controls): Hono<FaultyEnv> {
  const app = new Hono<FaultyEnv>()
  app.use(async (c, next) =>
    fromHere(c) ? next() : c.json({ error: 'for processes of this machine only' }, 403),
  )
  serveFaults(app, endpoints)
  app.get('/settings', (c) => c.json(change({})))
  app.patch('/settings', async (c) => c.json(change(parseBody(await c.req.text()))))
  for (const [name, act] of Object.entries(actions))
    app.post(`/${name}`, (c) => {
      act()
      return c.json({ ok: true })
    })
  app.onError((error, c) => {
    if (error instanceof ContractError) return c.json({ error: error.message }, 400)
    throw error
  })
  return app
}

/** A page has an origin, and no business here. */
function fromHere(c: FaultyContext): boolean {
  return loopback.includes(getConnInfo(c).remote.address) && c.req.header('origin') === undefined
}

/** POST adds rules, PUT replaces them, DELETE clears them, GET lists them. */
function serveFaults(app: Hono<FaultyEnv>, { faults, terms }: Endpoints): void {
  app.on(['GET', 'POST', 'PUT', 'DELETE'], '/faults', async (c) => {
    const rules = c.req.method.startsWith('P') ? readFaultRules(parseBody(await c.req.text()), terms) : []
    if (c.req.method === 'PUT' || c.req.method === 'DELETE') faults.clear()
    faults.add(rules)
    return c.json({ rules: faults.rules })
  })
}

/** The routes of the page's panel of faults. They can order only what the panel shows. */
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono, type MiddlewareHandler } from 'hono'
import { ContractError, parseBody, readObject } from '../backends/contract.ts'
import { answerFailure } from '../backends/failure.ts'
import { readChoice } from '../backends/read-choice.ts'
import type { Trouble } from './trouble.ts'
import { troubleNames } from './trouble-rules.ts'

type Env = { Bindings: HttpBindings }

/** @param trouble `undefined` if the storage is not the demo's own and cannot be told to fail. */
export function troubleRoutes(trouble: Trouble | undefined): Hono {
  const app = new Hono()
  if (trouble === undefined) return app
  app.get('/', (c) => c.json(trouble.state))
  // A page of another origin cannot send JSON without a preflight, and that is not answered (Fetch, CORS preflight).
  app.use('/*', async (c, next) => {
    if (c.req.header('content-type') !== 'application/json') return c.json({ error: 'Expected JSON' }, 415)
    return next()
  })
  app.put('/:name', async (c) => {
    const name = readChoice(c.req.param('name'), 'name', troubleNames)
    const { on } = readObject(parseBody(await c.req.text()), 'the body', ['on'])
    trouble.set(name, readFlag(on, 'on'))
    return c.json(trouble.state)
  })
  app.post('/expire-urls', (c) => {
    trouble.expireUrls()
    return c.json(trouble.state)
  })
  app.onError(answerFailure)
  return app
}

/** While the plug is pulled, the application's server hangs up. The page itself and its panel still work. */
export function unplugged(trouble: Trouble): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!trouble.isUnplugged) return next()
    trouble.hung()
    c.env.incoming.socket.destroy()
    return RESPONSE_ALREADY_SENT
  }
}

function readFlag(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value
  throw new ContractError(`Expected \`${name}\` to be true or false, got ${JSON.stringify(value)}`, name)
}

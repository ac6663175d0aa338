/**
 * A server for bkend's storage contract: single and multipart uploads through presigned URLs, and the register in which
 * each of them ends. Beside it are the controls, and a sign-in that in the real world is the application's.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { ContractError, parseBody, readFilled, readObject } from '../contract.ts'
import { control } from '../faults/control.ts'
import { Endpoints } from '../faults/endpoints.ts'
import type { FaultyContext, FaultyEnv } from '../faults/fault-rule.ts'
import { Accounts } from './accounts.ts'
import { ownerOf, requireApiKey, unauthenticated } from './authentication.ts'
import { answer, type BkendContext, bodyOf } from './context.ts'
import { asFailure, BkendFailure, codes, failureOf } from './failures.ts'
import { downloadEndpoint, fileEndpoints } from './file-endpoints.ts'
import { FileRecords } from './file-records.ts'
import { multipartEndpoints } from './multipart-endpoints.ts'
import type { Serve } from './serve.ts'
import { defaults, readSettings, type Settings } from './settings.ts'
import { singleEndpoint } from './single-endpoint.ts'

export type BkendOptions = Partial<Settings> & {
  readonly s3: S3Client
  readonly bucket: string
  /** `pk_` and 64 hexadecimal digits. */
  readonly apiKey?: string
  /** Seconds for which a signed URL is valid. @default 900 */
  readonly urlLifetime?: number
}

const demoKey = `pk_${'de30'.repeat(16)}`

export function bkendBackend(options: BkendOptions): Hono<FaultyEnv> {
  const context = contextOf(options)
  const app = new Hono<FaultyEnv>()
  const endpoints = new Endpoints(codes, failureOf)
  const { accounts } = context
  app.route(
    '/_control',
    control(endpoints, {
      change: (body) => {
        context.settings = readSettings(body, context.settings)
        return context.settings
      },
      actions: {
        'expire-tokens': () => accounts.expire(),
        'sign-out-all': () => accounts.signOutAll(),
      },
    }),
  )
  app.use(openToPages)
  app.post('/session', async (c) => c.json(session(parseBody((await c.req.text()) || '{}'), context)))
  serveAll(app, endpoints, context)
  // Not `notFound`, which is never called in an application that is mounted in another one.
  app.all('*', () => {
    throw new BkendFailure('common/not-found', 'There is no such endpoint')
  })
  app.onError((error, c) => fail(c, error, context.settings))
  return app
}

/** Any page may call with the contract's headers. These say who the user is; cookies do not. */
const openToPages = cors({
  origin: '*',
  allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
  allowHeaders: ['Authorization', 'Content-Type', 'X-API-Key'],
  exposeHeaders: ['Retry-After', 'X-RateLimit-Limit', 'X-RateLimit-Remaining'],
  maxAge: 600,
})

function contextOf(options: BkendOptions): BkendContext {
  const { s3, bucket, apiKey = demoKey, urlLifetime = 900, ...settings } = options
  return {
    place: { s3, bucket },
    apiKey,
    urlLifetime,
    accounts: new Accounts(),
    files: new FileRecords(),
    settings: { ...defaults, ...settings },
  }
}

/** What a page has after its user has signed in, in whatever way. */
function session(body: unknown, { accounts, apiKey }: BkendContext): object {
  const user = readObject(body, 'the body', ['user'])['user'] ?? 'visitor'
  const owner = readFilled(user, 'user')
  if (!/^[\w-]{1,40}$/.test(owner)) throw new ContractError(`Expected \`user\` to be one word, got ${owner}`)
  return { apiKey, user: owner, ...accounts.signIn(owner) }
}

function serveAll(app: Hono<FaultyEnv>, endpoints: Endpoints, context: BkendContext): void {
  const { accounts, apiKey } = context
  const owner = (c: FaultyContext): string => ownerOf(c, apiKey, accounts)
  const serve: Serve = (name, handler, effects = []) =>
    endpoints.serve(app, name, (c) => handler(c, owner(c)), { admit: owner, effects })
  singleEndpoint(serve, context)
  multipartEndpoints(serve, context)
  fileEndpoints(serve, context)
  downloadEndpoint(serve, context)
  const admit = (c: FaultyContext): void => requireApiKey(c, apiKey)
  const refresh = async (c: FaultyContext): Promise<Response> => {
    const { refreshToken } = readObject(await bodyOf(c), 'the body', ['refreshToken'])
    const tokens = accounts.refresh(readFilled(refreshToken, 'refreshToken'))
    if (tokens === undefined) throw unauthenticated('The refresh token is unknown or was used already')
    return answer(c, context, tokens)
  }
  endpoints.serve(app, 'POST /v1/auth/refresh', refresh, { admit })
}

function fail(c: FaultyContext, error: Error, { errors }: Settings): Response {
  // Nobody is there any more to hear it.
  if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
  const { code, message, status } = asFailure(error)
  const flat = { statusCode: status, error: code, message }
  return c.json(errors === 'flat' ? flat : { success: false, error: { code, message } }, status)
}

/** Who calls bkend: its publishable key and the user's tokens. */
import { chosen } from '../options.ts'
import type { ApiTransport } from '../ports.ts'
import { answerOf } from './bkend-file.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { Server, type ServerOptions, withHeaders } from './server.ts'

/** What a sign-in with bkend gives, and a refresh anew. */
export type BkendTokens = { readonly accessToken: string; readonly refreshToken: string }

type Token = string | (() => string | Promise<string>)

/** What every call to bkend needs. */
export type BkendAccessOptions = ServerOptions & {
  /** @default 'https://api-client.bkend.ai' */
  readonly baseUrl?: string | undefined
  /** The publishable key, `pk_…`: it goes along with every call as X-API-Key. Left out, `headers` has to bring it. */
  readonly apiKey?: string | undefined
  /**
   * The user's access token: it goes along with every call as `Authorization: Bearer …`. A function is asked before every
   * call. Left out, `headers` has to bring it.
   */
  readonly accessToken?: Token | undefined
  /**
   * With it, a call that is answered 401 gets new tokens from `POST /v1/auth/refresh`, once for all calls that wait for
   * them, and is made again. `onUnauthorized`, where it is given, takes its place.
   */
  readonly refreshToken?: Token | undefined
  /**
   * Called with the new tokens before a call is made with them: bkend takes a refresh token once only, so keep the new one.
   * Where `accessToken` or `refreshToken` is a function, it has to give the new one from then on.
   */
  readonly onTokens?: ((tokens: BkendTokens) => unknown) | undefined
  readonly endpoints?:
    | {
        /** New tokens for a refresh token. @default 'POST /v1/auth/refresh' */
        readonly refresh?: Endpoint | undefined
      }
    | undefined
}

/**
 * One sign-in for everything that calls bkend, so that two of them never use up the same refresh token at once.
 *
 * @throws TypeError for a secret key, or for what is no key of bkend's.
 *
 * @example
 * ```ts
 * const access = bkendAccess({ apiKey: 'pk_…', accessToken, refreshToken, onTokens: (tokens) => keep(tokens) })
 * const uploader = new Uploader({ backend: bkend({ ...access, visibility: 'public' }) })
 * const files = bkendFiles(access)
 * ```
 */
export function bkendAccess(options: BkendAccessOptions): ServerOptions {
  const { baseUrl = 'https://api-client.bkend.ai', apiKey, headers, credentials } = options
  if (apiKey !== undefined) requirePublishable(apiKey)
  let { accessToken } = options
  const base = { baseUrl, credentials }
  const headersWith = (token?: string): Promise<Readonly<Record<string, string>>> =>
    withHeaders(
      { ...(apiKey && { 'x-api-key': apiKey }), ...(token && { authorization: `Bearer ${token}` }) },
      headers,
    )
  const renew = renewing(new Server({ ...base, headers: () => headersWith() }), options, (token) => {
    if (typeof accessToken !== 'function') accessToken = token
  })
  const onUnauthorized = options.onUnauthorized ?? (options.refreshToken ? renew : undefined)
  return { ...base, headers: async () => headersWith(await chosen(accessToken)), onUnauthorized }
}

function renewing(
  server: Server,
  { refreshToken, onTokens, endpoints = {} }: BkendAccessOptions,
  onAccessToken: (token: string) => void,
): (call: { readonly api: ApiTransport }) => Promise<void> {
  const refresh = endpoint('refresh', endpoints.refresh, 'POST /v1/auth/refresh')
  let running: Promise<void> | undefined
  const renew = async (api: ApiTransport): Promise<void> => {
    const body = { refreshToken: (await chosen(refreshToken)) ?? '' }
    // Not the signal of whichever call was refused first: the others wait for it too.
    const call = { api, signal: new AbortController().signal }
    const answer = answerOf(await server.call(refresh, { body }, call))
    const tokens = { accessToken: answer.text('accessToken'), refreshToken: answer.text('refreshToken') }
    if (typeof refreshToken !== 'function') refreshToken = tokens.refreshToken
    onAccessToken(tokens.accessToken)
    await onTokens?.(tokens)
  }
  return ({ api }) => {
    running ??= renew(api).finally(() => {
      running = undefined
    })
    return running
  }
}

/** The key itself is not in the message: messages end up in logs. */
function requirePublishable(apiKey: string): void {
  if (/^pk_./.test(apiKey)) return
  const isSecret = /^sk_/.test(apiKey)
  const got = isSecret ? 'a secret key (sk_…): whoever opens the page could read it' : typeof apiKey
  throw new TypeError(`Expected \`apiKey\` to be a publishable key (pk_…), got ${got}`)
}

/** The credentials for bkend: its publishable key and the user's tokens. */
import { chosen } from '../options.ts'
import type { ApiTransport } from '../ports.ts'
import { answerOf } from './bkend-file.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { Server, type ServerOptions, withHeaders } from './server.ts'

/** The tokens that a sign-in with bkend or a refresh returns. The refresh token works once. */
export type BkendTokens = { readonly accessToken: string; readonly refreshToken: string }

type Token = string | (() => string | Promise<string>)

/** The options of every call to bkend. */
export type BkendAccessOptions = ServerOptions & {
  /** The address of bkend: a path or an http(s) URL. @default 'https://api-client.bkend.ai' */
  readonly baseUrl?: string | undefined
  /** The publishable key, `pk_…`, sent with every call as X-API-Key. If left out, `headers` must have it. */
  readonly apiKey?: string | undefined
  /**
   * The user's access token, sent with every call as `Authorization: Bearer …`. A function is called before every call. If
   * left out, `headers` must have it.
   */
  readonly accessToken?: Token | undefined
  /**
   * The user's refresh token. With it, a call that is answered 401 gets new tokens from `POST /v1/auth/refresh`, once for
   * all calls that wait for them, and is made again. `onUnauthorized`, if given, replaces this.
   */
  readonly refreshToken?: Token | undefined
  /**
   * Called with the new tokens before a call uses them. bkend takes a refresh token only once, so store the new one. If
   * `accessToken` or `refreshToken` is a function, it must return the new token from then on.
   */
  readonly onTokens?: ((tokens: BkendTokens) => unknown) | undefined
  /** Your server's paths and methods, or functions that make the calls. */
  readonly endpoints?:
    | {
        /** Returns new tokens for a refresh token. @default 'POST /v1/auth/refresh' */
        readonly refresh?: Endpoint | undefined
      }
    | undefined
}

/**
 * Makes the access to bkend for everything that calls it, so that no two of them use up the same refresh token at once.
 *
 * @throws TypeError if `apiKey` is not a publishable key (`pk_…`).
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
    // Not with the signal of the call that was refused first: other calls wait for the refresh too.
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

/** The message does not have the key, because messages end up in logs. */
function requirePublishable(apiKey: string): void {
  if (/^pk_./.test(apiKey)) return
  const isSecret = /^sk_/.test(apiKey)
  const got = isSecret ? 'a secret key (sk_…): whoever opens the page could read it' : typeof apiKey
  throw new TypeError(`Expected \`apiKey\` to be a publishable key (pk_…), got ${got}`)
}

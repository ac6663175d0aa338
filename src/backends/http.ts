/** What the adapters share: where an endpoint is, which headers go there, and how a JSON answer is got. */
import { BackendError } from '../errors.ts'
import { httpFailure } from '../http-failure.ts'
import type { ApiRequest, ApiResponse, BackendCall, Json } from '../ports.ts'
import type { Refresh } from './refresh.ts'

/** Headers, or a function that is asked for them before every request, for tokens that change. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

export type ServerOptions = {
  readonly baseUrl: string
  readonly headers: HeadersOption
  readonly credentials: RequestCredentials
  readonly refresh: Refresh
}

export type JsonCall = {
  /** The endpoint's name in messages. */
  readonly endpoint: string
  readonly method: ApiRequest['method']
  /** Joined to `baseUrl`. */
  readonly path: string
  readonly json: Json
}

const absolute = /^[a-z][a-z\d+.-]*:/i

/** A path joined to the base by exactly one slash; a full URL stays as it is. */
export function joinUrl(baseUrl: string, path: string): string {
  if (absolute.test(path) || baseUrl === '') return path
  return `${baseUrl.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

/** @throws TypeError where it is not a URL that can be called. */
export function requireUrl(option: string, value: unknown): void {
  if (typeof value === 'string' && isCallable(value)) return
  const got = typeof value === 'string' ? `"${value}"` : typeof value
  throw new TypeError(`Expected \`${option}\` to be an http(s) URL or a path, got ${got}`)
}

function isCallable(value: string): boolean {
  try {
    return /^https?:$/.test(new URL(value, 'https://base.invalid').protocol)
  } catch {
    return false
  }
}

/** The body of a 2xx answer. Rejects with `HttpError` for any other status. */
export async function callServer(
  request: JsonCall,
  server: ServerOptions,
  call: BackendCall,
): Promise<string> {
  const { headers, credentials, baseUrl, refresh } = server
  const { endpoint, method, path, json } = request
  const send = async (): Promise<ApiResponse> => {
    const own = typeof headers === 'function' ? await headers() : headers
    return call.api.send({ method, url: joinUrl(baseUrl, path), headers: own, credentials, json }, call)
  }
  const answer = await refresh.call(send, ({ status }) => status === 401)
  if (answer.status < 200 || answer.status > 299) throw httpFailure(endpoint, answer, Date.now())
  return answer.body
}

/** The answer's JSON. Rejects with `BackendError` where it is none, such as a proxy's HTML page. */
export function parseJson(endpoint: string, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new BackendError({ endpoint, field: 'body', expected: 'JSON', received: body })
  }
}

/** The application's server, as the adapters call it: headers, one token refresh for all, errors, answers. */
import { BackendError, HttpError, SessionLostError } from '../errors.ts'
import { httpFailure } from '../http-failure.ts'
import type { ApiResponse, BackendCall, Call, Json, SessionStatus } from '../ports.ts'
import { Answer } from './answer.ts'
import { fill, type JsonFields, joinUrl, type PathValues, type Resolved, requireUrl } from './endpoint.ts'
import { type OnUnauthorized, Refresh } from './refresh.ts'

/** Headers, or a function that is asked for them before every request, for tokens that change. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | Headers
  | (() => Readonly<Record<string, string>> | Headers | Promise<Readonly<Record<string, string>> | Headers>)

/** By lowercase name: the backend's own, and the application's in their place, in whatever case these are named. */
export async function withHeaders(
  own: Readonly<Record<string, string>>,
  given: HeadersOption = {},
): Promise<Readonly<Record<string, string>>> {
  const application = new Headers(typeof given === 'function' ? await given() : given)
  return { ...own, ...Object.fromEntries(application) }
}

/** How the application's server is called. The same for every backend. */
export type ServerOptions = {
  /** Where the endpoints are: a path or an http(s) URL. @default '' (the paths stand for themselves) */
  readonly baseUrl?: string
  /** Sent with every call to the application's server, never to the storage. A function is asked before every call. */
  readonly headers?: HeadersOption
  /**
   * Called when the application's server has answered 401: once for all calls that wait for it. Each of them is then
   * made once more, with the headers of then. Where it rejects, they fail with that.
   */
  readonly onUnauthorized?: OnUnauthorized
  /** Whether cookies go along to another origin, as fetch says it. @default 'same-origin' */
  readonly credentials?: RequestCredentials
}

/** What is asked of an endpoint. */
export type Ask = {
  /** For the names in its path; a function of the application's gets them as fields of the body. */
  readonly path?: PathValues
  /** What follows the path; names without a value are left out. */
  readonly query?: { readonly [name: string]: string | number | undefined }
  /** Left out: no body. */
  readonly body?: JsonFields
}

export class Server {
  readonly baseUrl: string
  readonly credentials: RequestCredentials
  readonly #headers: HeadersOption | undefined
  readonly #refresh: Refresh<Parameters<OnUnauthorized>[0]>

  /** @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path. */
  constructor({ baseUrl = '', headers, credentials = 'same-origin', onUnauthorized }: ServerOptions) {
    requireUrl('baseUrl', baseUrl)
    this.baseUrl = baseUrl
    this.credentials = credentials
    this.#headers = headers
    this.#refresh = new Refresh(onUnauthorized)
  }

  /** The application's headers of now. */
  headers(): Promise<Readonly<Record<string, string>>> {
    return withHeaders({}, this.#headers)
  }

  /** The answer to a 2xx. Rejects with `HttpError` for any other status. */
  async call(endpoint: Resolved, { path = {}, query = {}, body }: Ask, call: BackendCall): Promise<Reply> {
    if ('run' in endpoint) {
      const fields = { ...plain(path), ...plain(query), ...body }
      return new Reply(endpoint.name, await endpoint.run(fields, onlySignal(call)))
    }
    const { name, method } = endpoint
    const url = withQuery(joinUrl(this.baseUrl, fill(endpoint.path, path)), query)
    const send = async (): Promise<ApiResponse> => {
      const headers = await this.headers()
      const json = body === undefined ? {} : { json: body }
      return call.api.send({ method, url, headers, credentials: this.credentials, ...json }, call)
    }
    const answer = await this.#refresh.call(send, ({ status }) => status === 401, { api: call.api })
    if (answer.status < 200 || answer.status > 299) throw httpFailure(name, answer, Date.now())
    return new Reply(name, answer.body, answer.headers)
  }
}

/** What came back: text, or what a function of the application's has returned. */
export class Reply {
  readonly #endpoint: string
  readonly #body: unknown
  /** By lowercase name; those of another origin only where its CORS shows them. */
  readonly headers: ApiResponse['headers']

  constructor(endpoint: string, body: unknown, headers: ApiResponse['headers'] = {}) {
    this.#endpoint = endpoint
    this.#body = body
    this.headers = headers
  }

  /** When it was sent, in milliseconds since 1970: by the server's clock where CORS shows it, else by this machine's. */
  get date(): number {
    return Date.parse(this.headers['date'] ?? '') || Date.now()
  }

  /** The text of the answer; `undefined` where a function of the application's made the call. */
  get text(): string | undefined {
    return typeof this.#body === 'string' ? this.#body : undefined
  }

  /** Rejects with `BackendError` where it is none, such as a proxy's HTML page. */
  json(): unknown {
    if (typeof this.#body !== 'string') return this.#body
    try {
      return JSON.parse(this.#body)
    } catch {
      throw new BackendError({
        endpoint: this.#endpoint,
        field: 'body',
        expected: 'JSON',
        received: this.#body,
      })
    }
  }

  /** The fields of a JSON object. */
  fields(): Answer {
    return new Answer(this.#endpoint, this.json())
  }
}

/** 404 and 410 are how servers say that they do not know an upload, and some have words of their own for it. */
export async function orLost<T>(answer: Promise<T>, codes: readonly string[] = []): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw asLost(error, codes)
  }
}

export function asLost(error: unknown, codes: readonly string[] = []): unknown {
  return isLost(error, codes) ? new SessionLostError(error) : error
}

function isLost(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof HttpError)) return false
  const { status, serviceCode = '' } = error
  return status === 404 || status === 410 || codes.includes(serviceCode)
}

/** What the server does not know is gone. */
export async function goneIfLost(status: Promise<SessionStatus>): Promise<SessionStatus> {
  try {
    return await status
  } catch (error) {
    if (error instanceof SessionLostError) return { state: 'gone' }
    throw error
  }
}

/** Throwing away what is gone already is done. */
export async function unlessLost(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof SessionLostError)) throw error
  }
}

function plain(values: PathValues | NonNullable<Ask['query']>): JsonFields {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : (value as Json)]),
  )
}

function onlySignal({ signal }: BackendCall): Call {
  return { signal }
}

function withQuery(url: string, query: NonNullable<Ask['query']>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  )
  if (pairs.length === 0) return url
  return `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}`
}

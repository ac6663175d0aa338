/** The application's server, as the adapters call it: headers, one token refresh for all, errors, answers. */
import { BackendError, HttpError, isDoubtful, SessionLostError } from '../errors.ts'
import { errorInside, httpFailure, isPage } from '../http-failure.ts'
import { chosen, given } from '../options.ts'
import type { ApiResponse, BackendCall } from '../ports.ts'
import { Answer } from './answer.ts'
import {
  fill,
  type JsonFields,
  joinUrl,
  nameOf,
  type PathValues,
  placeOf,
  type Resolved,
  type Route,
  requireUrl,
  withQuery,
} from './endpoint.ts'
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
  const application = await chosen(given)
  try {
    return Object.fromEntries(new Headers({ ...own, ...Object.fromEntries(new Headers(application)) }))
  } catch {
    // Without what the browser says of it: Firefox quotes the value, which may be a token.
    throw new TypeError('Expected `headers` to be valid headers')
  }
}

/** How the application's server is called. The same for every backend. */
export type ServerOptions = {
  /** Where the endpoints are: a path or an http(s) URL. @default '' (the paths stand for themselves) */
  readonly baseUrl?: string | undefined
  /** Sent with every call to the application's server, never to the storage. A function is asked before every call. */
  readonly headers?: HeadersOption | undefined
  /**
   * Called when the application's server has answered 401: once for all calls that wait for it. Each of them is then
   * made once more, with the headers of then. Where it rejects, they fail with that.
   */
  readonly onUnauthorized?: OnUnauthorized | undefined
  /** Whether cookies go along to another origin, as fetch says it. @default 'same-origin' */
  readonly credentials?: RequestCredentials | undefined
}

/** What is asked of an endpoint. */
export type Ask = {
  /** For the names in its path; a function of the application's gets them as fields of the body. */
  readonly path?: PathValues
  /** What follows the path; names without a value are left out. */
  readonly query?: { readonly [name: string]: string | number | undefined }
  /** Left out: no body. A GET has none: what would be in it is in the query. */
  readonly body?: JsonFields | undefined
}

export class Server {
  readonly baseUrl: string
  readonly credentials: RequestCredentials
  readonly #place: string
  readonly #headers: HeadersOption | undefined
  readonly #refresh: Refresh<Parameters<OnUnauthorized>[0]>

  /** @throws TypeError for a `baseUrl` that is neither an http(s) URL nor a path. */
  constructor({ baseUrl = '', headers, credentials = 'same-origin', onUnauthorized }: ServerOptions) {
    requireUrl('baseUrl', baseUrl)
    this.baseUrl = baseUrl
    this.#place = placeOf(baseUrl)
    this.credentials = credentials
    this.#headers = headers
    this.#refresh = new Refresh(onUnauthorized)
  }

  /**
   * A backend's name, which is kept, and which tells its uploads from those of other places: without what may be a secret.
   *
   * @param more What else decides where a file goes; what is no text need not be the same at the next visit.
   */
  named(protocol: string, ...more: readonly unknown[]): string {
    const texts = [protocol, this.#place, ...more].map((one) => (typeof one === 'string' ? nameOf(one) : ''))
    return texts.filter(Boolean).join(' ')
  }

  /** The application's headers of now. */
  headers(): Promise<Readonly<Record<string, string>>> {
    return withHeaders({}, this.#headers)
  }

  /** The answer to a 2xx. Rejects with `HttpError` for any other status. */
  async call(endpoint: Resolved, ask: Ask, call: BackendCall): Promise<Reply> {
    const { name } = endpoint
    const send = (): Promise<Answered> =>
      'run' in endpoint ? run(endpoint, ask, call) : this.#send(endpoint, ask, call)
    const isUnauthorized = ({ status }: Answered): boolean => status === 401
    const answer = await this.#refresh.call(send, isUnauthorized, { api: call.api }, call.signal)
    if (answer.status < 200 || answer.status > 299) throw httpFailure(name, answer as ApiResponse, Date.now())
    const { body, headers } = answer
    const reply = new Reply(name, body, headers)
    // It says nothing of what was asked for, also where nobody reads the answer.
    if (typeof body === 'string' && isPage(body)) reply.json()
    return reply
  }

  async #send(
    { method, path: route }: Route,
    { path = {}, query = {}, body }: Ask,
    call: BackendCall,
  ): Promise<ApiResponse> {
    const fields = method === 'GET' ? { ...query, ...body } : query
    const url = withQuery(joinUrl(this.baseUrl, fill(route, path)), queryOf(fields))
    const headers = await this.headers()
    const json = body === undefined || method === 'GET' ? {} : { json: body }
    return call.api.send({ method, url, headers, credentials: this.credentials, ...json }, call)
  }
}

/** What was answered: a text, or what a function of the application's has made of it. */
type Answered = Omit<ApiResponse, 'body'> & { readonly body: unknown }

/** A function of the application's may give what it has got from fetch, which rejects for no status. */
async function run(
  { run }: Exclude<Resolved, Route>,
  { path = {}, query = {}, body }: Ask,
  { signal }: BackendCall,
): Promise<Answered> {
  const said = await run(given({ ...whole(path), ...query, ...body }) as JsonFields, { signal })
  if (!isResponse(said)) return { status: 200, headers: {}, body: said }
  return { status: said.status, headers: Object.fromEntries(said.headers), body: await said.text() }
}

/** Of whatever window; JSON has no methods. */
function isResponse(value: unknown): value is Response {
  return typeof Object(value).text === 'function'
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

  /** The text of the answer; what a function of the application's has read already, as JSON again, where it is any. */
  get text(): string | undefined {
    return typeof this.#body === 'string' ? this.#body : textOf(this.#body)
  }

  /** Throws a `BackendError` where it is none, such as a proxy's HTML page: a retryable one, for somebody else may have answered. */
  json(): unknown {
    if (typeof this.#body !== 'string') return this.#body
    try {
      return JSON.parse(this.#body)
    } catch {
      const said = { field: 'body', expected: 'JSON', received: this.#body }
      throw new BackendError({ endpoint: this.#endpoint, ...said, retryable: true })
    }
  }

  /**
   * Throws the error that a 2xx may hold: that of `errorInside`.
   *
   * @param codes By which the server says that it does not know the upload.
   */
  requireNoError(codes?: readonly string[]): void {
    const { text = '' } = this
    const error = errorInside(this.#endpoint, text)
    if (error !== undefined) throw asLost(error, codes)
  }

  /** The fields of a JSON object. */
  fields(): Answer {
    return new Answer(this.#endpoint, this.json())
  }
}

/** 404 and 410 are how servers say that they do not know an upload, and some have words of their own for it. */
export function orLost<T>(answer: Promise<T>, codes: readonly string[]): Promise<T> {
  return answer.catch((error: unknown) => {
    throw asLost(error, codes)
  })
}

export function asLost(error: unknown, codes: readonly string[] = []): unknown {
  if (!(error instanceof HttpError)) return error
  const { status, serviceCode = '' } = error
  const isLost = status === 404 || status === 410 || codes.includes(serviceCode)
  return isLost ? new SessionLostError(error) : error
}

/** What the server does not know is gone; where it may not have been the server that said so, it is asked again. */
export function goneIfLost<T>(status: Promise<T>): Promise<T | { readonly state: 'gone' }> {
  return status.catch((error: unknown) => {
    if (error instanceof SessionLostError && !isDoubtful(error)) return { state: 'gone' }
    throw error
  })
}

/** Throwing away what is gone already is done. */
export async function unlessLost(request: Promise<unknown>): Promise<void> {
  await goneIfLost(request)
}

/** Not everything that a function returns is JSON. */
function textOf(body: unknown): string | undefined {
  try {
    return JSON.stringify(body)
  } catch {
    return undefined
  }
}

function whole(values: PathValues): JsonFields {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value].flat().join('/')]))
}

function queryOf(fields: object): string {
  return Object.entries(given(fields))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
}

/** Calls the application's server for the adapters: headers, one token refresh for all calls, errors, answers. */
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

/** Headers, or a function that returns them before every request, for tokens that change. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | Headers
  | (() => Readonly<Record<string, string>> | Headers | Promise<Readonly<Record<string, string>> | Headers>)

/** The backend's own headers, with the application's in their place whatever their case, by lowercase name. */
export async function withHeaders(
  own: Readonly<Record<string, string>>,
  given: HeadersOption = {},
): Promise<Readonly<Record<string, string>>> {
  const application = await chosen(given)
  try {
    return Object.fromEntries(new Headers({ ...own, ...Object.fromEntries(new Headers(application)) }))
  } catch {
    // Not with the browser's message: Firefox quotes the value, which may be a token.
    throw new TypeError('Expected `headers` to be valid headers')
  }
}

/** How the application's server is called. Every backend has these options. */
export type ServerOptions = {
  /** The path or http(s) URL to which the endpoints' paths are joined. @default '' (the paths alone) */
  readonly baseUrl?: string | undefined
  /** Headers for every call to the application's server, never for the storage. A function is called before every call. */
  readonly headers?: HeadersOption | undefined
  /**
   * Called when the application's server answers 401, once for all calls that wait for it. Each of them is then made once
   * more, with the new headers. If it rejects, they fail with its error.
   */
  readonly onUnauthorized?: OnUnauthorized | undefined
  /** Whether cookies are sent, as in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials | undefined
}

/** The values of one call to an endpoint. */
export type Ask = {
  /** The values of the names in its path. An application's function gets them as fields of the body. */
  readonly path?: PathValues
  /** The query. Names without a value are left out. */
  readonly query?: { readonly [name: string]: string | number | undefined }
  /** The JSON body. If left out, there is no body. A GET sends these fields in the query. */
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
   * A backend's name, which tells its uploads from those of other places. Checkpoints keep it, so it holds no secret.
   *
   * @param more Options that also decide where a file goes. Values that are no text are ignored: they may differ at the next visit.
   */
  named(protocol: string, ...more: readonly unknown[]): string {
    const texts = [protocol, this.#place, ...more].map((one) => (typeof one === 'string' ? nameOf(one) : ''))
    return texts.filter(Boolean).join(' ')
  }

  /** The application's current headers. */
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
    // A page of HTML is no answer, also if nobody reads the answer.
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

/** The answer: a text, or the return value of an application's function. */
type Answered = Omit<ApiResponse, 'body'> & { readonly body: unknown }

/** An application's function may return the Response of fetch, which rejects for no status. */
async function run(
  { run }: Exclude<Resolved, Route>,
  { path = {}, query = {}, body }: Ask,
  { signal }: BackendCall,
): Promise<Answered> {
  const said = await run(given({ ...whole(path), ...query, ...body }) as JsonFields, { signal })
  if (!isResponse(said)) return { status: 200, headers: {}, body: said }
  return { status: said.status, headers: Object.fromEntries(said.headers), body: await said.text() }
}

/** Tells the Response of any window from JSON, which has no methods. */
function isResponse(value: unknown): value is Response {
  return typeof Object(value).text === 'function'
}

/** An answer of the application's server: its text, or the return value of the application's function. */
export class Reply {
  readonly #endpoint: string
  readonly #body: unknown
  /** The headers by lowercase name. From another origin, only those that CORS lets the page see. */
  readonly headers: ApiResponse['headers']

  constructor(endpoint: string, body: unknown, headers: ApiResponse['headers'] = {}) {
    this.#endpoint = endpoint
    this.#body = body
    this.headers = headers
  }

  /** When it was sent, in milliseconds since 1970, by the server's clock if CORS shows it, else by this machine's. */
  get date(): number {
    return Date.parse(this.headers['date'] ?? '') || Date.now()
  }

  /** The answer's text. The return value of an application's function as JSON, or `undefined` if it is none. */
  get text(): string | undefined {
    return typeof this.#body === 'string' ? this.#body : textOf(this.#body)
  }

  /**
   * Returns the answer's JSON. Throws a `BackendError` if it is no JSON, such as a proxy's HTML page. That error is
   * retryable, because the server itself may not have answered.
   */
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
   * Throws the error inside a 2xx, if there is one.
   *
   * @param codes The codes with which the server says that it does not know the upload.
   */
  requireNoError(codes?: readonly string[]): void {
    const { text = '' } = this
    const error = errorInside(this.#endpoint, text)
    if (error !== undefined) throw asLost(error, codes)
  }

  /** Returns the fields of a JSON object. Throws a `BackendError` if the answer is no JSON object. */
  fields(): Answer {
    return new Answer(this.#endpoint, this.json())
  }
}

/** Servers say by 404 or 410 that they do not know an upload, and some by codes of their own. */
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

/** An upload that the server does not know is gone. If something else may have answered, it is asked again. */
export function goneIfLost<T>(status: Promise<T>): Promise<T | { readonly state: 'gone' }> {
  return status.catch((error: unknown) => {
    if (error instanceof SessionLostError && !isDoubtful(error)) return { state: 'gone' }
    throw error
  })
}

/** Aborting an upload that is already gone succeeds. */
export async function unlessLost(request: Promise<unknown>): Promise<void> {
  await goneIfLost(request)
}

/** A function may return something that is no JSON. */
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

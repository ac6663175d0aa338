import { NetworkError } from '../../../src/errors.ts'
import { onAbort } from '../../../src/patience.ts'
import type {
  ApiRequest,
  ApiResponse,
  ApiTransport,
  Backend,
  Call,
  PartCall,
  PartResponse,
  PartTarget,
  PartTransport,
} from '../../../src/ports.ts'
import { base } from '../../fuzz/servers/model-server.ts'
import { contentOf } from '../file.ts'
import type { Request } from '../network.ts'
import type { Page, Port } from '../page.ts'
import { SignIn } from '../sign-in.ts'
import { foisted as foistedParts } from '../transport.ts'
import type { AdapterReferee } from './referee.ts'
import type { AdapterWorld } from './world.ts'

/** The page's credentials. */
export const tokenHeader = 'x-token'

/** What something on the way sends with a 200. */
const [, page, , failure] = foistedParts

type Asked<T> = Omit<Request<T>, 'refuse'> & { readonly foist: readonly [string, ...string[]] }

/**
 * A page's lines to the model servers. Everything that its adapter and its engine send goes through the simulated
 * network.
 */
export class Lines implements PartTransport {
  readonly api: ApiTransport = { send: (request, call) => this.#ask(request, call) }
  readonly #page: Page
  readonly #world: AdapterWorld
  readonly #signIn: SignIn

  constructor(page: Page, world: AdapterWorld) {
    this.#page = page
    this.#world = world
    this.#signIn = new SignIn(page, world)
  }

  /** The real backend. Its parts may be as small as the files here. */
  backend(): Backend {
    const backend = this.#world.model.backend({
      headers: () => ({ [tokenHeader]: String(this.#signIn.token) }),
      onUnauthorized: () => this.#signIn.refresh(),
    })
    return Object.assign(backend, { limits: { ...backend.limits, minPartSize: 1 } })
  }

  /** For the storage, or for a server that receives the bytes itself. */
  send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
    const { bytes } = contentOf(body)
    const { origin, pathname } = new URL(target.url)
    const [, upload = ''] = /^\/(?:uploads\/)?([^/]+)\//.exec(pathname) ?? []
    const { storage, model, plan } = this.#world
    this.#referee.puts(this.#page, upload, target, bytes)
    return this.#through<PartResponse>({
      about: { port: 'put', session: upload, bytes: bytes.length },
      what: `part ${target.number} of ${upload} (${bytes.length} bytes)`,
      signal: call.signal,
      onSent: (share) => call.onProgress?.(Math.floor(share * bytes.length)),
      effect: () => {
        if (origin === base && !this.#isSignedIn(target.headers)) return said(401)
        const response = this.#world.atServer(
          () => model.refuses?.(upload, storage) ?? storage.keep(target, Buffer.from(bytes)),
        )
        // Storages refuse without CORS headers.
        if (response.status === 403 && plan.hidesExpiry) throw new NetworkError('an answer that CORS hides')
        return response
      },
      onAnswer: (response) => this.#referee.putAnswered(this.#page, upload, target, response),
      // If no ETag is needed, nothing distinguishes an empty answer from the storage's.
      foist: target.needsEtag === false ? [page, failure] : foistedParts,
    })
  }

  async #ask(request: ApiRequest, { signal }: Call): Promise<ApiResponse> {
    const { method, url, json, timeout = 30_000 } = request
    const port = portOf(request)
    this.#referee.asks(this.#page, request)
    const cut = new AbortController()
    const undo = this.#world.timeline.after(timeout, () => cut.abort(new NetworkError('no answer in time')))
    const unfollow = onAbort(signal, () => cut.abort(signal.reason))
    try {
      return await this.#through<ApiResponse>({
        about: { port },
        what: `${method} ${url.replace(base, '')} ${JSON.stringify(json) ?? ''}`,
        signal: cut.signal,
        effect: () => this.#answer(request, port),
        onAnswer: (answer) => this.#referee.answers(this.#page, request, answer),
        // An answer that is not a page may be that of a server that has nothing to say.
        foist: ['complete', 'record', 'abort'].includes(port) ? [page] : [page, 'upstream timed out'],
      })
    } finally {
      undo()
      unfollow()
    }
  }

  #answer(request: ApiRequest, port: Port): ApiResponse {
    const { model, storage, hidesDate } = this.#world
    if (!this.#isSignedIn(request.headers)) return said(401)
    const { headers, ...answer } = this.#world.atServer(() => model.answer(request, storage))
    const { date: _, ...shown } = headers
    const seen = { ...answer, headers: hidesDate ? shown : headers }
    this.#referee.took(request, seen)
    return port === 'reopen' ? this.#lagging(seen) : seen
  }

  /** A list may be incomplete at first. */
  #lagging(answer: ApiResponse): ApiResponse {
    const { random, isCalm, plan } = this.#world
    const body = JSON.parse(answer.body) as { parts?: unknown[] }
    if (isCalm || body.parts === undefined || !random.chance(plan.faultRate)) return answer
    const parts = random.some(body.parts)
    return { ...answer, body: JSON.stringify({ ...body, parts }) }
  }

  #through<T extends ApiResponse>({ foist, ...request }: Asked<T>): Promise<T> {
    const { network, random } = this.#world
    const foisted = new Set<T>()
    this.#referee.sends(this.#page, request.what)
    return network.send<T>(this.#page, {
      ...request,
      refuse: (status, retryAfter) => {
        const answer = said(status === 500 ? random.pick([500, 502]) : status, retryAfter) as unknown as T
        if (status !== 200) return answer
        const page = { ...answer, body: random.pick(foist) }
        foisted.add(page)
        return page
      },
      onAnswer: (answer) => {
        if (!foisted.has(answer)) request.onAnswer(answer)
      },
    })
  }

  #isSignedIn(headers: Readonly<Record<string, string>> = {}): boolean {
    return this.#world.server.accepts(Number(headers[tokenHeader]))
  }

  get #referee(): AdapterReferee {
    return this.#world.referee as AdapterReferee
  }
}

/** Retry-After is in whole seconds. */
function said(status: number, retryAfter?: number): ApiResponse {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter / 1000) }
  return { status, headers, body: '' }
}

/** By the kind of request: where pages crash, and what the world does to it. */
function portOf({ method, url }: ApiRequest): Port {
  const { pathname } = new URL(url)
  if (/\/complete|^\/v1\/files$/.test(pathname)) return method === 'POST' ? 'complete' : 'status'
  if (/\/abort/.test(pathname)) return 'abort'
  if (/\/list\/|\/parts$/.test(pathname) && (method === 'GET' || pathname.startsWith('/list/')))
    return 'reopen'
  if (/\/status|\/metadata|\/by-key/.test(pathname)) return 'status'
  if (/\/partsComplete|\/checkpoint|\/progress/.test(pathname)) return 'record'
  return /\/start-upload|\/uploads$|\/init|\/files\/presigned-url|\/direct$/.test(pathname) ? 'open' : 'sign'
}

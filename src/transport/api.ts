import { NetworkError } from '../errors.ts'
import { isPage } from '../http-failure.ts'
import { onAbort } from '../patience.ts'
import type { ApiRequest, ApiResponse, ApiTransport, Call } from '../ports.ts'

/** Makes JSON control calls with fetch. */
export const apiTransport: ApiTransport = { send }

async function send(request: ApiRequest, { signal }: Call): Promise<ApiResponse> {
  const { method, url, credentials, json, timeout = 30_000 } = request
  const cut = new AbortController()
  const unfollow = onAbort(signal, () => cut.abort(signal.reason))
  const timer = setTimeout(() => cut.abort(), timeout)
  try {
    const body = json === undefined ? {} : { body: JSON.stringify(json) }
    const response = await fetch(url, {
      method,
      headers: headersOf(request),
      credentials,
      // The state of an upload is asked for again and again, and a server may allow its answers to be cached.
      cache: 'no-store',
      signal: cut.signal,
      ...body,
    })
    return answerOf(response, await response.text())
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    const what = cut.signal.aborted
      ? `no answer within ${timeout / 1000} s`
      : 'the server could not be reached'
    throw new NetworkError(`${method} ${pathOf(url)}: ${what}`, { cause })
  } finally {
    clearTimeout(timer)
    unfollow()
  }
}

/**
 * Many servers redirect to a page to ask for a sign-in. The request has not been carried out then, whatever status the
 * page has. fetch follows the redirect: it cannot be kept from that and still tell where it leads.
 */
function answerOf({ status, headers, ok, redirected, url }: Response, body: string): ApiResponse {
  const isSignIn = ok && redirected && isPage(body)
  return {
    status: isSignIn ? 401 : status,
    headers: Object.fromEntries(headers),
    body: isSignIn ? `redirected to the page ${pathOf(url)}` : body,
  }
}

/** The application may name another type for its body. */
function headersOf({ headers, json }: ApiRequest): Headers {
  const all = new Headers(headers)
  if (json !== undefined && !all.has('content-type')) all.set('content-type', 'application/json')
  return all
}

/** Without the query, because messages end up in logs. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}

import { NetworkError } from '../errors.ts'
import { isPage } from '../http-failure.ts'
import { onAbort } from '../patience.ts'
import type { ApiRequest, ApiResponse, ApiTransport, Call } from '../ports.ts'

/** Makes JSON control calls by fetch. */
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
      // An upload's state is asked for again and again, and a server may let it be kept.
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
 * A redirect to a page is how many servers ask for a sign-in, and what was asked of them has not been done then, whatever the
 * page itself is answered with: fetch has followed it, as it cannot be kept from that and still tell where it leads to.
 */
function answerOf({ status, headers, ok, redirected, url }: Response, body: string): ApiResponse {
  const isSignIn = ok && redirected && isPage(body)
  return {
    status: isSignIn ? 401 : status,
    headers: Object.fromEntries(headers),
    body: isSignIn ? `redirected to the page ${pathOf(url)}` : body,
  }
}

/** The application may say otherwise what its body is. */
function headersOf({ headers, json }: ApiRequest): Headers {
  const all = new Headers(headers)
  if (json !== undefined && !all.has('content-type')) all.set('content-type', 'application/json')
  return all
}

/** Without its query: messages end up in logs. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}

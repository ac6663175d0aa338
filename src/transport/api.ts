import ky, { TimeoutError } from 'ky'
import { NetworkError } from '../errors.ts'
import type { ApiRequest, ApiResponse, ApiTransport, Call } from '../ports.ts'

/** How long one control call may take, in milliseconds. */
const timeout = 30_000

/** Makes JSON control calls by ky. Its own retries are off: there is one retry policy, and it is the engine's. */
export const kyTransport: ApiTransport = { send }

async function send(request: ApiRequest, { signal }: Call): Promise<ApiResponse> {
  const { method, url, headers, credentials, json } = request
  try {
    const response = await ky(url, {
      method,
      headers: { ...headers },
      credentials,
      ...(json === undefined ? {} : { json }),
      signal,
      timeout,
      retry: 0,
      throwHttpErrors: false,
    })
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    }
  } catch (cause) {
    throw signal.aborted ? signal.reason : unreachable(`${method} ${pathOf(url)}`, cause)
  }
}

function unreachable(request: string, cause: unknown): NetworkError {
  const what =
    cause instanceof TimeoutError ? `no answer within ${timeout / 1000} s` : 'the server could not be reached'
  return new NetworkError(`${request}: ${what}`, { cause })
}

/** Without its query: messages end up in logs. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}

import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'

export type RawRequest = {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  /** Sent with a Content-Length, unless the headers say otherwise. */
  readonly body?: string | Uint8Array
}

export type RawResponse = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The text of the first element with this name in the body; '' if there is none. */
  element(name: string): string
}

/**
 * A request whose path is sent exactly as in the URL, while `fetch` resolves dots and adds headers. Rejects if the
 * connection ends without an answer.
 */
export function rawRequest(
  url: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawResponse> {
  const [, scheme = '', host = '', path = '/'] = /^(https?):\/\/([^/]+)(.*)$/.exec(url) ?? []
  const [hostname = '', port] = host.split(':')
  const send = scheme === 'https' ? secureRequest : request
  const chunked = 'transfer-encoding' in headers
  const length = body === undefined || chunked ? {} : { 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path, method, headers: { ...length, ...headers } }
    const sent = send(options, async (response) => {
      const received = await buffer(response).catch(reject)
      if (!received) return
      const text = received.toString()
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: received,
        element: (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '',
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

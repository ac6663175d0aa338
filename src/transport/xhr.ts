import { BackendError, NetworkError } from '../errors.ts'
import { onAbort } from '../patience.ts'
import type { Call, PartCall, PartResponse, PartTarget, PartTransport } from '../ports.ts'

/**
 * Sends part bytes with XMLHttpRequest. Nothing else in browsers tells how many bytes have left, and it sends a Blob
 * with a Content-Length and without reading it into memory. (fetch with a stream as its body needs HTTP/2 and sends no
 * Content-Length, which S3 insists on.)
 */
export const xhrTransport: PartTransport = { send, reaches, mayBeSilent }

async function send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
  const { signal } = call
  signal.throwIfAborted()
  const request = new XMLHttpRequest()
  let sent = 0
  const undo = onAbort(signal, () => request.abort())
  return new Promise<PartResponse>((resolve, reject) => {
    const fail = (what: string): void => reject(new NetworkError(`part ${target.number}: ${what}`))

    request.open(target.method, target.url)
    request.withCredentials = target.credentials === 'include'
    for (const [name, value] of Object.entries(target.headers)) request.setRequestHeader(name, value)
    // Only if somebody listens: a listener on `upload` makes the browser preflight requests that need none.
    if (call.onProgress)
      request.upload.onprogress = ({ loaded }) => {
        sent = loaded
        call.onProgress?.(loaded)
      }
    request.onload = () => {
      const host = otherHost(target.url, request.responseURL)
      if (host === undefined) resolve(responseOf(request))
      else reject(redirected(target, host))
    }
    request.onerror = () =>
      fail(
        sent > 0 && sent < body.size
          ? `the connection failed after ${sent} of ${body.size} bytes`
          : 'the connection failed, or CORS does not allow the request',
      )
    request.ontimeout = () => fail('no answer came in time')
    // Safari also fires `abort` for a dropped connection. It is a cancel only if our own signal says so.
    request.onabort = () => (signal.aborted ? reject(signal.reason) : fail('the connection was dropped'))
    request.send(call.bytes ?? body)
  }).finally(undo)
}

/** Milliseconds. An origin that does not answer by then counts as not reached. */
const patience = 10_000

/** An opaque answer is an answer too (Fetch standard, "no-cors"). */
async function reaches(origin: string, call: Call): Promise<boolean> {
  // Safari has `any` only since 17.4. Before, there is no time limit.
  const signal = AbortSignal.any?.([call.signal, AbortSignal.timeout(patience)]) ?? call.signal
  return fetch(origin, { mode: 'no-cors', cache: 'no-store', credentials: 'omit', signal }).then(
    () => true,
    () => false,
  )
}

/**
 * In no browser does a request that a service worker passes on have progress events. Chromium's workers do not know
 * whether the page has a service worker. A page without the API, as on plain HTTP, has none.
 */
function mayBeSilent(): boolean {
  try {
    const { serviceWorker } = navigator
    return serviceWorker ? serviceWorker.controller !== null : isSecureContext && !globalThis.document
  } catch {
    // Chromium, in a sandboxed frame, which has none.
    return false
  }
}

/**
 * Mostly both are the same text, and parsing two URLs takes longer than the rest of an answer. A stand-in for
 * XMLHttpRequest may have no `responseURL`.
 */
function otherHost(asked: string, answered: string | undefined): string | undefined {
  if (!answered || answered === asked) return undefined
  const host = hostOf(answered)
  return host === hostOf(asked) ? undefined : host
}

/**
 * Resolved as the request is: by `<base>`, and in a `srcdoc` frame, which has no address of its own, by the page around
 * it. A worker has no document.
 */
function hostOf(url: string): string {
  return new URL(url, globalThis.document?.baseURI ?? location.href).host
}

/**
 * XMLHttpRequest follows redirects by itself, with the bytes (307, 308) or without them (303), and cannot be kept from
 * it. What another host has answered says nothing of the storage, and must not count as stored.
 */
function redirected({ number }: PartTarget, host: string): BackendError {
  return new BackendError({
    endpoint: `part ${number}`,
    field: 'url',
    expected: 'answered by the storage itself',
    received: `a redirect to ${host}`,
  })
}

function responseOf(request: XMLHttpRequest): PartResponse {
  return {
    status: request.status,
    headers: parseHeaders(request.getAllResponseHeaders()),
    body: request.responseText,
  }
}

/** `getAllResponseHeaders` gives lowercase names, one header a line. */
function parseHeaders(lines: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return headers
}

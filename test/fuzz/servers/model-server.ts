import type { ServerOptions } from '../../../src/backends/server.ts'
import type { ApiRequest, ApiResponse, Backend, Json, PartResponse } from '../../../src/ports.ts'
import type { ModelStorage } from './storage.ts'

/** The canary: the page's credentials. */
export const token = 'c0ffee-token'

export type Fields = { readonly [field: string]: Json }

/** A server that keeps its contract, as small as possible. */
export type ModelServer = {
  readonly name: string
  /** Whether its protocol has a call that completes an upload. @default true */
  readonly needsCompleting?: boolean
  /** Whether ten bytes go in one piece. @default false */
  readonly isOnePiece?: boolean
  /**
   * A backend for it, as an application would create one for a page.
   *
   * @param calls How it calls the application's server, if not in the model's own way.
   */
  backend(calls?: Pick<ServerOptions, 'headers' | 'onUnauthorized'>): Backend
  /** The uploads that were begun and not ended, if the protocol can end them. */
  readonly open?: () => readonly string[]
  /** The server itself gives up everything that is open. */
  readonly lose?: (upload: string, storage: ModelStorage) => void
  /** Its answer to the bytes of a file that go through it; `undefined` if it accepts them. */
  readonly refuses?: (upload: string, storage: ModelStorage) => PartResponse | undefined
  /** The server's actions and answers. */
  answer(request: ApiRequest, storage: ModelStorage): ApiResponse
}

export type Route = readonly [
  method: string,
  path: RegExp,
  answer: (fields: Fields, found: readonly string[], storage: ModelStorage) => ApiResponse,
]

export const base = 'https://app.test'

/** Answers by the first route that matches. */
export function routed(routes: readonly Route[]): ModelServer['answer'] {
  return (request, storage) => {
    const { pathname } = new URL(request.url, base)
    for (const [method, path, answer] of routes) {
      const found = path.exec(pathname)
      if (found !== null && method === request.method)
        return answer((request.json ?? {}) as Fields, [...found].map(decodeURIComponent), storage)
    }
    return failing(404, 'ROUTE_NOT_FOUND')
  }
}

export function saying(body: Json, status = 200): ApiResponse {
  const headers = { 'content-type': 'application/json', date: new Date(Date.now()).toUTCString() }
  return { status, headers, body: JSON.stringify(body) }
}

export function failing(status: number, code: string): ApiResponse {
  return saying({ error: { code, message: `It is ${code}` } }, status)
}

export function receiptsIn(
  parts: Json | undefined,
  number: string,
  etag: string,
): { readonly number: number; readonly etag: string }[] {
  const list = Array.isArray(parts) ? (parts as Fields[]) : []
  return list.map((part) => ({ number: Number(part[number]), etag: String(part[etag]) }))
}

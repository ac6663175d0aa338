import type { ServerOptions } from '../../../src/backends/server.ts'
import type { ApiRequest, ApiResponse, Backend, Json, PartResponse } from '../../../src/ports.ts'
import type { ModelStorage } from './storage.ts'

/** The canary: what the page signs in with. */
export const token = 'c0ffee-token'

export type Fields = { readonly [field: string]: Json }

/** A server that keeps its contract, as small as that can be done. */
export type ModelServer = {
  readonly name: string
  /** Whether its protocol has a completing. @default true */
  readonly needsCompleting?: boolean
  /** Whether ten bytes go in one piece. @default false */
  readonly isOnePiece?: boolean
  /**
   * A backend for it, as an application would make one for a page.
   *
   * @param calls How it calls the application's server, where it is another way than the model's own.
   */
  backend(calls?: Pick<ServerOptions, 'headers' | 'onUnauthorized'>): Backend
  /** What has been begun and not ended, where it can be ended. */
  readonly open?: () => readonly string[]
  /** What is open is given up by the server itself. */
  readonly lose?: (upload: string, storage: ModelStorage) => void
  /** What it says to the bytes of a file that go through it; `undefined`: it takes them. */
  readonly refuses?: (upload: string, storage: ModelStorage) => PartResponse | undefined
  /** What the server does and says. */
  answer(request: ApiRequest, storage: ModelStorage): ApiResponse
}

export type Route = readonly [
  method: string,
  path: RegExp,
  answer: (fields: Fields, found: readonly string[], storage: ModelStorage) => ApiResponse,
]

export const base = 'https://app.test'

/** By the first route that fits. */
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

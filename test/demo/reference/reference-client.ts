/** Calls a reference server as any client would, and records what the calls have met of the contract. */

import { demoToken } from '../../../demo/server/backends/reference/control.ts'
import type { ContractList } from '../contract/contract-list.ts'
import { Coverage } from './coverage.ts'

export type Answer = {
  readonly status: number
  readonly headers: Headers
  /** The JSON of the answer; an empty object for an empty body. */
  readonly body: Readonly<Record<string, unknown>>
}

export type CallOptions = {
  /** Sent as JSON, except for text and bytes, which are sent unchanged. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export class ReferenceClient {
  readonly base: string
  token = demoToken
  readonly #coverage: Coverage

  constructor(demoUrl: string, contract: ContractList) {
    this.base = demoUrl + contract.mount
    this.#coverage = new Coverage(contract)
  }

  /** @param request Such as `POST /uploads?a=b`. */
  async call(request: string, { body, headers }: CallOptions = {}): Promise<Answer> {
    const [method = '', path = ''] = request.split(' ')
    const response = await fetch(this.base + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...contentType(body), ...headers },
      ...(body !== undefined && { body: asBody(body) }),
    })
    const answer = await read(response)
    const fields = typeof body === 'object' && !(body instanceof FormData) ? { ...body } : undefined
    this.#coverage.note({ request, body: fields, status: answer.status, answer: answer.body })
    return answer
  }

  /** Like `call`, but rejects if the answer is not a success. */
  async done<T = Answer['body']>(request: string, options?: CallOptions): Promise<T> {
    const { status, body } = await this.call(request, options)
    if (status !== 200) throw new Error(`${request}: expected 200, got ${status} ${JSON.stringify(body)}`)
    return body as T
  }

  /** The parts of the contract that no call has met. */
  gaps(): readonly string[] {
    return this.#coverage.gaps()
  }
}

function contentType(body: unknown): Readonly<Record<string, string>> {
  return body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }
}

function asBody(body: unknown): BodyInit {
  if (typeof body === 'string' || body instanceof FormData || body instanceof Blob) return body
  return JSON.stringify(body)
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  const body: Answer['body'] = isJson ? JSON.parse(text) : text === '' ? {} : { text }
  return { status: response.status, headers: response.headers, body }
}

/** Puts bytes to a signed URL, and returns the ETag as the storage answers it. */
export async function putTo(
  url: string,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(url, { method: 'PUT', headers, body: new Blob([bytes as BlobPart]) })
  if (!response.ok) throw new Error(`The storage answered ${response.status}: ${await response.text()}`)
  return response.headers.get('etag') ?? ''
}

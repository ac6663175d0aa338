/** The calls of a client of direct uploads, at both endpoints of the server, the vendor's and Rails'. */
import { createHash } from 'node:crypto'
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, call, type Fields } from '../calls.ts'

export type Place = 'vendor' | 'rails'
export type DirectUpload = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

export const endpointOf = {
  vendor: 'POST /api/v1/upload/direct',
  rails: 'POST /rails/active_storage/direct_uploads',
} as const
export const blobEndpoint = 'GET /rails/active_storage/blobs/redirect/:signed_id/:filename'

export class ActiveStorageClient {
  readonly base: string
  readonly #headers: Readonly<Record<Place, Readonly<Record<string, string>>>>

  private constructor(base: string, apiKey: string, cookie: string, csrfToken: string) {
    this.base = base
    this.#headers = { vendor: { 'x-api-key': apiKey }, rails: { cookie, 'x-csrf-token': csrfToken } }
  }

  static async open({ url }: Demo): Promise<ActiveStorageClient> {
    const base = `${url}/api/active-storage`
    const key = await call(base, 'POST /api/session')
    const session = await call(base, 'POST /session')
    const [cookie = ''] = (session.headers.get('set-cookie') ?? '').split(';')
    return new ActiveStorageClient(
      base,
      String(key.body['apiKey']),
      cookie,
      String(session.body['csrfToken']),
    )
  }

  /** @param headers Replaces the default headers; '' leaves one out. */
  create(
    place: Place,
    body: Fields | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Called> {
    return call(this.base, endpointOf[place], body, { ...this.#headers[place], ...headers })
  }

  control(endpoint: string, body: unknown = {}): Promise<Called> {
    return call(`${this.base}/_control`, endpoint, JSON.stringify(body))
  }

  /** The address of this blob's bytes, if they are stored. */
  find(signedId: unknown): Promise<Called> {
    return call(this.base, blobEndpoint, { signed_id: signedId, filename: 'any' })
  }

  async download(signedId: unknown): Promise<Buffer> {
    const { headers } = await this.find(signedId)
    return Buffer.from(await (await fetch(headers.get('location') ?? '')).bytes())
  }
}

export function blobOf(bytes: Uint8Array, filename = 'a.txt', content_type = 'text/plain'): Fields {
  const checksum = createHash('md5').update(bytes).digest('base64')
  return { filename, content_type, byte_size: bytes.length, checksum }
}

export function targetOf({ body }: Called): DirectUpload {
  return body['direct_upload'] as DirectUpload
}

export function put({ url, headers }: DirectUpload, bytes: Uint8Array): Promise<Response> {
  return fetch(url, { method: 'PUT', headers: { ...headers }, body: new Blob([bytes as BlobPart]) })
}

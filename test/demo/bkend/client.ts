/** The calls that a client of bkend makes, as documented. */
import type { Demo } from '../../../demo/server/demo.ts'
import { type Called, call, type Fields } from '../calls.ts'

export type Upload = { readonly key: string; readonly uploadId: string }
export type Registered = { readonly fileId: string; readonly key: string }

export class BkendClient {
  readonly base: string
  readonly refreshToken: string
  readonly #headers: Readonly<Record<string, string>>

  private constructor(base: string, { apiKey, accessToken, refreshToken }: Readonly<Record<string, string>>) {
    this.base = base
    this.refreshToken = refreshToken ?? ''
    this.#headers = { 'x-api-key': apiKey ?? '', authorization: `Bearer ${accessToken}` }
  }

  static async signIn({ url }: Demo, user = 'visitor'): Promise<BkendClient> {
    const base = `${url}/api/bkend`
    const { body } = await call(base, 'POST /session', { user })
    return new BkendClient(base, body as Record<string, string>)
  }

  /** @param endpoint Such as `POST /v1/files`. @param headers Replaces the default headers; '' leaves one out. */
  call(
    endpoint: string,
    fields: Fields | string = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Called> {
    return call(this.base, endpoint, fields, { ...this.#headers, ...headers })
  }

  control(endpoint: string, body: unknown = {}): Promise<Called> {
    return call(`${this.base}/_control`, endpoint, JSON.stringify(body))
  }

  async init(name = 'a.bin'): Promise<Upload> {
    const fields = { filename: name, contentType: 'application/octet-stream', fileSize: 4 }
    const { body } = await this.call('POST /v1/files/multipart/init', fields)
    return { key: String(body['key']), uploadId: String(body['uploadId']) }
  }

  /** @returns The ETag with its quotes. */
  async putPart(upload: Upload, partNumber: number, bytes: Uint8Array): Promise<string> {
    const { body } = await this.call('POST /v1/files/multipart/presigned-url', { ...upload, partNumber })
    const response = await fetch(String(body['url']), { method: 'PUT', body: new Blob([bytes as BlobPart]) })
    return response.headers.get('etag') ?? `none, with ${response.status}`
  }

  /** Uploads in one PUT. @returns The key. */
  async put(name: string, text: string): Promise<string> {
    const fields = { filename: name, contentType: 'text/plain', fileSize: text.length }
    const { body } = await this.call('POST /v1/files/presigned-url', fields)
    await fetch(String(body['url']), { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: text })
    return String(body['key'])
  }

  /** Uploads and registers. */
  async file(name: string, more: Fields = {}, text = 'data'): Promise<Registered> {
    const key = await this.put(name, text)
    const fields = { s3Key: key, originalName: name, mimeType: 'text/plain', size: text.length }
    const { body } = await this.call('POST /v1/files', { ...fields, ...more })
    return { fileId: String(body['id']), key }
  }

  /** The stored bytes, read through the file's own download URL. */
  async download(fileId: string): Promise<Buffer> {
    const { body } = await this.call('POST /v1/files/:fileId/download-url', { fileId })
    return Buffer.from(await (await fetch(String(body['url']))).bytes())
  }
}

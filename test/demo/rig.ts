/** A running demo for tests, and the calls of its backend's clients. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Demo, type DemoOptions, startDemo } from '../../demo/server/demo.ts'
import { coverageAt } from './calls.ts'

export type Started = { readonly key: string; readonly uploadId: string; readonly partSize: number }
export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

/** Instead of the environment of whoever runs the tests. */
export function demoForTests(options: DemoOptions = {}): Promise<Demo> {
  return startDemo({ environment: {}, ...options })
}

export class Client {
  readonly #base: string

  constructor({ url }: Demo) {
    this.#base = `${url}/api/presigned`
  }

  /** @param path As in the request line. */
  async post(path: string, body: unknown): Promise<Answer> {
    const response = await fetch(`${this.#base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    const answer = { status: response.status, body: text === '' ? {} : JSON.parse(text) }
    const fields = typeof body === 'object' && body !== null ? { ...body } : undefined
    coverageAt(this.#base)?.note({ request: `POST ${path}`, ...answer, body: fields, answer: answer.body })
    return answer
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.#base}${path}`, init)
  }

  async start(fileName: string, fileSize: number, params: object = {}): Promise<Started> {
    const { status, body } = await this.post('/start-upload', {
      ...params,
      fileName,
      fileHash: 'ab',
      fileSize,
    })
    if (status !== 200) throw new Error(`start answered ${status}: ${JSON.stringify(body)}`)
    return body as Started
  }

  /** Puts one part, and returns its ETag as the library would send it. */
  async put(upload: Started, part: number, bytes: Uint8Array): Promise<string> {
    return putTo(await this.sign(upload, part), bytes)
  }

  /** Puts the same byte as each of these parts. */
  async putAll(upload: Started, parts: readonly number[]): Promise<void> {
    const urls = await this.#sign(upload, parts)
    await Promise.all(urls.map((url) => putTo(url, Buffer.from('x'))))
  }

  async sign(upload: Started, part: number): Promise<string> {
    const [url = ''] = await this.#sign(upload, [part])
    return url
  }

  async #sign({ key, uploadId }: Started, parts: readonly number[]): Promise<readonly string[]> {
    const { body } = await this.post('/get-upload-urls', { key, uploadId, parts })
    return Object.values(body['urls'] as Record<string, string>)
  }

  complete({ key, uploadId }: Started, etags: readonly string[]): Promise<Answer> {
    const parts = etags.map((ETag, index) => ({ PartNumber: index + 1, ETag }))
    return this.post(`/complete/${pathOf(uploadId, key)}`, { parts })
  }

  abort({ key, uploadId }: Started): Promise<Answer> {
    return this.post(`/abort/${pathOf(uploadId, key)}`, {})
  }
}

export async function putTo(url: string, bytes: Uint8Array): Promise<string> {
  const response = await fetch(url, { method: 'PUT', body: new Blob([bytes as BlobPart]) })
  if (!response.ok) throw new Error(`The storage answered ${response.status}: ${await response.text()}`)
  return response.headers.get('etag')?.replaceAll('"', '') ?? ''
}

export function pathOf(uploadId: string, key: string): string {
  return [uploadId, ...key.split('/')].map(encodeURIComponent).join('/')
}

export type Folder = { readonly path: string; remove(): Promise<void> }

/** A temporary folder with these files in it. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'longhaul-demo-test-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

import type { Answer } from '../backends/answer.ts'
import { type BkendAccessOptions, bkendAccess } from '../backends/bkend-access.ts'
import {
  answerOf,
  type BkendFile,
  type BkendMetadata,
  type BkendPage,
  type BkendVisibility,
  readFile,
  readPage,
} from '../backends/bkend-file.ts'
import { type Endpoint, endpointsOf, type Resolved } from '../backends/endpoint.ts'
import type { Ask } from '../backends/server.ts'
import { given } from '../options.ts'
import type { Call } from '../ports.ts'
import { FileCalls, type FileCallsOptions } from './file-calls.ts'

/** The path and method of each call. */
export type BkendFilesEndpoints = NonNullable<BkendAccessOptions['endpoints']> & {
  /** @default 'GET /v1/files/{fileId}' */
  readonly get?: Endpoint | undefined
  /** @default 'GET /v1/files' */
  readonly list?: Endpoint | undefined
  /** @default 'PATCH /v1/files/{fileId}' */
  readonly update?: Endpoint | undefined
  /** @default 'DELETE /v1/files/{fileId}' */
  readonly delete?: Endpoint | undefined
  /** @default 'POST /v1/files/{fileId}/download-url' */
  readonly downloadUrl?: Endpoint | undefined
}

/** The options of `bkendFiles`. */
export type BkendFilesOptions = BkendAccessOptions &
  Pick<FileCallsOptions, 'api'> & { readonly endpoints?: BkendFilesEndpoints | undefined }

/** Which files, and in which order. */
export type BkendQuery = {
  /** A file's name, or a piece of it. */
  readonly search?: string | undefined
  readonly visibility?: BkendVisibility | undefined
  readonly ownerType?: string | undefined
  readonly ownerId?: string | undefined
  readonly bucket?: string | undefined
  readonly mimeType?: string | undefined
  /** Such as `createdAt`. */
  readonly sortBy?: string | undefined
  /** @default 'desc' */
  readonly sortDirection?: 'asc' | 'desc' | undefined
  /** Files on a page, from 1 to 100. @default 20 */
  readonly limit?: number | undefined
}

/** What to change of a file. What is left out stays as it is. */
export type BkendChange = {
  readonly originalName?: string | undefined
  readonly visibility?: BkendVisibility | undefined
  /** Keys that it does not name stay as they are. */
  readonly metadata?: BkendMetadata | undefined
}

/** Where a file can be downloaded for a while. */
export type BkendDownload = {
  readonly url: string
  readonly filename: string
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  /** Until when the download can be started: ISO 8601. */
  readonly expiresAt: string
}

const standard = {
  get: 'GET /v1/files/{fileId}',
  list: 'GET /v1/files',
  update: 'PATCH /v1/files/{fileId}',
  delete: 'DELETE /v1/files/{fileId}',
  downloadUrl: 'POST /v1/files/{fileId}/download-url',
} as const

type Name = keyof typeof standard

/**
 * The files that bkend has registered. Calls are retried as an upload's are. Each rejects with an `UploadError`, such
 * as an `HttpError` with the status 404 and the `serviceCode` `file/not-found`, or with `signal.reason`.
 *
 * @throws TypeError as `bkend` does.
 *
 * @example
 * ```ts
 * const files = bkendFiles({ apiKey: 'pk_…', accessToken: () => auth.accessToken })
 * for await (const { id, originalName } of files.all({ mimeType: 'image/png' })) console.log(id, originalName)
 * const { url } = await files.downloadUrl(id)
 * ```
 */
export function bkendFiles(options: BkendFilesOptions): BkendFiles {
  return new BkendFiles(options)
}

/** Made by `bkendFiles`. */
export class BkendFiles {
  readonly #calls: FileCalls
  readonly #endpoints: Readonly<Record<Name, Resolved>>

  constructor(options: BkendFilesOptions) {
    const { api, endpoints } = options
    this.#calls = new FileCalls({ ...bkendAccess(options), ...(api && { api }) })
    this.#endpoints = endpointsOf(standard, endpoints)
  }

  /** One file. Rejects with 404 `file/not-found` if there is none. */
  get(fileId: string, call?: Partial<Call>): Promise<BkendFile> {
    return this.#ask('get', { path: { fileId } }, call).then(readFile)
  }

  /** One page of the files that the user may see. @param query `page` counts from 1. @default the first */
  list(
    query: BkendQuery & { readonly page?: number | undefined } = {},
    call?: Partial<Call>,
  ): Promise<BkendPage> {
    return this.#ask('list', { query }, call).then(readPage)
  }

  /** All of them, page by page, as they are asked for. */
  async *all(query: BkendQuery = {}, call?: Partial<Call>): AsyncGenerator<BkendFile, void, undefined> {
    for (let page = 1, isMore = true; isMore; page++) {
      const { items, pagination } = await this.list({ ...query, page }, call)
      yield* items
      isMore = pagination.hasNextPage
    }
  }

  /** @returns What the server then tells of the file: all of it, or its id and `updatedAt`. */
  update(fileId: string, change: BkendChange, call?: Partial<Call>): Promise<BkendFile> {
    return this.#ask('update', { path: { fileId }, body: given(change) }, call).then(readFile)
  }

  /**
   * Deletes the file and its bytes. Rejects with 404 `file/not-found` if it is gone already, also if the answer to an
   * earlier attempt was lost.
   */
  async delete(fileId: string, call?: Partial<Call>): Promise<void> {
    const reply = await this.#calls.ask(this.#endpoints.delete, { path: { fileId } }, call)
    reply.requireNoError()
  }

  /** A URL from which the file can be downloaded for a while. */
  async downloadUrl(fileId: string, call?: Partial<Call>): Promise<BkendDownload> {
    const answer = await this.#ask('downloadUrl', { path: { fileId } }, call)
    return {
      url: answer.url('url'),
      filename: answer.text('filename'),
      contentType: answer.text('contentType'),
      size: answer.count('size', 0),
      expiresAt: answer.text('expiresAt'),
    }
  }

  async #ask(name: Name, ask: Ask, call?: Partial<Call>): Promise<Answer> {
    const endpoint = this.#endpoints[name]
    return answerOf(await this.#calls.ask(endpoint, ask, call))
  }
}

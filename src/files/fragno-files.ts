import { type Endpoint, endpointsOf, type Resolved } from '../backends/endpoint.ts'
import { type FragnoFile, type FragnoVisibility, readFragnoFile } from '../backends/fragno-file.ts'
import type { Ask, Reply } from '../backends/server.ts'
import { HttpError } from '../errors.ts'
import { given } from '../options.ts'
import type { Call, Params } from '../ports.ts'
import { FileCalls, type FileCallsOptions } from './file-calls.ts'

/** The path and method of each call. */
export type FragnoFileEndpoints = {
  /** @default 'GET /files' */
  readonly list?: Endpoint | undefined
  /** @default 'GET /files/by-key' */
  readonly get?: Endpoint | undefined
  /** @default 'PATCH /files/by-key' */
  readonly update?: Endpoint | undefined
  /** @default 'DELETE /files/by-key' */
  readonly delete?: Endpoint | undefined
  /** @default 'GET /files/by-key/download-url' */
  readonly downloadUrl?: Endpoint | undefined
}

/** The options of `fragnoFiles`. */
export type FragnoFilesOptions = FileCallsOptions & {
  /**
   * For a server with other paths or methods, or to make a call with a function of your own. @default those of
   * `FragnoFileEndpoints`
   */
  readonly endpoints?: FragnoFileEndpoints | undefined
}

/** Names a stored file. A `FragnoFile` does, and so do the details of an upload's result. */
export type FragnoFileName = Pick<FragnoFile, 'provider' | 'fileKey'>

/** Which files to list; all of them if nothing is given. */
export type FragnoFileQuery = {
  readonly provider?: string | undefined
  /** The beginning of the key. */
  readonly prefix?: string | undefined
  readonly status?: FragnoFile['status'] | undefined
  readonly uploaderId?: string | undefined
  /** The most files on a page. @default the server's choice, 25 */
  readonly pageSize?: number | undefined
  /** The `cursor` of the page before. @default the first page */
  readonly cursor?: string | undefined
}

/** A page of the list of files. */
export type FragnoFilePage = {
  readonly files: readonly FragnoFile[]
  /** Of the next page; `undefined` if this is the last. */
  readonly cursor: string | undefined
}

/** What to change of a stored file. `null` removes it. */
export type FragnoFileChanges = {
  readonly filename?: string | undefined
  readonly visibility?: FragnoVisibility | undefined
  readonly tags?: readonly string[] | null | undefined
  readonly metadata?: Params | null | undefined
}

/** Where a file can be downloaded for a while. */
export type FragnoDownload = {
  readonly url: string
  /** A date such as `2026-08-22T10:00:00.000Z`. */
  readonly expiresAt: string
}

const standard = {
  list: 'GET /files',
  get: 'GET /files/by-key',
  update: 'PATCH /files/by-key',
  delete: 'DELETE /files/by-key',
  downloadUrl: 'GET /files/by-key/download-url',
} as const

type Name = keyof typeof standard

/**
 * The files that a server with Fragno's upload fragment keeps. Calls that fail for a while are retried. They reject
 * with `HttpError` (its `serviceCode` is the server's: `FILE_NOT_FOUND`, `SIGNED_URL_UNSUPPORTED`…), `BackendError`,
 * `NetworkError`, or with `signal.reason` after an abort.
 *
 * @throws TypeError for a `baseUrl` or an endpoint that is neither an http(s) URL nor a path, nor a function.
 *
 * @example
 * ```ts
 * import { fragnoFiles } from 'longhaul'
 *
 * const files = fragnoFiles({ baseUrl: '/api/uploads' })
 * for await (const file of files.all({ prefix: 'albums/42/' })) {
 *   const { url } = await files.downloadUrl(file)
 *   console.log(file.filename, url)
 * }
 * ```
 */
export function fragnoFiles(options: FragnoFilesOptions): FragnoFiles {
  return new FragnoFiles(options)
}

/** Made by `fragnoFiles`. */
export class FragnoFiles {
  readonly #calls: FileCalls
  readonly #endpoints: Readonly<Record<Name, Resolved>>

  constructor({ endpoints, ...options }: FragnoFilesOptions) {
    this.#calls = new FileCalls(options)
    this.#endpoints = endpointsOf(standard, endpoints)
  }

  /** One page. */
  async list(query: FragnoFileQuery = {}, call?: Partial<Call>): Promise<FragnoFilePage> {
    const answer = (await this.#calls.ask(this.#endpoints.list, { query }, call)).fields()
    const files = answer.list('files').map(readFragnoFile)
    const isLast = answer.json('hasNextPage') === false || answer.isNull('cursor')
    return { files, cursor: isLast ? undefined : answer.text('cursor') }
  }

  /** All of them one after the other, page by page, as they are asked for. */
  async *all(query: FragnoFileQuery = {}, call?: Partial<Call>): AsyncGenerator<FragnoFile, void, undefined> {
    let { cursor } = query
    do {
      const page = await this.list({ ...query, cursor }, call)
      yield* page.files
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  /** One file, also a deleted one: its `status` says so. */
  async get(file: FragnoFileName, call?: Partial<Call>): Promise<FragnoFile> {
    return readFragnoFile((await this.#ask('get', file, {}, call)).fields())
  }

  /** @returns The file as it is now. */
  async update(file: FragnoFileName, changes: FragnoFileChanges, call?: Partial<Call>): Promise<FragnoFile> {
    return readFragnoFile((await this.#ask('update', file, { body: given(changes) }, call)).fields())
  }

  /** Also resolves if there is no such file. */
  async delete(file: FragnoFileName, call?: Partial<Call>): Promise<void> {
    try {
      await this.#ask('delete', file, {}, call)
    } catch (error) {
      const isGone =
        error instanceof HttpError && ['FILE_NOT_FOUND', 'FILE_DELETED'].includes(error.serviceCode ?? '')
      if (!isGone) throw error
    }
  }

  /** A URL for a download. Rejects with `SIGNED_URL_UNSUPPORTED` if the storage cannot sign. */
  async downloadUrl(file: FragnoFileName, call?: Partial<Call>): Promise<FragnoDownload> {
    const answer = (await this.#ask('downloadUrl', file, {}, call)).fields()
    answer.date('expiresAt')
    return { url: answer.url('url'), expiresAt: answer.text('expiresAt') }
  }

  #ask(
    name: Name,
    { provider, fileKey }: FragnoFileName,
    ask: Ask,
    call: Partial<Call> | undefined,
  ): Promise<Reply> {
    return this.#calls.ask(this.#endpoints[name], { ...ask, query: { provider, key: fileKey } }, call)
  }
}

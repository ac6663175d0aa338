/** What a `fragno` backend can be told. */
import { inWords } from '../errors.ts'
import { requireOneOf } from '../options.ts'
import type { FileDescription, Params } from '../ports.ts'
import type { Endpoint } from './endpoint.ts'
import type { FragnoVisibility } from './fragno-file.ts'
import type { ServerOptions } from './server.ts'

/**
 * Where calls go. All but `create`, `listFiles` and `file` go where the answer to create says, unless they are given here;
 * `{uploadId}`, `{fileKey}` and `{provider}` can be in their paths. Only the content of a proxied upload always goes where
 * the server says.
 */
export type FragnoEndpoints = {
  /** Creates an upload, or finds it again. @default 'POST /uploads' */
  readonly create?: Endpoint | undefined
  /** @default `GET` to the `statusEndpoint` */
  readonly status?: Endpoint | undefined
  /** @default `POST` to the `progressEndpoint` */
  readonly progress?: Endpoint | undefined
  /** URLs for parts. @default `POST` to the `partsEndpoint` */
  readonly parts?: Endpoint | undefined
  /** The parts that clients have recorded. @default `GET` to the `partsEndpoint` */
  readonly listParts?: Endpoint | undefined
  /** Records parts. @default `POST` to the `partsCompleteEndpoint` */
  readonly partsComplete?: Endpoint | undefined
  /** @default `POST` to the `completeEndpoint` */
  readonly complete?: Endpoint | undefined
  /** @default `POST` to the `abortEndpoint` */
  readonly abort?: Endpoint | undefined
  /** Looks which file has the key, where a key is taken. @default 'GET /files' */
  readonly listFiles?: Endpoint | undefined
  /** Describes the stored file, where the answer to complete has not come. @default 'GET /files/by-key' */
  readonly file?: Endpoint | undefined
}

/** The same for every file, or a function of it. The same file has to get the same value at every visit. */
export type OfFile<T> = T | ((file: FileDescription) => T | Promise<T>)

/** The options of `fragno`. */
export type FragnoOptions = ServerOptions & {
  /** Where your server has other paths or methods than these, or a function of yours makes the call. @default those of `FragnoEndpoints` */
  readonly endpoints?: FragnoEndpoints | undefined
  /**
   * Where the file is to be kept: a path without empty segments, `.`, `..` and control characters. The server refuses
   * what it does not take, with `INVALID_FILE_KEY`. What else than the file it depends on has to be in the upload's
   * params, or another upload of the same file may go on with the first one's key.
   *
   * @default the file's digest, or its size and date where there is none, a slash, and the path or name of the file, less what no key may have
   */
  readonly fileKey?: OfFile<string> | undefined
  /** The server's name of the storage. @default the server's choice */
  readonly provider?: string | undefined
  /**
   * The digest that is computed before the upload is created. With it, creating is repeatable, and finds an upload of
   * the same file again whose checkpoint is lost; and the server compares a file that is sent in one request with it.
   * @default 'sha256'
   */
  readonly checksum?: 'sha256' | 'md5' | 'none' | undefined
  /** Bytes. Files that are larger are created without a checksum, for computing it takes time. @default 1 GiB */
  readonly checksumLimit?: number | undefined
  /** @default the server's, private */
  readonly visibility?: OfFile<FragnoVisibility | undefined>
  readonly tags?: OfFile<readonly string[] | undefined>
  /** @default the upload's params, where it has any */
  readonly metadata?: OfFile<Params | undefined>
  readonly uploaderId?: OfFile<string | undefined>
}

/** @throws TypeError or RangeError */
export function requireChecksum(checksum: string, limit: number): void {
  requireOneOf('checksum', checksum, ['sha256', 'md5', 'none'])
  if (!(limit >= 0))
    throw new RangeError(`Expected \`checksumLimit\` to be a number of bytes, got ${inWords(limit)}`)
}

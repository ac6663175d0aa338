/** The options of a `fragno` backend. */
import { inWords } from '../errors.ts'
import { requireOneOf } from '../options.ts'
import type { FileDescription, Params } from '../ports.ts'
import type { Endpoint } from './endpoint.ts'
import type { FragnoVisibility } from './fragno-file.ts'
import type { ServerOptions } from './server.ts'

/**
 * The endpoints of `fragno`. `create`, `listFiles` and `file` have paths of their own. The answer to `create` names the
 * paths of the others, unless they are given here, where they can have `{uploadId}`, `{fileKey}` and `{provider}`. The
 * content of a proxied upload always goes where the server says.
 */
export type FragnoEndpoints = {
  /** Creates an upload, or finds it again. @default 'POST /uploads' */
  readonly create?: Endpoint | undefined
  /** Says what became of an upload. @default `GET` to the `statusEndpoint` */
  readonly status?: Endpoint | undefined
  /** Takes the progress, for the server's information. @default `POST` to the `progressEndpoint` */
  readonly progress?: Endpoint | undefined
  /** Returns URLs for parts. @default `POST` to the `partsEndpoint` */
  readonly parts?: Endpoint | undefined
  /** Lists the parts that clients have recorded. @default `GET` to the `partsEndpoint` */
  readonly listParts?: Endpoint | undefined
  /** Records stored parts. @default `POST` to the `partsCompleteEndpoint` */
  readonly partsComplete?: Endpoint | undefined
  /** Makes the file. @default `POST` to the `completeEndpoint` */
  readonly complete?: Endpoint | undefined
  /** Throws the upload away. @default `POST` to the `abortEndpoint` */
  readonly abort?: Endpoint | undefined
  /** Finds the file that has a key, if the key is taken. @default 'GET /files' */
  readonly listFiles?: Endpoint | undefined
  /** Describes the stored file, if the answer to `complete` was lost. @default 'GET /files/by-key' */
  readonly file?: Endpoint | undefined
}

/** A value for every file, or a function of the file. The same file must get the same value at every visit. */
export type OfFile<T> = T | ((file: FileDescription) => T | Promise<T>)

/** The options of `fragno`. */
export type FragnoOptions = ServerOptions & {
  /** Your server's paths and methods, or functions that make the calls. @default those of `FragnoEndpoints` */
  readonly endpoints?: FragnoEndpoints | undefined
  /**
   * The key under which the file is stored: a path without empty segments, `.`, `..` and control characters. The server
   * refuses a bad key with `INVALID_FILE_KEY`. If the key depends on anything but the file, put that into the upload's
   * params. Otherwise another upload of the same file may continue with the first one's key.
   *
   * @default the file's digest (or its size and date if it has none), a slash, and its path or name without what no key may
   * have
   */
  readonly fileKey?: OfFile<string> | undefined
  /** The server's name of the storage. @default the server's choice */
  readonly provider?: string | undefined
  /**
   * The digest that is computed before the upload is created. It makes creating repeatable, so that an upload whose
   * checkpoint is lost is found again. The server also compares it with a file that is sent in one request.
   * @default 'sha256'
   */
  readonly checksum?: 'sha256' | 'md5' | 'none' | undefined
  /** The largest file, in bytes, for which the checksum is computed, because that takes time. 0 or more. @default 1 GiB */
  readonly checksumLimit?: number | undefined
  /** Who may see the file. @default the server's, private */
  readonly visibility?: OfFile<FragnoVisibility | undefined>
  /** The file's tags. @default the server's */
  readonly tags?: OfFile<readonly string[] | undefined>
  /** The file's metadata. @default the upload's params, if it has any */
  readonly metadata?: OfFile<Params | undefined>
  /** The id of the uploader. @default the server's */
  readonly uploaderId?: OfFile<string | undefined>
}

/** @throws TypeError for an unknown checksum, RangeError for a limit that is no number of bytes. */
export function requireChecksum(checksum: string, limit: number): void {
  requireOneOf('checksum', checksum, ['sha256', 'md5', 'none'])
  if (!(limit >= 0))
    throw new RangeError(`Expected \`checksumLimit\` to be a number of bytes, got ${inWords(limit)}`)
}

/** A file as Fragno's upload fragment describes it. */
import type { Json } from '../ports.ts'
import { Answer } from './answer.ts'

/** A digest of the file, as the server stores it. */
export type FragnoChecksum = { readonly algo: 'sha256' | 'md5'; readonly value: string }

/** Who may see a file. */
export type FragnoVisibility = 'private' | 'public' | 'unlisted'

/**
 * The server's description of a stored file. `fragnoFile` reads it from an upload's result. Dates are texts such as
 * `2026-08-22T10:00:00.000Z`, or null if the server does not tell them.
 */
export type FragnoFile = {
  /** The file's key: `UploadResult.key`. */
  readonly fileKey: string
  /** The server's name of the storage. */
  readonly provider: string
  readonly filename: string
  /** The size of the file, in bytes. */
  readonly sizeBytes: number
  readonly contentType: string
  /** The digest that the upload was created with. */
  readonly checksum: FragnoChecksum | null
  readonly visibility: FragnoVisibility
  readonly tags: readonly string[] | null
  readonly metadata: { readonly [name: string]: Json } | null
  readonly uploaderId: string | null
  readonly status: 'ready' | 'deleted'
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly completedAt: string | null
  readonly deletedAt: string | null
  readonly errorCode: string | null
  readonly errorMessage: string | null
}

const visibilities: readonly FragnoVisibility[] = ['private', 'public', 'unlisted']

/** @throws BackendError if a field breaks the contract. */
export function readFragnoFile(answer: Answer): FragnoFile {
  return {
    fileKey: answer.text('fileKey'),
    provider: answer.text('provider'),
    filename: answer.text('filename'),
    sizeBytes: answer.count('sizeBytes', 0),
    contentType: answer.text('contentType'),
    checksum: answer.isNull('checksum') ? null : readChecksum(answer.inner('checksum')),
    visibility: answer.oneOf('visibility', visibilities),
    tags: readTags(answer),
    metadata: answer.isNull('metadata') ? null : readMetadata(answer),
    uploaderId: readText(answer, 'uploaderId'),
    status: answer.oneOf('status', ['ready', 'deleted']),
    createdAt: readText(answer, 'createdAt'),
    updatedAt: readText(answer, 'updatedAt'),
    completedAt: readText(answer, 'completedAt'),
    deletedAt: readText(answer, 'deletedAt'),
    errorCode: readText(answer, 'errorCode'),
    errorMessage: readText(answer, 'errorMessage'),
  }
}

/**
 * Reads the stored file from `UploadResult.details` of an upload to a `fragno` backend. The fields are checked only here, so
 * that a bad field does not fail a complete upload.
 *
 * @returns The file, or `undefined` if the server did not describe it.
 * @throws BackendError if a field breaks the contract.
 *
 * @example
 * ```ts
 * const { details } = await uploader.uploadFile(file)
 * const stored = fragnoFile(details)
 * console.log(stored?.fileKey, stored?.visibility)
 * ```
 */
export function fragnoFile(details: Json | undefined): FragnoFile | undefined {
  return details === undefined ? undefined : readFragnoFile(new Answer('details', details))
}

function readChecksum(checksum: Answer): FragnoChecksum {
  return { algo: checksum.oneOf('algo', ['sha256', 'md5']), value: checksum.text('value') }
}

/** The text may be empty, as the application may have set it so. */
function readText(answer: Answer, field: string): string | null {
  return answer.isNull(field) ? null : answer.string(field)
}

function readTags(answer: Answer): readonly string[] | null {
  const tags = answer.json('tags') ?? null
  if (tags === null) return null
  return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
    ? tags
    : answer.refuse('tags', 'a list of strings or null')
}

/** The values inside need no check: they came as JSON. */
function readMetadata(answer: Answer): { readonly [name: string]: Json } {
  answer.inner('metadata')
  return answer.json('metadata') as { readonly [name: string]: Json }
}

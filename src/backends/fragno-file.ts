/** A file as Fragno's upload fragment describes it. */
import type { Json } from '../ports.ts'
import { Answer } from './answer.ts'

/** A digest of the file, as the server keeps it. */
export type FragnoChecksum = { readonly algo: 'sha256' | 'md5'; readonly value: string }

/** Who may see a file, as the server understands it. */
export type FragnoVisibility = 'private' | 'public' | 'unlisted'

/**
 * A stored file, as the server describes it; `fragnoFile` reads it out of an upload's result. Dates are texts such as
 * `2026-08-22T10:00:00.000Z`, and null where the server does not say them.
 */
export type FragnoFile = {
  readonly fileKey: string
  /** The server's name of the storage. */
  readonly provider: string
  readonly filename: string
  /** Bytes. */
  readonly sizeBytes: number
  readonly contentType: string
  /** As it was given when the upload was created. */
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

/** Throws `BackendError` where a field is not as the contract has it. */
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
 * The stored file, out of `UploadResult.details` of an upload to a `fragno` backend: these are what the server has
 * answered, and are read field by field here only, so that an upload that is complete does not fail for them.
 *
 * @returns `undefined` where the server has told nothing of it.
 * @throws BackendError where a field is not as the contract has it.
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

/** They may be empty, as the application may have given them so. */
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

/** What is inside came as JSON, so that it is JSON. */
function readMetadata(answer: Answer): { readonly [name: string]: Json } {
  answer.inner('metadata')
  return answer.json('metadata') as { readonly [name: string]: Json }
}

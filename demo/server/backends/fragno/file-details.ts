import { isDeepStrictEqual } from 'node:util'
import { readFilled, readObject, readText, readWhole } from '../contract.ts'
import { readAnyList, readNullable, readOneOf, readOptional } from '../contract-values.ts'
import { type Checksum, readChecksum } from './checksum.ts'
import { readFileKey } from './file-key.ts'

export const visibilities = ['private', 'public', 'unlisted'] as const

/** What a client says about a file. */
export type FileDetails = {
  readonly provider: string
  readonly fileKey: string
  readonly filename: string
  readonly sizeBytes: number
  readonly contentType: string
  readonly checksum: Checksum | null
  readonly tags: readonly string[] | null
  readonly visibility: (typeof visibilities)[number]
  readonly uploaderId: string | null
  readonly metadata: Readonly<Record<string, unknown>> | null
}

/** `publicationMode` comes from unreleased source, so this server does not know it, and neither does the document. */
const fields = [
  'fileKey',
  'keyParts',
  'provider',
  'filename',
  'sizeBytes',
  'contentType',
  'checksum',
  'tags',
  'visibility',
  'uploaderId',
  'metadata',
]

/** @param provider For a request that names none. */
export function readFileDetails(body: unknown, provider: string): FileDetails {
  const given = readObject(body, 'the body', fields)
  return {
    provider: readOptional(given['provider'], 'provider', readProvider) ?? provider,
    filename: readFilled(given['filename'], 'filename'),
    sizeBytes: readWhole(given['sizeBytes'], 'sizeBytes', { from: 0, to: Number.MAX_SAFE_INTEGER }),
    contentType: readFilled(given['contentType'], 'contentType'),
    tags: readNullable(given['tags'], 'tags', readTags),
    visibility: readOptional(given['visibility'], 'visibility', readVisibility) ?? 'private',
    uploaderId: readNullable(given['uploaderId'], 'uploaderId', readText),
    metadata: readNullable(given['metadata'], 'metadata', readMetadata),
    fileKey: readFileKey(given),
    checksum: readNullable(given['checksum'], 'checksum', readChecksum),
  }
}

/** Whether a request is for the same file, to the letter: the same checksum in another notation counts as different. */
export function sameDetails(one: FileDetails, other: FileDetails): boolean {
  return isDeepStrictEqual(one, other)
}

export function readProvider(value: unknown, name: string): string {
  return readFilled(readText(value, name).trim(), name)
}

export function readTags(value: unknown, name: string): readonly string[] {
  return readAnyList(value, name, readText)
}

export function readVisibility(value: unknown, name: string): FileDetails['visibility'] {
  return readOneOf(value, name, visibilities)
}

export function readMetadata(value: unknown, name: string): Readonly<Record<string, unknown>> {
  return readObject(value, name)
}

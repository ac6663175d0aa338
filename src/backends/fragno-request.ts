/** The request with which a `fragno` backend creates an upload, and the meaning of a refusal. */
import { canonical } from '../canonical.ts'
import { HttpError } from '../errors.ts'
import { chosen, given } from '../options.ts'
import type { FileDescription, Params } from '../ports.ts'
import type { Answer } from './answer.ts'
import type { JsonFields } from './endpoint.ts'
import type { FragnoChecksum } from './fragno-file.ts'
import type { FragnoOptions } from './fragno-options.ts'
import { mediaType } from './media-type.ts'

/** @param algo The algorithm of the file's digest, if it has one. */
export async function requestFor(
  file: FileDescription,
  options: FragnoOptions,
  algo: FragnoChecksum['algo'] | undefined,
): Promise<JsonFields> {
  const { fileKey = defaultKey, provider, visibility, tags, metadata = ownParams, uploaderId } = options
  const { name, size, type, digest } = file
  return given({
    fileKey: await chosen(fileKey, file),
    provider,
    filename: name,
    sizeBytes: size,
    contentType: mediaType(type),
    checksum: algo && digest && { algo, value: digest },
    visibility: await chosen(visibility, file),
    tags: await chosen(tags, file),
    metadata: await chosen(metadata, file),
    uploaderId: await chosen(uploaderId, file),
  })
}

/**
 * Tells files apart: two people's files of one name must not meet under one key. It drops control characters, and the
 * segments of dropped paths that no key may have (`/a/b` of a FileSystemEntry, `./b` of react-dropzone).
 */
function defaultKey({ digest, size, lastModified, relativePath, name }: FileDescription): string {
  const path = (relativePath || name).replace(/\p{Cc}/gu, '_').split('/')
  return [digest ?? `${size}-${lastModified}`, ...path.filter((one) => !/^\.{0,2}$/.test(one))].join('/')
}

function ownParams({ params }: FileDescription): Params | undefined {
  return Object.keys(params).length > 0 ? params : undefined
}

/** Whether the file is stored, with everything that was asked for. */
export function holds({ all: file }: Answer, request: JsonFields): boolean {
  return Object.entries({ ...request, status: 'ready' }).every(
    ([name, value]) => canonical(value) === canonical(file[name]),
  )
}

const underWay =
  'an upload with another checksum, name or metadata has this fileKey: abort it, let it expire, or choose another fileKey'

/** What to do about a refusal to create. */
const advice: ReadonlyMap<string | undefined, string> = new Map([
  ['UPLOAD_ALREADY_ACTIVE', underWay],
  ['UPLOAD_METADATA_MISMATCH', underWay],
  ['FILE_ALREADY_EXISTS', 'another file has this fileKey: delete it, or choose another fileKey'],
])

/** Adds advice to a refusal that the user or the application can do something about. */
export function explained(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error
  const detail = advice.get(error.serviceCode)
  return detail === undefined ? error : new HttpError({ ...error, detail })
}

/** Reads the fields with which a file is registered or changed. */
import { readFilled, readObject, readWhole } from '../contract.ts'
import { optional, readBucket, readName, readSize, readType, readVisibility } from './file-fields.ts'
import { readMetadata } from './file-metadata.ts'
import type { FileChange, NewFile } from './file-records.ts'
import { requireOwnKey } from './object-key.ts'

/** Pixels. */
const pixels = { from: 1, to: 1_000_000 }

const newFileFields = [
  's3Key',
  'originalName',
  'mimeType',
  'size',
  'width',
  'height',
  'visibility',
  'bucket',
  'metadata',
]

export function readNewFile(body: unknown, ownerId: string): NewFile {
  const fields = readObject(body, 'the body', newFileFields)
  const bucket = readBucket(fields['bucket'])
  return {
    s3Key: requireOwnKey(readFilled(fields['s3Key'], 's3Key'), ownerId),
    originalName: readName(fields['originalName'], 'originalName'),
    mimeType: readType(fields['mimeType'], 'mimeType'),
    size: readSize(fields['size'], 'size'),
    ...readPixels(fields, 'width'),
    ...readPixels(fields, 'height'),
    visibility: readVisibility(fields['visibility']),
    ...(bucket === undefined ? {} : { bucket }),
    ownerId,
    metadata: readMetadata(fields['metadata'] ?? {}),
  }
}

function readPixels(
  fields: Readonly<Record<string, unknown>>,
  name: 'width' | 'height',
): Partial<Record<'width' | 'height', number>> {
  const count = optional(fields[name], (one) => readWhole(one, name, pixels))
  return count === undefined ? {} : { [name]: count }
}

export function readChange(body: unknown): FileChange {
  const fields = readObject(body, 'the body', ['originalName', 'visibility', 'metadata'])
  const originalName = optional(fields['originalName'], (one) => readName(one, 'originalName'))
  const visibility = optional(fields['visibility'], (one) => readVisibility(one))
  const metadata = optional(fields['metadata'], readMetadata)
  return {
    ...(originalName === undefined ? {} : { originalName }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

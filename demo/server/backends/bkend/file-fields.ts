/** Fields that several endpoints have. Each is refused with the document's code for it. */
import { readObject, readText, readWhole } from '../contract.ts'
import { readChoice } from '../read-choice.ts'
import { BkendFailure } from './failures.ts'

export const visibilities = ['public', 'private', 'protected', 'shared'] as const
export const buckets = ['avatars', 'documents', 'media', 'files', 'images', 'temp'] as const
const categories = ['images', 'documents', 'media', 'attachments', 'exports', 'backups', 'temp'] as const

export type Visibility = (typeof visibilities)[number]

/** Characters. The document has no numbers for these. */
const longestName = 255
const longestType = 255
/** S3's largest object. Bytes. */
const largestFile = 5 * 1024 ** 4

export function readName(value: unknown, field: string): string {
  const name = readText(value, field)
  if (name.length > longestName)
    throw new BkendFailure('file/original-name-too-long', tooLong(field, longestName, name.length))
  const valid = name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}]/u.test(name)
  if (valid) return name
  throw new BkendFailure(
    'file/invalid-name',
    `Expected \`${field}\` to be a file's name, got ${quoted(name)}`,
  )
}

export function readType(value: unknown, field: string): string {
  const type = readText(value, field)
  if (type.length > longestType)
    throw new BkendFailure('file/mime-type-too-long', tooLong(field, longestType, type.length))
  if (/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;.+)?$/.test(type)) return type
  throw new BkendFailure(
    'file/invalid-format',
    `Expected \`${field}\` to be a MIME type, got ${quoted(type)}`,
  )
}

/** Bytes. @param largest The most that S3 takes in this kind of upload. */
export function readSize(value: unknown, field: string, largest: number = largestFile): number {
  if (typeof value === 'number' && value < 0)
    throw new BkendFailure('file/size-negative', `Expected \`${field}\` to be 0 or more, got ${value}`)
  if (typeof value === 'number' && value > largest)
    throw new BkendFailure(
      'file/file-too-large',
      `Expected \`${field}\` to be at most ${largest}, got ${value}`,
    )
  return readWhole(value, field, { from: 0, to: largest })
}

/** If it is left out, a file is private. */
export function readVisibility(value: unknown, field = 'visibility'): Visibility {
  return readChoice(value ?? 'private', field, visibilities)
}

export function readCategory(value: unknown): string | undefined {
  return optional(value, (one) => readChoice(one, 'category', categories))
}

export function readBucket(value: unknown, field = 'bucket'): string | undefined {
  return optional(value, (one) => readChoice(one, field, buckets))
}

export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value)
}

/** The two endpoints with which an upload begins. */
const uploadFields = ['filename', 'contentType', 'fileSize', 'visibility', 'category'] as const

export type UploadFields = {
  readonly filename: string
  readonly contentType: string
  readonly fileSize: unknown
}

export function readNewUpload(body: unknown): UploadFields {
  const fields = readObject(body, 'the body', uploadFields)
  readVisibility(fields['visibility'])
  readCategory(fields['category'])
  return {
    filename: readName(fields['filename'], 'filename'),
    contentType: readType(fields['contentType'], 'contentType'),
    fileSize: fields['fileSize'],
  }
}

function tooLong(field: string, longest: number, length: number): string {
  return `Expected \`${field}\` to be at most ${longest} characters, got ${length}`
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}

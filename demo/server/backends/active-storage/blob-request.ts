import { ContractError, parseBody, readFilled, readObject, readWhole } from '../contract.ts'
import { UploadFailure } from './failures.ts'

export type BlobRequest = {
  readonly filename: string
  readonly byte_size: number
  readonly checksum: string
  readonly content_type: string
  readonly metadata: Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

/** S3's largest single PUT. Bytes. */
const largestPut = 5 * 1024 ** 3
const vendorFields = ['filename', 'content_type', 'byte_size', 'checksum']
const railsFields = [...vendorFields, 'metadata']

/** The vendor's document has no `metadata` in the request, so there it is an unknown field. */
export function readVendorRequest(text: string): BlobRequest {
  const { blob } = at(['body'], () => readObject(parseBody(text), 'the body', ['blob']))
  return readBlob(at(['body', 'blob'], () => readObject(blob, 'blob', vendorFields)))
}

/** Rails has a single failure for everything that is no request for a blob. */
export function readRailsRequest(text: string): BlobRequest {
  const { blob } = readObject(parseBody(text), 'the body', ['blob'])
  readObject(blob, 'blob')
  return readBlob(at(['body', 'blob'], () => readObject(blob, 'blob', railsFields)))
}

/** Real Rails answers 500 if one of these is missing, and finds some mistakes only at the PUT. */
function readBlob(fields: Fields): BlobRequest {
  const field = <T>(name: string, read: (value: unknown, name: string) => T): T =>
    at(['body', 'blob', name], () => read(fields[name], `blob.${name}`))
  return {
    filename: field('filename', readFilled),
    byte_size: field('byte_size', (value, name) => readWhole(value, name, { from: 0, to: largestPut })),
    checksum: field('checksum', readMd5),
    content_type: field('content_type', readType),
    metadata: field('metadata', (value, name) => readObject(value ?? {}, name)),
  }
}

/**
 * Where the document describes the checksum, it says SHA-256; where it describes the header by which the storage checks
 * it, it says MD5. The storage accepts only an MD5 there, so it has to be one.
 */
function readMd5(value: unknown, name: string): string {
  const text = readFilled(value, name)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 16 && bytes.toString('base64') === text) return text
  throw new ContractError(
    `Expected \`${name}\` to be the Base64 of an MD5 (16 bytes), got ${JSON.stringify(text)}`,
  )
}

function readType(value: unknown, name: string): string {
  const type = readFilled(value, name)
  if (/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *;.+)?$/.test(type)) return type
  throw new ContractError(`Expected \`${name}\` to be a MIME type, got ${JSON.stringify(type)}`)
}

function at<T>(path: readonly string[], read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ContractError) throw new UploadFailure('validation-error', error.message, path)
    throw error
  }
}

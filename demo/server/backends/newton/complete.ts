/** POST /files/uploads/{upload_id}/complete */
import type { Readable } from 'node:stream'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { createCRC32 } from 'hash-wasm'
import { expected, readObject, readText } from '../contract.ts'
import { readOptional } from '../contract-values.ts'
import { abort, complete, type Place } from '../s3.ts'
import { NewtonError } from './errors.ts'
import { readTokens, type Token } from './parts.ts'
import { allParts, type NewtonUpload, storageNumber } from './upload.ts'

export type Completion = {
  /** Of every part, in order. */
  readonly tokens: readonly Token[]
  /** Base64; `undefined` if the client has none. */
  readonly checksum: string | undefined
}

/** CRC32C's polynomial, in hash-wasm's bit order. */
const castagnoli = 0x82f63b78

export function readCompletion(body: unknown, upload: NewtonUpload): Completion {
  const { parts, integrity_checksum } = readObject(body, 'the body', ['parts', 'integrity_checksum'])
  const given = readTokens(parts, upload)
  const checksum = readOptional(integrity_checksum, 'integrity_checksum', (value, name) =>
    readChecksum(value, name, upload),
  )
  return { tokens: allTokens(upload, given), checksum }
}

/** A part with a checkpoint may be listed too. It was sent again then, and the newer token counts. */
function allTokens(upload: NewtonUpload, given: readonly Token[]): readonly Token[] {
  const tokens = new Map([...upload.checkpoints, ...given])
  const missing = allParts(upload).filter(({ number }) => !tokens.has(number))
  if (missing.length === 0) return [...tokens].toSorted(([one], [other]) => one - other)
  const numbers = missing.map(({ number }) => number).join(', ')
  throw new NewtonError(
    'missing_parts',
    `Expected a token or a checkpoint of every part, got none of ${numbers}`,
  )
}

function readChecksum(value: unknown, name: string, { integrity }: NewtonUpload): string {
  const text = readText(value, name)
  if (integrity !== 'crc32c') throw expected(name, 'left out, as the algorithm is none', value)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 4 && bytes.toString('base64') === text) return text
  throw expected(name, 'the 4 bytes of a CRC32C in base64', value)
}

/** Makes the object, and throws if it is not the file. */
export async function makeObject(
  place: Place,
  upload: NewtonUpload,
  { tokens, checksum }: Completion,
): Promise<void> {
  if (tokens.length === 0) await makeEmpty(place, upload)
  else await makeFromParts(place, upload, tokens)
  const stored = await measure(place, upload)
  if (stored.size !== upload.file.size) throw corrupt(`${upload.file.size} bytes`, `${stored.size}`)
  if (checksum !== undefined && checksum !== stored.crc32c)
    throw corrupt(`the CRC32C ${checksum}`, stored.crc32c)
}

async function makeFromParts(place: Place, upload: NewtonUpload, tokens: readonly Token[]): Promise<void> {
  const { objectKey: key, storageUploadId: uploadId } = upload
  const parts = tokens.map(([number, token]) => ({ PartNumber: storageNumber(upload, number), ETag: token }))
  await complete(place, { key, uploadId }, parts)
}

/** S3 does not make an object of no parts. */
async function makeEmpty(place: Place, { objectKey, storageUploadId, file }: NewtonUpload): Promise<void> {
  const object = { Bucket: place.bucket, Key: objectKey, ContentType: file.type, Body: '' }
  await place.s3.send(new PutObjectCommand(object))
  await abort(place, { key: objectKey, uploadId: storageUploadId })
}

/** Reads the whole object. */
async function measure(
  { s3, bucket }: Place,
  { objectKey }: NewtonUpload,
): Promise<{ readonly size: number; readonly crc32c: string }> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }))
  const hasher = await createCRC32(castagnoli)
  hasher.init()
  let size = 0
  // In Node the SDK's body is a Node stream.
  for await (const chunk of Body as Readable as AsyncIterable<Buffer>) {
    hasher.update(chunk)
    size += chunk.length
  }
  return { size, crc32c: Buffer.from(hasher.digest('binary')).toString('base64') }
}

function corrupt(expectation: string, received: string): NewtonError {
  return new NewtonError(
    'integrity_mismatch',
    `Expected ${expectation}, got ${received}`,
    'The file is marked as corrupt: upload it again',
  )
}

import type { CompletedPart } from '@aws-sdk/client-s3'
import { readFilled, readObject } from '../contract.ts'
import type { MultipartUpload } from '../s3.ts'
import { BkendFailure } from './failures.ts'
import { requireOwnKey } from './object-key.ts'

type Fields = Readonly<Record<string, unknown>>

const maxParts = 10_000

/** @param more The endpoint's own fields, besides the two that all have. */
export function readFields(body: unknown, ...more: readonly string[]): Fields {
  return readObject(body, 'the body', ['key', 'uploadId', ...more])
}

export function readUpload(fields: Fields, owner: string): MultipartUpload {
  const uploadId = readFilled(fields['uploadId'], 'uploadId')
  return { key: requireOwnKey(readFilled(fields['key'], 'key'), owner), uploadId }
}

export function readPartNumber(value: unknown): number {
  if (isPartNumber(value)) return value
  const expected = `Expected \`partNumber\` to be a whole number from 1 to ${maxParts}`
  throw new BkendFailure('file/invalid-part-number-range', `${expected}, got ${inWords(value)}`)
}

/**
 * The document specifies neither the order nor the form of the ETags. S3 wants ascending numbers, and the vendor's
 * example keeps the quotes.
 */
export function readParts(value: unknown): readonly CompletedPart[] {
  if (!Array.isArray(value) || value.length === 0) throw wrong('parts', 'a list that is not empty', value)
  let last = 0
  return value.map((item: unknown, index) => {
    const part = readPart(item, `parts[${index}]`, last)
    last = part.PartNumber
    return part
  })
}

function readPart(item: unknown, name: string, after: number): { PartNumber: number; ETag: string } {
  if (typeof item !== 'object' || item === null) throw wrong(name, 'an object', item)
  const { partNumber, etag, ...more } = item as Fields
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) throw wrong(name, 'an object with partNumber and etag only', unknown)
  if (!isPartNumber(partNumber) || partNumber <= after)
    throw wrong(`${name}.partNumber`, `a whole number from ${after + 1} to ${maxParts}`, partNumber)
  if (typeof etag !== 'string' || !/^"[^"]+"$/.test(etag))
    throw wrong(`${name}.etag`, 'an ETag in its quotes', etag)
  return { PartNumber: partNumber, ETag: etag }
}

function isPartNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxParts
}

function wrong(name: string, expected: string, received: unknown): BkendFailure {
  const message = `Expected \`${name}\` to be ${expected}, got ${inWords(received)}`
  return new BkendFailure('file/invalid-parts-array', message)
}

function inWords(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
}

/**
 * The requests that each server accepts, field by field, with their valid values. Its contract forbids everything else.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ApiRequest, DigestAlgorithm, Json } from '../../../src/ports.ts'
import { base, type Fields } from '../../fuzz/servers/model-server.ts'

/** The truth about a file and its uploads, by which requests are judged. */
export interface Facts {
  readonly name: string
  readonly size: number
  /** In hex, or its equivalent. */
  digest(algorithm: DigestAlgorithm): string
  /** All parts of an upload, ascending, with the storage's ETags. */
  parts(upload: string): readonly { readonly number: number; readonly size: number; readonly etag: string }[]
  /** Whether the server has recorded the part because the client reported it earlier. */
  isRecorded(upload: string, number: number): boolean
  /** Whether the same request was made before, for this upload. */
  wasAsked(path: string, key: string): boolean
}

/** The required body, or a check of it. */
type Rule = readonly [
  request: RegExp,
  body: (facts: Facts, body: Fields, found: readonly string[]) => Json | boolean | undefined,
]

type Contract = {
  readonly rules: readonly Rule[]
  /** The key that a result must have, by the storage's name for the upload. */
  readonly key: (upload: string, facts: Facts) => string
}

const type = 'application/octet-stream'
const nothing = (): undefined => undefined

const presigned: Contract = {
  rules: [
    [
      /^POST \/start-upload$/,
      ({ name, size, digest }) => ({ fileName: name, fileHash: digest('xxhash64'), fileSize: size }),
    ],
    [
      /^POST \/get-upload-urls$/,
      (facts, { key, uploadId, parts, ...more }) =>
        key === presigned.key(String(uploadId), facts) &&
        isEmpty(more) &&
        areParts(facts, String(uploadId), parts),
    ],
    [
      /^POST \/complete\/(u\d+)\/(.+)$/,
      (facts, _, [, id = '', key]) =>
        key === presigned.key(id, facts) && {
          parts: facts.parts(id).map(({ number, etag }) => ({ PartNumber: number, ETag: unquoted(etag) })),
        },
    ],
    [/^POST \/list\/(u\d+)\/(.+)$/, () => ({ after: 0 })],
    [/^POST \/(status|abort)\/(u\d+)\/(.+)$/, () => ({})],
  ],
  key: (upload, { name }) => `uploads/${upload.slice(1)}/of ${name}`,
}

const bkend: Contract = {
  rules: [
    [
      /^POST \/v1\/files\/(multipart\/init|presigned-url)$/,
      ({ name, size }) => ({ filename: name, contentType: type, fileSize: size, category: 'media' }),
    ],
    [
      /^POST \/v1\/files\/multipart\/presigned-url$/,
      (facts, { key, uploadId, partNumber, ...more }) =>
        isPair(key, uploadId) && isEmpty(more) && areParts(facts, String(uploadId), [partNumber ?? null]),
    ],
    [
      /^POST \/v1\/files\/multipart\/complete$/,
      (facts, { uploadId }) => ({
        key: `files/${uploadId}`,
        uploadId: uploadId ?? null,
        parts: facts.parts(String(uploadId)).map(({ number, etag }) => ({ partNumber: number, etag })),
      }),
    ],
    [
      /^POST \/v1\/files\/multipart\/abort$/,
      (_, { key, uploadId, ...more }) => isPair(key, uploadId) && isEmpty(more),
    ],
    [
      /^POST \/v1\/files$/,
      ({ name, size, wasAsked }, { s3Key }) =>
        wasAsked('/v1/files/multipart/complete', String(s3Key)) && {
          s3Key: s3Key ?? null,
          originalName: name,
          mimeType: type,
          size,
          metadata: { category: 'media' },
        },
    ],
    [/^GET \/v1\/files$/, nothing],
  ],
  key: (upload) => `files/${upload}`,
}

const newton: Contract = {
  rules: [
    [
      /^POST \/files\/uploads\/initiate$/,
      ({ name, size }, { resume_if_started }) =>
        typeof resume_if_started === 'boolean' && {
          filename: name,
          file_type: type,
          num_bytes: size,
          resume_if_started,
        },
    ],
    [
      /^POST \/files\/uploads\/(u\d+)\/parts\/urls$/,
      (facts, { part_numbers }, [, id = '']) => areParts(facts, id, part_numbers),
    ],
    [
      /^POST \/files\/uploads\/(u\d+)\/parts\/checkpoint$/,
      (facts, { parts }, [, id = '']) => ({
        parts: inOrderOf(parts, tokens(facts, id, parts), 'part_number'),
      }),
    ],
    [
      /^POST \/files\/uploads\/(u\d+)\/complete$/,
      (facts, { parts }, [, id = '']) => {
        const told = tokens(facts, id, parts)
        const left = facts
          .parts(id)
          .filter(({ number }) => !told.some((one) => one['part_number'] === number))
        const integrity_checksum = Buffer.from(facts.digest('crc32c'), 'hex').toString('base64')
        return left.every(({ number }) => facts.isRecorded(id, number)) && { parts: told, integrity_checksum }
      },
    ],
    [/^POST \/files\/uploads\/(u\d+)\/abort$/, nothing],
    [/^GET \/files\/metadata\/([^/]+)$/, nothing],
  ],
  key: (_, { name }) => name,
}

const fragno: Contract = {
  rules: [
    [
      /^POST \/uploads$/,
      (facts) => ({
        fileKey: fragno.key('', facts),
        filename: facts.name,
        sizeBytes: facts.size,
        contentType: type,
        checksum: { algo: 'sha256', value: facts.digest('sha256') },
      }),
    ],
    [
      /^POST \/uploads\/(u\d+)\/parts$/,
      (facts, { partNumbers }, [, id = '']) => areParts(facts, id, partNumbers),
    ],
    [
      /^POST \/uploads\/(u\d+)\/partsComplete$/,
      (facts, { parts }, [, id = '']) => {
        const all = facts
          .parts(id)
          .map(({ number, etag, size }) => ({ partNumber: number, etag, sizeBytes: size }))
        return { parts: inOrderOf(parts, all, 'partNumber') }
      },
    ],
    [
      /^POST \/uploads\/(u\d+)\/complete$/,
      (facts, { parts }, [, id = '']) => {
        const all = facts.parts(id).map(({ number, etag }) => ({ partNumber: number, etag }))
        return parts === undefined ? {} : { parts: all }
      },
    ],
    [
      /^POST \/uploads\/(u\d+)\/progress$/,
      ({ size }, { bytesUploaded, partsUploaded, ...more }) =>
        Number(bytesUploaded) <= size && Number(partsUploaded) <= size && isEmpty(more),
    ],
    [/^POST \/uploads\/(u\d+)\/abort$/, nothing],
    [/^GET \/uploads\/(u\d+)\/(parts|status)$/, nothing],
    [/^GET \/files\/by-key$/, nothing],
  ],
  key: (_, { digest, name }) => `${digest('sha256')}/${name}`,
}

const activeStorage: Contract = {
  rules: [
    [
      /^POST \/api\/v1\/upload\/direct$/,
      ({ name, size, digest }) => ({
        blob: {
          filename: name,
          content_type: type,
          byte_size: size,
          checksum: Buffer.from(digest('md5'), 'hex').toString('base64'),
        },
      }),
    ],
  ],
  key: (upload) => upload.replace('b', 'key'),
}

/** Keyed by the first word of the server's name. */
const contracts: Readonly<Record<string, Contract>> = {
  presigned,
  defineBackend: presigned,
  bkend,
  newton,
  fragno,
  active: activeStorage,
}

export function contractOf(server: string): Contract {
  return contracts[/\w+/.exec(server)?.[0] ?? ''] ?? presigned
}

export function isAllowed({ rules }: Contract, { method, url, json }: ApiRequest, facts: Facts): boolean {
  const request = `${method} ${decodeURIComponent(new URL(url, base).pathname)}`
  return rules.some(([pattern, bodyOf]) => {
    const found = pattern.exec(request)
    if (found === null) return false
    const expected = bodyOf(facts, (json ?? {}) as Fields, found)
    return expected === true || isDeepStrictEqual(json, expected)
  })
}

function isPair(key: Json | undefined, uploadId: Json | undefined): boolean {
  return key === `files/${uploadId}`
}

function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0
}

/** Whole numbers of existing parts, at least one, and none twice. */
function areParts(facts: Facts, upload: string, numbers: Json | undefined): boolean {
  const all = facts.parts(upload).map(({ number }) => number)
  return (
    Array.isArray(numbers) &&
    numbers.length > 0 &&
    new Set(numbers).size === numbers.length &&
    numbers.every((number) => all.includes(number as number))
  )
}

/** Those that are told of, as they have to be told. */
function tokens(facts: Facts, upload: string, parts: Json | undefined): Fields[] {
  const told = numbersIn(parts, 'part_number')
  return facts
    .parts(upload)
    .filter(({ number }) => told.includes(number))
    .map(({ number, etag }) => ({ part_number: number, part_token: etag }))
}

/** Of these the ones that are told of, in the order of telling. */
function inOrderOf(parts: Json | undefined, all: readonly Fields[], name: string): Json {
  return numbersIn(parts, name).map((number) => all.find((one) => one[name] === number) ?? null)
}

function numbersIn(parts: Json | undefined, name: string): unknown[] {
  return Array.isArray(parts) ? (parts as Fields[]).map((part) => part[name]) : []
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '')
}

import { XMLParser } from 'fast-xml-parser'
import { type ChecksumAlgorithm, checksumAlgorithms, checksumElement } from './checksum.ts'
import { s3Error } from './s3-error.ts'

/** A part as listed in the body of CompleteMultipartUpload. */
export type ListedPart = {
  readonly number: number
  /** Without quotes. */
  readonly etag: string
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>
}

const root = 'CompleteMultipartUpload'
const parser = new XMLParser({
  // An ETag of digits only, or one like 1e10, is not a number.
  parseTagValue: false,
  ignoreAttributes: true,
  isArray: (_, path) => path === `${root}.Part`,
})

export function parseCompleteRequest(body: string): readonly ListedPart[] {
  const listed = fieldsOf(fieldsOf(parsed(body))[root])['Part']
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > 10_000) throw s3Error('MalformedXML')
  return listed.map(listedPart)
}

function parsed(body: string): unknown {
  try {
    return parser.parse(body, true)
  } catch {
    throw s3Error('MalformedXML')
  }
}

function listedPart(part: unknown): ListedPart {
  const fields = fieldsOf(part)
  const { PartNumber: number, ETag: etag } = fields
  if (typeof number !== 'string' || !/^\d{1,9}$/.test(number)) throw s3Error('MalformedXML')
  if (typeof etag !== 'string') throw s3Error('MalformedXML')
  const checksums = checksumAlgorithms.flatMap((algorithm) => {
    const value = fields[checksumElement(algorithm)]
    return typeof value === 'string' ? [[algorithm, value] as const] : []
  })
  return {
    number: Number(number),
    etag: etag.replace(/^"|"$/g, ''),
    checksums: Object.fromEntries(checksums),
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

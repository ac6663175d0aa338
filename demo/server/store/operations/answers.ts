/** What the answers of several operations have in common. */
import type { Answer } from '../exchange.ts'
import { type Checksum, checksumElement, checksumHeader } from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import { element, text, type Xml } from '../protocol/xml.ts'

export function xmlAnswer(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'Content-Type': 'application/xml', ...headers }, body }
}

export function quoted(etag: string): string {
  return `"${etag}"`
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

export function checksumHeadersOf(checksum: Checksum | undefined): Readonly<Record<string, string>> {
  if (checksum === undefined) return {}
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

export function checksumElementsOf(checksum: Checksum | undefined): readonly Xml[] {
  if (checksum === undefined) return []
  return [text(checksumElement(checksum.algorithm), checksum.value), text('ChecksumType', checksum.type)]
}

/** Everything belongs to the one user. */
export function ownerElements(): readonly Xml[] {
  const owner = [text('ID', 'owner'), text('DisplayName', 'owner')]
  return [element('Initiator', ...owner), element('Owner', ...owner), text('StorageClass', 'STANDARD')]
}

/** How many entries S3 lists at once. */
export const pageLimit = { most: 1000, otherwise: 1000 }

/** Reads a numeric parameter from 0 on. Like S3, treats larger values as the maximum. */
export function limitParameter(
  query: ReadonlyMap<string, string>,
  name: string,
  { most, otherwise }: { readonly most: number; readonly otherwise: number },
): number {
  const value = query.get(name)
  if (value === undefined || value === '') return otherwise
  if (!/^\d{1,10}$/.test(value) || Number(value) > 2 ** 31 - 1) {
    const message = `Argument ${name} must be an integer between 0 and 2147483647`
    throw s3Error('InvalidArgument', message, { ArgumentName: name, ArgumentValue: value })
  }
  return Math.min(Number(value), most)
}

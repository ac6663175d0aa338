/** S3's ListParts. */
import { checksumElement } from '../protocol/checksum.ts'
import { element, text, type Xml, xmlDocument } from '../protocol/xml.ts'
import type { PartRecord, UploadRecord } from '../storage/records.ts'
import type { Upload } from '../storage/uploads.ts'
import type { Handler } from '../store-context.ts'
import { isoTime, limitParameter, ownerElements, pageLimit, quoted, xmlAnswer } from './answers.ts'

export const listParts: Handler = ({ uploads }, { request: { bucket, key, query } }) => {
  const upload = uploads.require({ bucket, key, id: query.get('uploadId') ?? '' })
  const most = limitParameter(query, 'max-parts', pageLimit)
  const marker = limitParameter(query, 'part-number-marker', { most: Number.MAX_SAFE_INTEGER, otherwise: 0 })
  const behind = partsInOrder(upload).filter(({ number }) => number > marker)
  const listed = behind.slice(0, most)
  const { id, checksum } = upload.record
  return xmlAnswer(
    xmlDocument(
      'ListPartsResult',
      text('Bucket', bucket),
      text('Key', key),
      text('UploadId', id),
      ...ownerElements(),
      text('PartNumberMarker', marker),
      text('NextPartNumberMarker', listed.at(-1)?.number ?? 0),
      text('MaxParts', most),
      text('IsTruncated', behind.length > listed.length),
      text('ChecksumAlgorithm', checksum?.algorithm.toUpperCase()),
      text('ChecksumType', checksum?.type),
      ...listed.map((part) => partElement(part, upload.record)),
    ),
  )
}

function partsInOrder({ parts }: Upload): readonly PartRecord[] {
  return [...parts.values()].sort((one, other) => one.number - other.number)
}

function partElement(part: PartRecord, { checksum }: UploadRecord): Xml {
  return element(
    'Part',
    text('PartNumber', part.number),
    text('LastModified', isoTime(part.lastModified)),
    text('ETag', quoted(part.etag)),
    text('Size', part.size),
    text(checksum ? checksumElement(checksum.algorithm) : '', part.checksum),
  )
}

/** S3's ListMultipartUploads. */
import { element, text, type Xml, xmlDocument } from '../protocol/xml.ts'
import { compareKeys } from '../storage/objects.ts'
import type { UploadRecord } from '../storage/records.ts'
import type { Handler } from '../store-context.ts'
import { isoTime, limitParameter, ownerElements, pageLimit, xmlAnswer } from './answers.ts'

type Marker = { readonly key: string; readonly id: string }

export const listMultipartUploads: Handler = ({ objects, uploads }, { request: { bucket, query } }) => {
  objects.requireBucket(bucket)
  const prefix = query.get('prefix') ?? ''
  const marker = { key: query.get('key-marker') ?? '', id: query.get('upload-id-marker') ?? '' }
  const most = limitParameter(query, 'max-uploads', pageLimit)
  const behind = [...uploads.all()]
    .map(({ record }) => record)
    .filter((record) => record.bucket === bucket && record.key.startsWith(prefix))
    .filter((record) => isBehind(record, marker))
    .sort(compareUploads)
  const listed = behind.slice(0, most)
  const truncated = behind.length > listed.length
  return xmlAnswer(
    xmlDocument(
      'ListMultipartUploadsResult',
      text('Bucket', bucket),
      text('KeyMarker', marker.key),
      text('UploadIdMarker', marker.id),
      text('NextKeyMarker', truncated ? listed.at(-1)?.key : ''),
      text('NextUploadIdMarker', truncated ? listed.at(-1)?.id : ''),
      text('Prefix', prefix),
      text('MaxUploads', most),
      text('IsTruncated', truncated),
      ...listed.map(uploadElement),
    ),
  )
}

/** By key. The ids of one key are in the order in which the uploads began. */
function compareUploads(one: UploadRecord, other: UploadRecord): number {
  return compareKeys(one.key, other.key) || compareKeys(one.id, other.id)
}

function isBehind({ key, id }: UploadRecord, marker: Marker): boolean {
  const order = compareKeys(key, marker.key)
  return order > 0 || (order === 0 && marker.id !== '' && compareKeys(id, marker.id) > 0)
}

function uploadElement({ key, id, initiated, checksum }: UploadRecord): Xml {
  return element(
    'Upload',
    text('Key', key),
    text('UploadId', id),
    ...ownerElements(),
    text('Initiated', isoTime(initiated)),
    text('ChecksumAlgorithm', checksum?.algorithm.toUpperCase()),
    text('ChecksumType', checksum?.type),
  )
}

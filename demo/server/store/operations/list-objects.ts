import { s3Error } from '../protocol/s3-error.ts'
import { element, text, type Xml, xmlDocument } from '../protocol/xml.ts'
import type { ObjectRecord } from '../storage/records.ts'
import type { Handler } from '../store-context.ts'
import { isoTime, limitParameter, pageLimit, quoted, xmlAnswer } from './answers.ts'

/** ListObjectsV2, without delimiters. */
export const listObjects: Handler = ({ objects }, { request: { bucket, query } }) => {
  if (query.get('list-type') !== '2' || query.has('delimiter')) throw s3Error('NotImplemented')
  const prefix = query.get('prefix') ?? ''
  const token = query.get('continuation-token')
  const after = token === undefined ? (query.get('start-after') ?? '') : keyOf(token)
  const limit = limitParameter(query, 'max-keys', pageLimit)
  const { objects: listed, truncated } = objects.list(bucket, { prefix, after, limit })
  const encoding = query.get('encoding-type') === 'url' ? 'url' : undefined
  const written = (key: string): string => (encoding ? encodeURIComponent(key).replaceAll('%2F', '/') : key)
  return xmlAnswer(
    xmlDocument(
      'ListBucketResult',
      text('Name', bucket),
      text('Prefix', written(prefix)),
      text('MaxKeys', limit),
      text('KeyCount', listed.length),
      text('IsTruncated', truncated),
      text('EncodingType', encoding),
      text('ContinuationToken', token),
      text('NextContinuationToken', truncated ? tokenOf(listed.at(-1)?.key ?? after) : undefined),
      ...listed.map((object) => objectElement(object, written(object.key))),
    ),
  )
}

function objectElement({ lastModified, etag, size }: ObjectRecord, key: string): Xml {
  return element(
    'Contents',
    text('Key', key),
    text('LastModified', isoTime(lastModified)),
    text('ETag', quoted(etag)),
    text('Size', size),
    text('StorageClass', 'STANDARD'),
  )
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function keyOf(token: string): string {
  return Buffer.from(token, 'base64url').toString()
}

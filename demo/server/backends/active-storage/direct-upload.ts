import type { FaultyContext } from '../faults/fault-rule.ts'
import { contentDisposition } from '../object-key.ts'
import type { Place } from '../s3.ts'
import { type Lifetime, signPut } from '../whole-objects.ts'
import type { BlobRequest } from './blob-request.ts'
import type { BlobRecord, Blobs } from './blobs.ts'

export type Desk = { readonly place: Place; readonly blobs: Blobs; readonly urlLifetime: number }

/** Makes the record, and says where its bytes go. */
export async function createDirectUpload(
  c: FaultyContext,
  desk: Desk,
  request: BlobRequest,
): Promise<object> {
  const record = desk.blobs.create(request)
  const none = c.get('fault') === 'no-direct-upload'
  const life = { seconds: desk.urlLifetime, over: c.get('fault') === 'expired-url' }
  return { ...record, direct_upload: none ? null : await directUpload(desk.place, record, life) }
}

/** All headers are signed, and so is the length: the PUT has to be the announced one. */
async function directUpload(place: Place, record: BlobRecord, life: Lifetime): Promise<object> {
  const { key, content_type, byte_size, checksum } = record
  const disposition = inline(record)
  const signed = { ContentType: content_type, ContentMD5: checksum, ContentDisposition: disposition }
  return {
    url: await signPut(place, key, { ...signed, ContentLength: byte_size }, life),
    headers: {
      'Content-Type': content_type,
      'Content-MD5': checksum,
      'Content-Disposition': disposition,
    },
  }
}

export function inline({ filename }: BlobRecord): string {
  return contentDisposition(filename).replace('attachment', 'inline')
}

/** The endpoints of multipart uploads. */
import { abort } from '../s3.ts'
import { answer, type BkendContext, bodyOf, lifetime } from './context.ts'
import { BkendFailure } from './failures.ts'
import { readNewUpload, readSize } from './file-fields.ts'
import { readFields, readPartNumber, readParts, readUpload } from './multipart-fields.ts'
import { complete, create, signPart } from './multipart-storage.ts'
import { newKey } from './object-key.ts'
import type { Serve } from './serve.ts'

export function multipartEndpoints(serve: Serve, context: BkendContext): void {
  const { place } = context

  serve('POST /v1/files/multipart/init', async (c, owner) => {
    const { filename, contentType, fileSize } = readNewUpload(await bodyOf(c))
    readSize(fileSize, 'fileSize')
    const key = newKey(owner, filename)
    const uploadId = await create(place, key, contentType).catch(notBegun)
    return answer(c, context, { uploadId, key, filename })
  })

  serve(
    'POST /v1/files/multipart/presigned-url',
    async (c, owner) => {
      const fields = readFields(await bodyOf(c), 'partNumber')
      const partNumber = readPartNumber(fields['partNumber'])
      const url = await signPart(place, readUpload(fields, owner), partNumber, lifetime(c, context))
      return answer(c, context, { url, partNumber })
    },
    ['expired-url'],
  )

  serve('POST /v1/files/multipart/complete', async (c, owner) => {
    const fields = readFields(await bodyOf(c), 'parts')
    const upload = readUpload(fields, owner)
    const location = await complete(place, upload, readParts(fields['parts']))
    return answer(c, context, { key: upload.key, location })
  })

  serve('POST /v1/files/multipart/abort', async (c, owner) => {
    const upload = readUpload(readFields(await bodyOf(c)), owner)
    await abort(place, upload)
    // Never wrapped, because it has `success` already.
    return c.json({ success: true, key: upload.key })
  })
}

/** A missing bucket has a code of its own. */
function notBegun(error: Error): never {
  if (error.name === 'NoSuchBucket') throw error
  throw new BkendFailure('file/upload-init-failed', `${error.name} from the storage: ${error.message}`)
}

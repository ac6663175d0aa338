/** The endpoint of uploads in a single PUT. */
import { signPut } from '../whole-objects.ts'
import { answer, type BkendContext, bodyOf, lifetime } from './context.ts'
import { optional, readNewUpload, readSize } from './file-fields.ts'
import { newKey } from './object-key.ts'
import type { Serve } from './serve.ts'

/** S3's largest single PUT. Bytes. */
const largestPut = 5 * 1024 ** 3

export function singleEndpoint(serve: Serve, context: BkendContext): void {
  const { place } = context

  serve(
    'POST /v1/files/presigned-url',
    async (c, owner) => {
      const { filename, contentType, fileSize } = readNewUpload(await bodyOf(c))
      optional(fileSize, (size) => readSize(size, 'fileSize', largestPut))
      const key = newKey(owner, filename)
      const url = await signPut(place, key, { ContentType: contentType }, lifetime(c, context))
      return answer(c, context, { url, key, filename, contentType })
    },
    ['expired-url'],
  )
}

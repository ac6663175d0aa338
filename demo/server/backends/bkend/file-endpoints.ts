import { ContractError, readFilled } from '../contract.ts'
import type { FaultyContext } from '../faults/fault-rule.ts'
import { contentDisposition } from '../object-key.ts'
import { remove, signGet, sizeOf } from '../whole-objects.ts'
import { answer, type BkendContext, bodyOf, lifetime } from './context.ts'
import { listed, readListQuery } from './file-list.ts'
import { readChange, readNewFile } from './register-fields.ts'
import type { Serve } from './serve.ts'

export function fileEndpoints(serve: Serve, context: BkendContext): void {
  const { place, files } = context

  serve('POST /v1/files', async (c, owner) => {
    const file = readNewFile(await bodyOf(c), owner)
    files.requireUnused(file.s3Key)
    requireSize(file.size, await sizeOf(place, file.s3Key))
    return answer(c, context, files.register(file), 201)
  })

  serve('GET /v1/files/:fileId', async (c, owner) => answer(c, context, files.visible(idOf(c), owner)))

  serve('GET /v1/files', async (c, owner) =>
    answer(c, context, listed(files.all(owner), readListQuery(c.req.query()))),
  )

  serve('PATCH /v1/files/:fileId', async (c, owner) => {
    const change = readChange(await bodyOf(c))
    return answer(c, context, files.change(files.own(idOf(c), owner), change))
  })

  serve('DELETE /v1/files/:fileId', async (c, owner) => {
    const file = files.own(idOf(c), owner)
    await remove(place, file.s3Key)
    files.remove(file)
    return answer(c, context, {})
  })
}

/** The bytes come from the storage, not from here. */
export function downloadEndpoint(serve: Serve, context: BkendContext): void {
  const { place, files } = context

  serve(
    'POST /v1/files/:fileId/download-url',
    async (c, owner) => {
      const { s3Key, originalName, mimeType, size } = files.visible(idOf(c), owner)
      const life = lifetime(c, context)
      const url = await signGet(place, s3Key, contentDisposition(originalName), life)
      const expiresAt = new Date(Date.now() + (life.over ? -1 : life.seconds) * 1000).toISOString()
      return answer(c, context, { url, filename: originalName, contentType: mimeType, size, expiresAt })
    },
    ['expired-url'],
  )
}

function idOf(c: FaultyContext): string {
  return readFilled(c.req.param('fileId'), 'fileId')
}

/** The document does not mention this check, but no upload must leave a file whose size is wrong. */
function requireSize(said: number, stored: number): void {
  if (said === stored) return
  throw new ContractError(`Expected \`size\` to be ${stored}, which is what the storage has, got ${said}`)
}

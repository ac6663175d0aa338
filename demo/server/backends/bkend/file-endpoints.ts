import { ContractError, readFilled, readObject, readWhole } from '../contract.ts'
import type { FaultyContext } from '../faults/fault-rule.ts'
import { contentDisposition } from '../object-key.ts'
import { remove, signGet, sizeOf } from '../whole-objects.ts'
import { answer, type BkendContext, bodyOf, lifetime } from './context.ts'
import { optional, readBucket, readName, readSize, readType, readVisibility } from './file-fields.ts'
import { listed, readListQuery } from './file-list.ts'
import { readMetadata } from './file-metadata.ts'
import type { FileChange, NewFile } from './file-records.ts'
import { requireOwnKey } from './object-key.ts'
import type { Serve } from './serve.ts'

/** Pixels. */
const pixels = { from: 1, to: 1_000_000 }

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

const newFileFields = [
  's3Key',
  'originalName',
  'mimeType',
  'size',
  'width',
  'height',
  'visibility',
  'bucket',
  'metadata',
]

function readNewFile(body: unknown, ownerId: string): NewFile {
  const fields = readObject(body, 'the body', newFileFields)
  const bucket = readBucket(fields['bucket'])
  return {
    s3Key: requireOwnKey(readFilled(fields['s3Key'], 's3Key'), ownerId),
    originalName: readName(fields['originalName'], 'originalName'),
    mimeType: readType(fields['mimeType'], 'mimeType'),
    size: readSize(fields['size'], 'size'),
    ...readPixels(fields, 'width'),
    ...readPixels(fields, 'height'),
    visibility: readVisibility(fields['visibility']),
    ...(bucket === undefined ? {} : { bucket }),
    ownerId,
    metadata: readMetadata(fields['metadata'] ?? {}),
  }
}

function readPixels(
  fields: Readonly<Record<string, unknown>>,
  name: 'width' | 'height',
): Partial<Record<'width' | 'height', number>> {
  const count = optional(fields[name], (one) => readWhole(one, name, pixels))
  return count === undefined ? {} : { [name]: count }
}

function readChange(body: unknown): FileChange {
  const fields = readObject(body, 'the body', ['originalName', 'visibility', 'metadata'])
  const originalName = optional(fields['originalName'], (one) => readName(one, 'originalName'))
  const visibility = optional(fields['visibility'], (one) => readVisibility(one))
  const metadata = optional(fields['metadata'], readMetadata)
  return {
    ...(originalName === undefined ? {} : { originalName }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** The document does not say that this is looked at; a file whose size is not true is what an upload must not leave. */
function requireSize(said: number, stored: number): void {
  if (said === stored) return
  throw new ContractError(`Expected \`size\` to be ${stored}, which is what the storage has, got ${said}`)
}

/** The routes for stored files. */
import { Readable } from 'node:stream'
import { readFilled, readObject } from '../contract.ts'
import { readNullable, readOptional } from '../contract-values.ts'
import { contentDisposition } from '../object-key.ts'
import type { ReferenceContext } from '../reference/misbehave.ts'
import type { Endpoint } from '../reference/reference-backend.ts'
import { describeFile } from './answers.ts'
import type { StoredFile } from './catalog.ts'
import type { FragnoContext } from './context.ts'
import { FragnoError } from './errors.ts'
import { type FileDetails, readMetadata, readTags, readVisibility } from './file-details.ts'
import { checkFileKey } from './file-key.ts'
import { listFiles } from './list-files.ts'
import { receiveFile } from './receive-file.ts'
import { readJson, readQuery } from './requests.ts'
import { deleteObject, readObject as readStored, signGet } from './storage.ts'

export function fileRoutes(context: FragnoContext): readonly Endpoint[] {
  return [
    { route: 'POST /files', handle: (c) => receive(context, c) },
    { route: 'GET /files', handle: (c) => c.json(listFiles(context.catalog, c)) },
    { route: 'GET /files/by-key', handle: (c) => c.json(describeFile(fileOf(context, c))) },
    { route: 'PATCH /files/by-key', handle: (c) => update(context, c) },
    { route: 'DELETE /files/by-key', handle: (c) => remove(context, c) },
    {
      route: 'GET /files/by-key/download-url',
      handle: (c) => signDownload(context, c),
    },
    { route: 'GET /files/by-key/content', handle: (c) => content(context, c) },
  ]
}

async function receive(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  return c.json(describeFile(await receiveFile(context, c)))
}

async function update(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const changes = readChanges(await readJson(c))
  const file = requireThere(fileOf(context, c), 'UPLOAD_INVALID_STATE')
  const changed = { ...file, details: { ...file.details, ...changes }, updatedAt: new Date() }
  return c.json(describeFile(context.catalog.put(changed)))
}

async function remove(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const file = fileOf(context, c)
  const now = new Date()
  if (file.deletedAt === null) context.catalog.put({ ...file, updatedAt: now, deletedAt: now })
  await deleteObject(context.place, file.objectKey)
  return c.json({ ok: true })
}

async function signDownload(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const { signsDownloads, urlLifetime } = context.settings.current
  if (!signsDownloads) throw unsupported('signed downloads')
  const { objectKey } = requireThere(fileOf(context, c), 'FILE_NOT_FOUND')
  const expiresAt = new Date(Date.now() + urlLifetime)
  return c.json({ url: await signGet(context.place, objectKey, urlLifetime), expiresAt })
}

async function content(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  if (!context.settings.current.streamsDownloads) throw unsupported('downloads through the server')
  return stream(context, requireThere(fileOf(context, c), 'FILE_NOT_FOUND'))
}

async function stream({ place }: FragnoContext, { objectKey, details }: StoredFile): Promise<Response> {
  const body = Readable.toWeb(await readStored(place, objectKey)) as ReadableStream<Uint8Array>
  const headers = {
    'content-type': details.contentType,
    'content-length': String(details.sizeBytes),
    'content-disposition': contentDisposition(objectKey),
  }
  return new Response(body, { headers })
}

function fileOf({ catalog }: FragnoContext, c: ReferenceContext): StoredFile {
  const { provider, key } = readQuery(c, ['provider', 'key'])
  if (!provider || !key)
    throw new FragnoError('INVALID_REQUEST', 'Expected `provider` and `key` in the query, got not both')
  return catalog.requireFile({ provider, fileKey: checkFileKey(key) })
}

/** The document has no separate code for a deleted file. */
function requireThere(file: StoredFile, code: 'FILE_NOT_FOUND' | 'UPLOAD_INVALID_STATE'): StoredFile {
  if (file.deletedAt === null) return file
  throw new FragnoError(
    code,
    `The file ${file.details.fileKey} was deleted at ${file.deletedAt.toISOString()}`,
  )
}

/** `null` removes a value. */
function readChanges(body: unknown): Partial<FileDetails> {
  const given = readObject(body, 'the body', ['filename', 'visibility', 'tags', 'metadata'])
  const filename = readOptional(given['filename'], 'filename', readFilled)
  const visibility = readOptional(given['visibility'], 'visibility', readVisibility)
  return {
    ...(filename !== undefined && { filename }),
    ...(visibility !== undefined && { visibility }),
    ...('tags' in given && { tags: readNullable(given['tags'], 'tags', readTags) }),
    ...('metadata' in given && { metadata: readNullable(given['metadata'], 'metadata', readMetadata) }),
  }
}

function unsupported(what: string): FragnoError {
  return new FragnoError('SIGNED_URL_UNSUPPORTED', `This storage has no ${what}`)
}

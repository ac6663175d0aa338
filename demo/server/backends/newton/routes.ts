/** The routes of the contract. */
import { parseBody, readObject } from '../contract.ts'
import type { ReferenceContext } from '../reference/misbehave.ts'
import type { Endpoint } from '../reference/reference-backend.ts'
import type { Settings } from '../reference/settings.ts'
import { segmentsBehind } from '../route-segments.ts'
import { abort, type Place } from '../s3.ts'
import type { Catalog, StoredFile } from './catalog.ts'
import { makeObject, readCompletion } from './complete.ts'
import { NewtonError } from './errors.ts'
import { findUnderway, readInitiation, startUpload } from './initiate.ts'
import { describeParts, readCheckpoint, readPartNumbers } from './parts.ts'
import type { NewtonSettings } from './settings.ts'
import { allParts, countParts, type NewtonUpload, partAt, requireUploading } from './upload.ts'

export type NewtonContext = {
  readonly place: Place
  readonly catalog: Catalog
  readonly settings: Settings<NewtonSettings>
}

export function newtonRoutes(context: NewtonContext): readonly Endpoint[] {
  const upload = '/files/uploads/:uploadId' as const
  return [
    { route: 'POST /files/uploads/initiate', handle: (c) => initiate(context, c) },
    { route: `POST ${upload}/parts/urls`, handle: (c) => sign(context, c) },
    { route: `POST ${upload}/parts/checkpoint`, handle: (c) => checkpoint(context, c) },
    { route: `POST ${upload}/complete`, handle: (c) => complete(context, c) },
    { route: `POST ${upload}/abort`, handle: (c) => answerAbort(context, c) },
    { route: 'GET /files/metadata/:fileId', handle: (c) => metadata(context, c) },
  ]
}

async function initiate(context: NewtonContext, c: ReferenceContext): Promise<Response> {
  const { place, catalog, settings } = context
  const initiation = readInitiation(await readJson(c))
  const underway = findUnderway(catalog, initiation)
  const upload = underway ?? (await startUpload(place, initiation.file, settings.current))
  if (underway === undefined) catalog.add(upload)
  return c.json(await describeInitiated(context, upload, underway !== undefined))
}

async function describeInitiated(
  { place, settings }: NewtonContext,
  upload: NewtonUpload,
  isResume: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const { id, fileUid, file, partSize, integrity, checkpoints } = upload
  const pending = allParts(upload).filter(({ number }) => !checkpoints.has(number))
  return {
    upload_id: id,
    file_uid: fileUid,
    file_name: file.name,
    total_bytes: file.size,
    num_parts: countParts(upload),
    ...(settings.current.tellsPartSize && { part_size: partSize }),
    ...(integrity !== 'absent' && { integrity_algorithm: integrity }),
    is_resume: isResume,
    parts: await describeParts(place, upload, pending, settings.current),
  }
}

async function sign({ place, catalog, settings }: NewtonContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(catalog, c)
  requireUploading(upload)
  const parts = readPartNumbers(await readJson(c), upload).map((number) => partAt(upload, number))
  return c.json({ parts: await describeParts(place, upload, parts, settings.current) })
}

/** The document does not say which number is answered. Here it is the number of parts in the request. */
async function checkpoint({ catalog }: NewtonContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(catalog, c)
  requireUploading(upload)
  const tokens = readCheckpoint(await readJson(c), upload)
  for (const [number, token] of tokens) upload.checkpoints.set(number, token)
  return c.json({ num_checkpointed: new Set(tokens.map(([number]) => number)).size })
}

async function complete({ place, catalog }: NewtonContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(catalog, c)
  requireUploading(upload)
  const completion = readCompletion(await readJson(c), upload)
  // Another request may have begun to complete it while the body was read.
  requireUploading(upload)
  upload.state = 'completing'
  const file = { ...upload.file, uid: upload.fileUid }
  try {
    await makeObject(place, upload, completion)
  } catch (error) {
    const isCorrupt = error instanceof NewtonError && error.code === 'integrity_mismatch'
    upload.state = isCorrupt ? 'ended' : 'uploading'
    if (isCorrupt) catalog.put({ ...file, status: 'Corrupt' })
    throw error
  }
  upload.state = 'ended'
  catalog.put({ ...file, status: 'Registered' })
  return c.json(describeFile({ ...file, status: 'Registered' }))
}

async function answerAbort({ place, catalog }: NewtonContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(catalog, c)
  const text = await c.req.text()
  if (text !== '') readObject(parseBody(text), 'the body', [])
  requireUploading(upload)
  catalog.remove(upload)
  await abort(place, { key: upload.objectKey, uploadId: upload.storageUploadId })
  return c.body(null, 200)
}

function metadata({ catalog }: NewtonContext, c: ReferenceContext): Response {
  return c.json(describeFile(catalog.requireFile(segmentsBehind(c).join('/'))))
}

function describeFile({ uid, name, size, status }: StoredFile): Readonly<Record<string, unknown>> {
  return { file_uid: uid, file_name: name, num_bytes: size, file_status: status, file_attributes: {} }
}

function uploadOf(catalog: Catalog, c: ReferenceContext): NewtonUpload {
  return catalog.require(c.req.param('uploadId') ?? '')
}

async function readJson(c: ReferenceContext): Promise<unknown> {
  const type = c.req.header('content-type') ?? ''
  if (type.split(';')[0]?.trim().toLowerCase() === 'application/json') return parseBody(await c.req.text())
  throw new NewtonError('invalid_parameter', `Expected Content-Type application/json, got "${type}"`)
}

/** The routes for uploads. */
import { readObject, readWhole } from '../contract.ts'
import { readOptional } from '../contract-values.ts'
import type { ReferenceContext } from '../reference/misbehave.ts'
import type { Endpoint } from '../reference/reference-backend.ts'
import { describeCompletion, describeStatus, describeUpload } from './answers.ts'
import type { FragnoContext } from './context.ts'
import { createUpload, findSame } from './create.ts'
import { FragnoError } from './errors.ts'
import { type FileDetails, readFileDetails } from './file-details.ts'
import { abortUpload, checkSingle, completeMultipart, publish, storeContent } from './finish.ts'
import { readCompletion, readPartNumbers, recordParts, signParts } from './parts.ts'
import { readJson, readNothing, requireProvider, requireType } from './requests.ts'
import { noteProgress, requireActive, requireStrategy, type Upload } from './upload.ts'

type Create = (details: FileDetails) => Promise<Upload>

export function uploadRoutes(context: FragnoContext): readonly Endpoint[] {
  const create: Create = oneAfterTheOther((details: FileDetails) => findOrCreate(context, details))
  return [
    { route: 'POST /uploads', handle: (c) => answerCreate(context, create, c) },
    {
      route: 'GET /uploads/:uploadId',
      handle: (c) => c.json(describeStatus(uploadOf(context, c))),
    },
    { route: 'POST /uploads/:uploadId/progress', handle: (c) => progress(context, c) },
    { route: 'POST /uploads/:uploadId/parts', handle: (c) => sign(context, c) },
    { route: 'GET /uploads/:uploadId/parts', handle: (c) => list(context, c) },
    {
      route: 'POST /uploads/:uploadId/parts/complete',
      handle: (c) => record(context, c),
    },
    {
      route: 'POST /uploads/:uploadId/complete',
      handle: (c) => answerComplete(context, c),
    },
    { route: 'POST /uploads/:uploadId/abort', handle: (c) => answerAbort(context, c) },
    { route: 'PUT /uploads/:uploadId/content', handle: (c) => answerContent(context, c) },
  ]
}

async function answerCreate(
  { settings }: FragnoContext,
  create: Create,
  c: ReferenceContext,
): Promise<Response> {
  const details = readFileDetails(await readJson(c), settings.current.provider)
  return c.json(describeUpload(await create(details)))
}

async function progress(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(context, c)
  const { bytesUploaded, partsUploaded } = readProgress(await readJson(c))
  // The document has this only for direct uploads.
  requireStrategy(upload, 'direct-single', 'direct-multipart')
  requireActive(upload)
  noteProgress(upload, bytesUploaded, partsUploaded)
  return c.json(totalsOf(upload))
}

/** As in the releases, neither the upload's state nor its expiry is checked: the storage then refuses the PUT. */
async function sign(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const { place, settings } = context
  const upload = uploadOf(context, c)
  requireProvider(c, upload, settings.current)
  requireStrategy(upload, 'direct-multipart')
  const numbers = readPartNumbers(await readJson(c), upload)
  return c.json({ parts: await signParts(place, upload, numbers, settings.current.urlLifetime) })
}

/** As in the releases, an unknown upload has no parts. */
function list({ catalog, settings }: FragnoContext, c: ReferenceContext): Response {
  if (!settings.current.listsParts) throw new FragnoError('ROUTE_NOT_FOUND', `There is no GET ${c.req.path}`)
  const upload = catalog.find(c.req.param('uploadId') ?? '')
  return c.json({ parts: [...(upload?.recorded.values() ?? [])] })
}

async function record(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(context, c)
  const body = await readJson(c)
  requireStrategy(upload, 'direct-multipart')
  requireActive(upload)
  recordParts(upload, body)
  return c.json(totalsOf(upload))
}

async function answerComplete(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(context, c)
  await complete(context, upload, c)
  return c.json(describeCompletion(publish(context.catalog, upload), context.settings.current.completion))
}

async function answerAbort(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(context, c)
  await readNothing(c)
  requireProvider(c, upload, context.settings.current)
  requireAbortable(upload)
  await abortUpload(context.place, upload)
  return c.json({ ok: true })
}

async function answerContent(context: FragnoContext, c: ReferenceContext): Promise<Response> {
  const upload = uploadOf(context, c)
  requireType(c, 'application/octet-stream')
  requireProvider(c, upload, context.settings.current)
  requireStrategy(upload, 'proxy')
  requireActive(upload)
  await storeContent(context.place, upload, c.req.raw.body ?? new Blob().stream(), c.req.raw.signal)
  return c.json(describeCompletion(publish(context.catalog, upload), context.settings.current.completion))
}

/** Two requests at the same time must not both find the key free. */
function oneAfterTheOther<Input, Output>(
  work: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  let last: Promise<unknown> = Promise.resolve()
  return (input) => {
    const next = last.then(() => work(input))
    last = next.catch(() => {})
    return next
  }
}

async function findOrCreate(
  { catalog, place, settings }: FragnoContext,
  details: FileDetails,
): Promise<Upload> {
  const { provider } = settings.current
  if (details.provider !== provider)
    throw new FragnoError('PROVIDER_MISMATCH', `Expected provider ${provider}, got "${details.provider}"`)
  catalog.refuseTaken(details)
  const same = findSame(catalog, details)
  if (same !== undefined) return same
  const upload = await createUpload(place, details, settings.current)
  catalog.add(upload)
  return upload
}

async function complete(
  { place, catalog, settings }: FragnoContext,
  upload: Upload,
  c: ReferenceContext,
): Promise<void> {
  const body = await readJson(c)
  requireProvider(c, upload, settings.current)
  requireStrategy(upload, 'direct-single', 'direct-multipart')
  requireActive(upload)
  catalog.refuseTaken(upload.details)
  if (upload.strategy === 'direct-multipart')
    return completeMultipart(place, upload, readCompletion(body, upload))
  readObject(body, 'the body', [])
  return checkSingle(place, upload)
}

/** For a completed upload the answer is a wrong state, not "a file that exists". */
function requireAbortable(upload: Upload): void {
  if (upload.status !== 'completed') return requireActive(upload)
  throw new FragnoError('UPLOAD_INVALID_STATE', `Upload ${upload.id} is completed already`)
}

function uploadOf({ catalog }: FragnoContext, c: ReferenceContext): Upload {
  return catalog.require(c.req.param('uploadId') ?? '')
}

type Totals = { readonly bytesUploaded: number; readonly partsUploaded: number }

function readProgress(body: unknown): Totals {
  const { bytesUploaded, partsUploaded } = readObject(body, 'the body', ['bytesUploaded', 'partsUploaded'])
  return {
    bytesUploaded: readOptional(bytesUploaded, 'bytesUploaded', readCount) ?? 0,
    partsUploaded: readOptional(partsUploaded, 'partsUploaded', readCount) ?? 0,
  }
}

function readCount(value: unknown, name: string): number {
  return readWhole(value, name, { from: 0, to: Number.MAX_SAFE_INTEGER })
}

function totalsOf({ bytesUploaded, partsUploaded }: Upload): Totals {
  return { bytesUploaded, partsUploaded }
}

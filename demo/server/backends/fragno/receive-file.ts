/**
 * POST /files: a whole file in a form. The document does not list this route. It mentions it in a note about taken
 * keys. The fields are those of the releases.
 */
import { parseBody } from '../contract.ts'
import type { ReferenceContext } from '../reference/misbehave.ts'
import type { StoredFile } from './catalog.ts'
import { verifyChecksum } from './checksum.ts'
import type { FragnoContext } from './context.ts'
import { newObject } from './create.ts'
import { FragnoError } from './errors.ts'
import { type FileDetails, readFileDetails } from './file-details.ts'
import { requireType } from './requests.ts'
import { putObject } from './storage.ts'

/** Form fields that are JSON instead of text. */
const json = ['keyParts', 'checksum', 'tags', 'metadata']

export async function receiveFile(context: FragnoContext, c: ReferenceContext): Promise<StoredFile> {
  const { catalog, place, settings } = context
  requireType(c, 'multipart/form-data')
  const form = await c.req.formData()
  const file = form.get('file')
  if (!(file instanceof File)) throw new FragnoError('INVALID_REQUEST', 'Expected a file in the field `file`')
  const details = readForm(form, file, settings.current.provider)
  refuseTaken(context, details)
  const bytes = await file.bytes()
  if (details.checksum !== null) await verifyChecksum(details.checksum, new Blob([bytes]).stream())
  const object = newObject(details)
  await putObject(place, object, { body: bytes, size: bytes.length }, c.req.raw.signal)
  // Another file may have come while the storage was asked.
  refuseTaken(context, details)
  const now = new Date()
  const times = { createdAt: now, updatedAt: now, completedAt: now, deletedAt: null }
  return catalog.put({ details, objectKey: object.key, ...times })
}

/** Never matched with an active upload, with or without a checksum. */
function refuseTaken({ catalog }: FragnoContext, details: FileDetails): void {
  catalog.refuseTaken(details)
  const active = catalog.activeFor(details)
  if (active !== undefined)
    throw new FragnoError('UPLOAD_ALREADY_ACTIVE', `Upload ${active.id} to ${details.fileKey} is under way`)
}

function readForm(form: FormData, file: File, provider: string): FileDetails {
  const fields = [...form].filter(([name]) => name !== 'file')
  const given = fields.map(([name, value]) => [name, json.includes(name) ? parseBody(String(value)) : value])
  const ofFile = {
    filename: file.name,
    sizeBytes: file.size,
    contentType: file.type || 'application/octet-stream',
  }
  return readFileDetails({ ...ofFile, ...Object.fromEntries(given) }, provider)
}

/** POST /uploads */
import { randomBytes } from 'node:crypto'
import { safeName } from '../object-key.ts'
import type { Place } from '../s3.ts'
import type { Catalog } from './catalog.ts'
import { FragnoError } from './errors.ts'
import { type FileDetails, sameDetails } from './file-details.ts'
import type { FragnoSettings, Strategy } from './settings.ts'
import { createMultipart, signPut } from './storage.ts'
import { maxParts, type Upload, type UploadStorage } from './upload.ts'

/** The active upload of the same file, if there is one and this client may have it. */
export function findSame(catalog: Catalog, details: FileDetails): Upload | undefined {
  const active = catalog.activeFor(details)
  if (active === undefined) return undefined
  if (details.checksum !== null && sameDetails(active.details, details)) return active
  // The document does not say which of the two codes applies when. Here a client that can be matched hears that it does
  // not match.
  const code = details.checksum === null ? 'UPLOAD_ALREADY_ACTIVE' : 'UPLOAD_METADATA_MISMATCH'
  throw new FragnoError(code, `Upload ${active.id} to ${details.fileKey} is under way`)
}

export async function createUpload(
  place: Place,
  details: FileDetails,
  settings: FragnoSettings,
): Promise<Upload> {
  const createdAt = new Date()
  const storage = await prepareStorage(place, details, settings)
  return {
    ...storage,
    id: randomBytes(12).toString('base64url'),
    details,
    recorded: new Map(),
    createdAt,
    updatedAt: createdAt,
    expiresAt: new Date(createdAt.getTime() + settings.sessionLifetime),
    completedAt: null,
    status: 'created',
    bytesUploaded: 0,
    partsUploaded: 0,
    failure: null,
  }
}

/** Each upload has its own object, so that a failed one does not leave another's bytes behind. */
export function newObject({ filename, contentType, checksum }: FileDetails) {
  const key = `fragno/${randomBytes(12).toString('base64url')}/${safeName(filename)}`
  return { key, contentType, checksum }
}

async function prepareStorage(
  place: Place,
  details: FileDetails,
  settings: FragnoSettings,
): Promise<UploadStorage> {
  const object = newObject(details)
  const strategy = chooseStrategy(details, settings)
  const storage = {
    strategy,
    objectKey: object.key,
    storageUploadId: '',
    target: undefined,
    partSize: undefined,
  }
  if (strategy === 'direct-single') {
    const target = await signPut(place, object, settings.urlLifetime)
    return { ...storage, target: settings.namesHost ? withHost(target) : target }
  }
  if (strategy === 'proxy') return storage
  const storageUploadId = await createMultipart(place, object)
  return { ...storage, storageUploadId, partSize: partSizeFor(details, settings) }
}

function chooseStrategy({ sizeBytes }: FileDetails, settings: FragnoSettings): Strategy {
  if (settings.strategy !== 'by-size') return settings.strategy
  if (sizeBytes < settings.proxyBelow) return 'proxy'
  return sizeBytes < settings.singleBelow ? 'direct-single' : 'direct-multipart'
}

function partSizeFor({ sizeBytes }: FileDetails, { partSize }: FragnoSettings): number {
  return Math.max(partSize, Math.ceil(sizeBytes / maxParts))
}

function withHost({
  url,
  headers,
}: NonNullable<UploadStorage['target']>): NonNullable<UploadStorage['target']> {
  return { url, headers: { ...headers, host: new URL(url).host } }
}

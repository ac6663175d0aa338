/** Describes uploads and files in answers. */
import type { StoredFile } from './catalog.ts'
import type { FragnoSettings } from './settings.ts'
import { maxParts, type Upload } from './upload.ts'

type Answer = Readonly<Record<string, unknown>>

export function describeUpload(upload: Upload): Answer {
  const { id, details, status, strategy, expiresAt } = upload
  return {
    uploadId: id,
    fileKey: details.fileKey,
    provider: details.provider,
    status,
    strategy,
    expiresAt,
    upload: { ...describeTransfer(upload), ...followUps(upload) },
  }
}

export function describeStatus(upload: Upload): Answer {
  const { details, bytesUploaded, partsUploaded, partSize, createdAt, updatedAt, completedAt, failure } =
    upload
  return {
    ...describeUpload(upload),
    expectedSizeBytes: details.sizeBytes,
    bytesUploaded,
    partsUploaded,
    partSizeBytes: partSize ?? null,
    createdAt,
    updatedAt,
    completedAt,
    errorCode: failure?.code ?? null,
    errorMessage: failure?.message ?? null,
  }
}

function describeTransfer({ strategy, target, partSize }: Upload): Answer {
  return {
    mode: strategy === 'direct-multipart' ? 'multipart' : 'single',
    transport: strategy === 'proxy' ? 'proxy' : 'direct',
    ...(target && { uploadUrl: target.url, uploadHeaders: target.headers }),
    ...(partSize !== undefined && { partSizeBytes: partSize, maxParts }),
  }
}

/**
 * Relative to the server's own address, whatever that is. With the provider, so that each request comes to the right
 * storage.
 */
function followUps({ id, details: { provider }, strategy }: Upload): Answer {
  const at = (rest: string): string => `/uploads/${id}${rest}?provider=${encodeURIComponent(provider)}`
  return {
    statusEndpoint: at(''),
    progressEndpoint: at('/progress'),
    completeEndpoint: at('/complete'),
    abortEndpoint: at('/abort'),
    ...(strategy === 'direct-multipart' && {
      partsEndpoint: at('/parts'),
      partsCompleteEndpoint: at('/parts/complete'),
    }),
    ...(strategy === 'proxy' && { contentEndpoint: at('/content') }),
  }
}

export function describeFile(file: StoredFile): Answer {
  const { createdAt, updatedAt, completedAt, deletedAt } = file
  return { ...describeContent(file), createdAt, updatedAt, completedAt, deletedAt }
}

/** The answer about a completed upload. */
export function describeCompletion(file: StoredFile, form: FragnoSettings['completion']): Answer {
  return form === 'flat' ? describeFile(file) : { kind: 'published', file: describeContent(file) }
}

function describeContent({ details, deletedAt }: StoredFile): Answer {
  const status = deletedAt === null ? 'ready' : 'deleted'
  return { ...details, status, errorCode: null, errorMessage: null }
}

/** What the compiler knows about an error by its code. Not run: `npm run types` fails if a line is wrong. */
import { HttpError, type RefusedFile, type Upload, UploadError } from 'longhaul'

export function ofAnUpload({ state }: Upload): unknown {
  if (state.status !== 'failed') return undefined
  const { error } = state
  // @ts-expect-error Not every error has a status.
  if (error.status > 0) return undefined
  // @ts-expect-error There is no such code.
  if (error.code === 'htpp') return undefined
  switch (error.code) {
    case 'http':
    case 'throttled':
    case 'unauthorized':
      return [error.endpoint, error.status satisfies number, error.retryAfter]
    case 'backend':
      return [error.endpoint, error.field satisfies string, error.expected]
    case 'too-large':
      return error.limit - error.size
    case 'corrupted':
      return error.partNumber satisfies number
    case 'url-expired':
      return error.clockSkew
    case 'file-unreadable':
      return error.file satisfies string
    default:
      return [error.message, error.help satisfies string, error.retryable satisfies boolean]
  }
}

export function ofWhatWasThrown(error: unknown): number | undefined {
  if (error instanceof HttpError) return error.status
  if (error instanceof UploadError && error.code === 'too-large') return error.limit
  return undefined
}

export function ofARefusedFile({ error }: RefusedFile): number | undefined {
  return error.code === 'too-large' ? error.limit : undefined
}

/** A backend of one's own may add to what longhaul knows. */
export class QuotaError extends UploadError {
  readonly left = 0

  constructor() {
    super('not-accepted', 'There is no room left')
  }
}
export const plain: UploadError = new UploadError('unexpected', 'odd', { cause: 'why', retryable: true })
// @ts-expect-error What is of this code has a status: it is an HttpError.
export const bare: UploadError = new UploadError('http', 'odd')

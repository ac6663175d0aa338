/** The contract's errors, and how they are answered. */
import { randomBytes } from 'node:crypto'
import { S3ServiceException } from '@aws-sdk/client-s3'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ContractError } from '../contract.ts'
import { isNetworkError } from '../failure.ts'
import type { ErrorShape } from '../reference/reference-backend.ts'
import type { Settings } from '../reference/settings.ts'
import type { NewtonSettings } from './settings.ts'

/**
 * The document has the first eight by name but without statuses, except the three that contain one. The others are
 * ours, for errors that the document does not name.
 */
const statuses = {
  missing_parameter: 400,
  invalid_file_type: 400,
  invalid_file_size: 413,
  upload_not_found: 404,
  NOT_FOUND: 404,
  capacity_reached: 429,
  file_backup_failed: 502,
  unauthorized: 401,
  forbidden: 403,
  invalid_parameter: 400,
  missing_parts: 400,
  invalid_part_token: 400,
  upload_conflict: 409,
  integrity_mismatch: 422,
  internal_error: 500,
  service_unavailable: 503,
  gateway_timeout: 504,
} as const satisfies Record<string, ContentfulStatusCode>

export type NewtonCode = keyof typeof statuses

export const newtonCodes: readonly string[] = Object.keys(statuses)

export class NewtonError extends Error {
  override readonly name = 'NewtonError'
  readonly code: NewtonCode
  readonly suggestion: string | undefined

  constructor(code: NewtonCode, message: string, suggestion?: string) {
    super(message)
    this.code = code
    this.suggestion = suggestion
  }
}

export function newtonErrors({ settings }: { readonly settings: Settings<NewtonSettings> }): ErrorShape {
  const answer = (error: NewtonError): Response => answerError(error, settings.current.errorForm)
  return {
    answerFailure: (error, c) =>
      c.req.raw.signal.aborted ? new Response(null, { status: 499 }) : answer(inTerms(error)),
    answerCode: (code, message) => answer(new NewtonError(code as NewtonCode, message)),
    // The document leaves some refusals of keys in the old form.
    answerUnauthorized: (state) => {
      const error = new NewtonError('unauthorized', `The API key is ${state}`)
      return state === 'missing' ? answerError(error, 'detail') : answer(error)
    },
    answerNoRoute: (c) => answer(new NewtonError('NOT_FOUND', `There is no ${c.req.method} ${c.req.path}`)),
  }
}

/** Any failure, in the contract's terms. */
function inTerms(error: Error): NewtonError {
  if (error instanceof NewtonError) return error
  if (error instanceof ContractError)
    return new NewtonError(error.missing ? 'missing_parameter' : 'invalid_parameter', error.message)
  if (error instanceof S3ServiceException && ['InvalidPart', 'EntityTooSmall'].includes(error.name))
    return new NewtonError('invalid_part_token', error.message, 'Upload the part again')
  if (error instanceof S3ServiceException || isNetworkError(error))
    return new NewtonError('file_backup_failed', error.message || error.name)
  console.error(error)
  return new NewtonError('internal_error', 'Something went wrong in the reference server')
}

function answerError(error: NewtonError, form: NewtonSettings['errorForm']): Response {
  return Response.json(describe(error, form), { status: statuses[error.code] })
}

function describe(
  { code, message, suggestion }: NewtonError,
  form: NewtonSettings['errorForm'],
): Readonly<Record<string, unknown>> {
  if (form === 'detail') return { detail: message }
  if (form === 'error') return { error: { code, message, details: {} } }
  const error_uid = `err_${randomBytes(8).toString('hex')}`
  return { errors: [{ code, message, ...(suggestion !== undefined && { suggestion }), error_uid }] }
}

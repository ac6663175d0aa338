/** The fragment's errors, and how it answers them. */
import { S3ServiceException } from '@aws-sdk/client-s3'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ContractError } from '../contract.ts'
import { isNetworkError } from '../failure.ts'
import type { ErrorShape } from '../reference/reference-backend.ts'

/** The documented codes, with the fragment's statuses. */
const statuses = {
  UPLOAD_NOT_FOUND: 404,
  UPLOAD_ALREADY_ACTIVE: 409,
  UPLOAD_METADATA_MISMATCH: 409,
  FILE_NOT_FOUND: 404,
  FILE_ALREADY_EXISTS: 409,
  UPLOAD_EXPIRED: 410,
  UPLOAD_INVALID_STATE: 409,
  PROVIDER_MISMATCH: 409,
  SIGNED_URL_UNSUPPORTED: 400,
  STORAGE_ERROR: 502,
  INVALID_FILE_KEY: 400,
  INVALID_CHECKSUM: 400,
} as const satisfies Record<string, ContentfulStatusCode>

/** Not documented, but the fragment answers it to a query that it cannot read. */
const domainStatuses = { ...statuses, INVALID_REQUEST: 400 } as const

/** The framework under the fragment says these, in `error`, where the fragment's own errors have `message`. */
const routerStatuses = {
  INVALID_REQUEST_BODY: 400,
  ROUTE_NOT_FOUND: 404,
  // The fragment leaves this to the application around it, which may say it in any way.
  UNAUTHORIZED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INTERNAL_SERVER_ERROR: 500,
} as const satisfies Record<string, ContentfulStatusCode>

const validationCode = 'FRAGNO_VALIDATION_ERROR'

export type FragnoCode = keyof typeof domainStatuses
type RouterCode = keyof typeof routerStatuses

export const fragnoCodes: readonly string[] = [
  ...Object.keys(domainStatuses),
  ...Object.keys(routerStatuses),
  validationCode,
]

export class FragnoError extends Error {
  override readonly name = 'FragnoError'
  readonly code: FragnoCode | RouterCode

  constructor(code: FragnoCode | RouterCode, message: string) {
    super(message)
    this.code = code
  }
}

export const fragnoErrors: ErrorShape = {
  answerFailure: (error, c) =>
    c.req.raw.signal.aborted ? new Response(null, { status: 499 }) : answer(error),
  answerCode: (code, message) =>
    code === validationCode
      ? answer(new ContractError(message))
      : answer(new FragnoError(code as FragnoCode | RouterCode, message)),
  answerUnauthorized: (state) => answer(new FragnoError('UNAUTHORIZED', `The token is ${state}`)),
  answerNoRoute: (c) =>
    answer(new FragnoError('ROUTE_NOT_FOUND', `There is no ${c.req.method} ${c.req.path}`)),
}

function answer(error: Error): Response {
  if (error instanceof FragnoError) return answerError(error)
  if (error instanceof ContractError) return answerInvalid(error)
  if (isStorageFailure(error))
    return answerError(new FragnoError('STORAGE_ERROR', error.message || error.name))
  console.error(error)
  return answerError(new FragnoError('INTERNAL_SERVER_ERROR', 'Something went wrong in the reference server'))
}

function answerError({ code, message }: FragnoError): Response {
  return isRouterCode(code)
    ? Response.json({ error: message, code }, { status: routerStatuses[code] })
    : Response.json({ message, code }, { status: domainStatuses[code] })
}

function answerInvalid({ message, field }: ContractError): Response {
  const issues = [{ path: pathOf(field), message }]
  return Response.json({ message: 'Validation failed', issues, code: validationCode }, { status: 400 })
}

/** Turns `parts[2].etag` into `['parts', 2, 'etag']`. */
function pathOf(field: string): readonly (string | number)[] {
  const steps = field.match(/[^.[\]]+/g) ?? []
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}

export function isStorageFailure(error: unknown): error is Error {
  return error instanceof S3ServiceException || (error instanceof Error && isNetworkError(error))
}

function isRouterCode(code: FragnoCode | RouterCode): code is RouterCode {
  return code in routerStatuses
}

import { STATUS_CODES } from 'node:http'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { ContractError } from '../contract.ts'

/** The failures of the contract. The vendor gives them statuses but no names, so the names are ours. */
const statuses = {
  'upload-failed': 400,
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'validation-error': 422,
  'invalid-authenticity-token': 422,
  'rate-limited': 429,
  'internal-error': 500,
} as const

export type FailureCode = keyof typeof statuses
export type FailureStatus = (typeof statuses)[FailureCode]

export const codes: readonly string[] = Object.keys(statuses)

/** An answer that is an error. */
export class UploadFailure extends Error {
  override readonly name = 'UploadFailure'
  readonly code: FailureCode
  readonly status: FailureStatus
  /** Where in the request the mistake is. */
  readonly path: readonly string[]

  constructor(code: FailureCode, message: string, path: readonly string[] = ['body']) {
    super(message)
    this.code = code
    this.status = statuses[code]
    this.path = path
  }

  get title(): string {
    return STATUS_CODES[this.status] ?? ''
  }
}

/** @param code One of `codes`. */
export function failureOf(code: string, message = `${code}, as it was ordered`): UploadFailure {
  return new UploadFailure(code as FailureCode, message)
}

export function asFailure(error: Error): UploadFailure {
  if (error instanceof UploadFailure) return error
  if (error instanceof ContractError) return new UploadFailure('bad-request', error.message)
  if (error instanceof S3ServiceException) return ofStorage(error)
  console.error(error)
  return new UploadFailure('internal-error', 'Something went wrong in the demo server')
}

function ofStorage({ name, message, $metadata }: S3ServiceException): UploadFailure {
  const code = $metadata.httpStatusCode === 404 ? 'not-found' : 'upload-failed'
  return new UploadFailure(code, `${name} from the storage: ${message}`)
}

import { S3ServiceException } from '@aws-sdk/client-s3'
import { ContractError } from '../contract.ts'

/** The document's codes, with their statuses. */
const documented = {
  'file/not-found': 404,
  'file/invalid-name': 400,
  'file/file-too-large': 400,
  'file/file-too-small': 400,
  'file/invalid-format': 400,
  'file/invalid-path': 400,
  'file/bucket-not-configured': 500,
  'file/invalid-part-number-range': 400,
  'file/upload-init-failed': 500,
  'file/invalid-parts-array': 400,
  'file/access-denied': 403,
  'file/s3-key-already-exists': 409,
  'file/s3-key-too-long': 400,
  'file/original-name-too-long': 400,
  'file/mime-type-too-long': 400,
  'file/size-negative': 400,
  'common/authentication-required': 401,
} as const

/** The first one is mentioned elsewhere in the vendor's pages. For the others there is no code anywhere. */
const others = {
  'data/rate-limit-exceeded': 429,
  'common/invalid-request': 400,
  'common/not-found': 404,
  'common/internal-error': 500,
} as const

const statuses = { ...documented, ...others }

export type BkendCode = keyof typeof statuses
export type BkendStatus = (typeof statuses)[BkendCode]

export const codes: readonly string[] = Object.keys(statuses)

/** An answer that is an error. */
export class BkendFailure extends Error {
  override readonly name = 'BkendFailure'
  readonly code: BkendCode
  readonly status: BkendStatus

  constructor(code: BkendCode, message: string) {
    super(message)
    this.code = code
    this.status = statuses[code]
  }
}

/** @param code One of `codes`. */
export function failureOf(code: string, message = `${code}, as it was ordered`): BkendFailure {
  return new BkendFailure(code as BkendCode, message)
}

/** The codes of S3's refusals here. */
const translated: Readonly<Record<string, BkendCode>> = {
  NoSuchBucket: 'file/bucket-not-configured',
  NoSuchUpload: 'file/not-found',
  NoSuchKey: 'file/not-found',
  NotFound: 'file/not-found',
  EntityTooSmall: 'file/file-too-small',
  EntityTooLarge: 'file/file-too-large',
  InvalidPart: 'file/invalid-parts-array',
  InvalidPartOrder: 'file/invalid-parts-array',
  KeyTooLongError: 'file/s3-key-too-long',
  AccessDenied: 'file/access-denied',
}

export function asFailure(error: Error): BkendFailure {
  if (error instanceof BkendFailure) return error
  if (error instanceof ContractError) return new BkendFailure('common/invalid-request', error.message)
  if (error instanceof S3ServiceException) return ofStorage(error)
  console.error(error)
  return new BkendFailure('common/internal-error', 'Something went wrong in the demo server')
}

function ofStorage({ name, message }: S3ServiceException): BkendFailure {
  return new BkendFailure(translated[name] ?? 'common/internal-error', `${name} from the storage: ${message}`)
}

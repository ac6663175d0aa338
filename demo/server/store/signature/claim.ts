import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'

/** What a request says of its own signature, in its query or in its Authorization header. */
export type SignatureClaim = {
  readonly accessKeyId: string
  readonly region: string
  /** Milliseconds since 1970. */
  readonly date: number
  /** Lower case. */
  readonly signedHeaders: ReadonlySet<string>
  readonly signature: string
  /** Seconds. `undefined` if the signature is in the header, where it is valid only for minutes. */
  readonly expiresIn: number | undefined
}

const algorithm = 'AWS4-HMAC-SHA256'
const longestLife = 7 * 24 * 60 * 60

/** Throws S3's answer to a request without a signature, or with one that cannot be read. */
export function signatureClaim(request: S3Request): SignatureClaim {
  const inQuery = request.query.has('X-Amz-Algorithm')
  const header = request.headers['authorization']
  if (inQuery && header !== undefined) {
    throw s3Error(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    )
  }
  if (inQuery) return presignedClaim(request.query)
  if (header !== undefined) return headerClaim(header, request.headers)
  throw s3Error('AccessDenied')
}

function presignedClaim(query: ReadonlyMap<string, string>): SignatureClaim {
  const expiresIn = query.get('X-Amz-Expires') ?? ''
  const malformed = (what: string) => s3Error('AuthorizationQueryParametersError', what)
  if (query.get('X-Amz-Algorithm') !== algorithm) {
    throw malformed(`X-Amz-Algorithm only supports "${algorithm}"`)
  }
  if (!/^\d{1,9}$/.test(expiresIn) || Number(expiresIn) > longestLife) {
    throw malformed('X-Amz-Expires must be a number between 0 and 604800 seconds')
  }
  const claim = claimOf(
    {
      credential: query.get('X-Amz-Credential') ?? '',
      date: query.get('X-Amz-Date') ?? '',
      signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
      signature: query.get('X-Amz-Signature') ?? '',
    },
    malformed,
  )
  return { ...claim, expiresIn: Number(expiresIn) }
}

function headerClaim(header: string, headers: S3Request['headers']): SignatureClaim {
  if (!header.startsWith(`${algorithm} `)) {
    throw s3Error('InvalidArgument', 'Unsupported Authorization Type')
  }
  const field = (name: string) => new RegExp(`${name}=([^,\\s]*)`).exec(header)?.[1] ?? ''
  const claim = claimOf(
    {
      credential: field('Credential'),
      date: headers['x-amz-date'] ?? '',
      signedHeaders: field('SignedHeaders'),
      signature: field('Signature'),
    },
    (what) => s3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${what}`),
  )
  return { ...claim, expiresIn: undefined }
}

type Fields = Readonly<Record<'credential' | 'date' | 'signedHeaders' | 'signature', string>>

function claimOf(
  { credential, date, signedHeaders, signature }: Fields,
  malformed: (what: string) => Error,
): Omit<SignatureClaim, 'expiresIn'> {
  const [accessKeyId = '', day, region = '', service, end, ...more] = credential.split('/')
  const wellFormed = service === 's3' && end === 'aws4_request' && more.length === 0 && accessKeyId !== ''
  if (!wellFormed)
    throw malformed('the Credential is mal-formed; expecting "<key>/YYYYMMDD/REGION/s3/aws4_request".')
  const milliseconds = parseDate(date)
  if (Number.isNaN(milliseconds))
    throw malformed("the date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  if (!date.startsWith(day ?? '')) throw malformed('the date in the Credential is not that of the request.')
  if (!/^[0-9a-f]{64}$/.test(signature)) throw malformed('the Signature is missing or mal-formed.')
  const names = new Set(signedHeaders.split(';').filter((name) => name !== ''))
  return { accessKeyId, region, date: milliseconds, signedHeaders: names, signature }
}

/** @param date Such as 20261121T040000Z. @returns Milliseconds since 1970; NaN if it is no date. */
export function parseDate(date: string): number {
  const fields = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  if (fields === null) return Number.NaN
  const [, year, month, day, hour, minute, second] = fields
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

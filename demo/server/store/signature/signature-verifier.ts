import { timingSafeEqual } from 'node:crypto'
import type { SignatureV4 } from '@smithy/signature-v4'
import { s3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { Settings } from '../settings.ts'
import { type SignatureClaim, signatureClaim } from './claim.ts'
import { createSigner, resign } from './resign.ts'

type VerifierSettings = Pick<Settings, 'region' | 'credentials' | 'strictHeaders' | 'now'>

/** Milliseconds by which S3 lets clocks differ. */
const allowedSkew = 15 * 60 * 1000

/** Verifies Signature Version 4, in the query (presigned URLs) and in the Authorization header. */
export class SignatureVerifier {
  readonly #settings: VerifierSettings
  readonly #signer: SignatureV4

  constructor(settings: VerifierSettings) {
    this.#settings = settings
    this.#signer = createSigner(settings.region, settings.credentials)
  }

  /** Rejects with S3's answer if it would refuse the request. */
  async verify(request: S3Request): Promise<void> {
    const claim = signatureClaim(request)
    this.#checkKey(request, claim)
    this.#checkTime(claim)
    this.#checkHeaders(request, claim)
    const expected = await resign(this.#signer, request, claim)
    if (!equal(expected, claim.signature)) throw s3Error('SignatureDoesNotMatch')
  }

  #checkKey({ query, headers }: S3Request, { accessKeyId, region, expiresIn }: SignatureClaim): void {
    const { credentials, region: expected } = this.#settings
    if (accessKeyId !== credentials.accessKeyId) {
      throw s3Error('InvalidAccessKeyId', undefined, { AWSAccessKeyId: accessKeyId })
    }
    // Our key is not a temporary one.
    if (query.has('X-Amz-Security-Token') || headers['x-amz-security-token'] !== undefined) {
      throw s3Error('InvalidToken')
    }
    if (region !== expected) {
      const inQuery = expiresIn !== undefined
      const code = inQuery ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed'
      throw s3Error(code, `the region '${region}' is wrong; expecting '${expected}'`, { Region: expected })
    }
  }

  #checkTime({ date, expiresIn }: SignatureClaim): void {
    const now = this.#settings.now()
    if (expiresIn === undefined) {
      if (Math.abs(now - date) > allowedSkew) throw s3Error('RequestTimeTooSkewed')
      return
    }
    if (date - now > allowedSkew) throw s3Error('AccessDenied', 'Request is not valid yet')
    if (now > date + expiresIn * 1000) throw expired(now, date, expiresIn)
  }

  /** S3 wants Host and every x-amz- header signed. */
  #checkHeaders({ headers }: S3Request, { signedHeaders }: SignatureClaim): void {
    const unsigned = Object.keys(headers).filter(
      (name) => this.#needsSignature(name) && !signedHeaders.has(name),
    )
    if (unsigned.length === 0) return
    const message = 'There were headers present in the request which were not signed'
    throw s3Error('AccessDenied', message, { HeadersNotSigned: unsigned.join(', ') })
  }

  #needsSignature(name: string): boolean {
    if (name === 'content-type') return this.#settings.strictHeaders
    // Its value is signed in any case, as the canonical request's last line. Evaporate does not list it among the
    // headers.
    if (name === 'x-amz-content-sha256') return false
    return name === 'host' || name.startsWith('x-amz-')
  }
}

export function expired(now: number, date: number, expiresIn: number): Error {
  return s3Error('AccessDenied', 'Request has expired', {
    'X-Amz-Expires': String(expiresIn),
    Expires: new Date(date + expiresIn * 1000).toISOString(),
    ServerTime: new Date(now).toISOString(),
  })
}

/** Takes the same time wherever they differ. */
function equal(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

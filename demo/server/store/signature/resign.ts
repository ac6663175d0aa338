import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { S3Request } from '../protocol/s3-request.ts'
import type { Credentials } from '../settings.ts'
import type { SignatureClaim } from './claim.ts'

/** Its value ends the signed text, whether or not the header itself is signed: see `SignatureVerifier`. */
const bodyDigest = 'x-amz-content-sha256'

/** The AWS SDK's own signer. S3 is the only service whose paths are neither escaped twice nor normalized. */
export function createSigner(region: string, credentials: Credentials): SignatureV4 {
  return new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
}

/** The signature that this request has if its signer holds our key and nothing has changed since. */
export async function resign(
  signer: SignatureV4,
  request: S3Request,
  claim: SignatureClaim,
): Promise<string> {
  const headers = signedHeaders(request, claim)
  const names = new Set(Object.keys(headers))
  const { method } = request
  const query = signedQuery(request)
  const unsigned = new HttpRequest({ method, path: canonicalPath(request.path), query, headers })
  const options = { signingDate: new Date(claim.date), signableHeaders: names }
  if (claim.expiresIn === undefined) {
    if (!names.has(bodyDigest) && request.headers[bodyDigest] !== undefined)
      unsigned.headers[bodyDigest] = request.headers[bodyDigest]
    const unsignableHeaders = new Set(names.has(bodyDigest) ? [] : [bodyDigest])
    const signed = await signer.sign(unsigned, { ...options, unsignableHeaders })
    return /Signature=(\w+)/.exec(signed.headers['authorization'] ?? '')?.[1] ?? ''
  }
  // With a body that it cannot hash, the signer signs "UNSIGNED-PAYLOAD", as everyone who presigns does.
  unsigned.body = {}
  const signed = await signer.presign(unsigned, {
    ...options,
    expiresIn: claim.expiresIn,
    unhoistableHeaders: names,
  })
  return String(signed.query?.['X-Amz-Signature'] ?? '')
}

function signedHeaders({ headers }: S3Request, claim: SignatureClaim): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => claim.signedHeaders.has(name)))
}

function signedQuery({ parameters }: S3Request): Record<string, string[]> {
  const query: Record<string, string[]> = Object.create(null)
  for (const [name, value] of parameters) {
    if (name === 'X-Amz-Signature') continue
    const values = query[name]
    if (values) values.push(value)
    else query[name] = [value]
  }
  return query
}

/** However the client escaped the path, the signed one has everything escaped but unreserved characters and slashes. */
function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, percent))
    .join('/')
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { ObjectStore } from '../../demo/server/store/object-store.ts'
import { type RawResponse, rawRequest } from '../contracts/s3/raw-request.ts'
import { bucket } from './started-store.ts'

export type SignedRequest = {
  readonly method: string
  readonly key: string
  readonly headers?: Record<string, string>
  readonly query?: Record<string, string>
  readonly body?: string
  /** Sent in place of the body that was signed. */
  readonly replaced?: Record<string, string>
}

/** Sends a request that no S3 client would send, correctly signed in its Authorization header. */
export async function sendSigned(store: ObjectStore, request: SignedRequest): Promise<RawResponse> {
  const { method, key, query = {}, body, replaced = {} } = request
  const { region, credentials, endpoint } = store
  const host = new URL(endpoint).host
  const path = `/${bucket}/${key}`
  const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...request.headers }
  const signer = new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false })
  const signed = await signer.sign(new HttpRequest({ method, path, query, headers }))
  // Not by URLSearchParams, because S3 wants %20 for a space.
  const search = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='))
  return rawRequest(`${endpoint}${path}?${search.join('&')}`, {
    method,
    headers: { ...signed.headers, ...replaced },
    ...(body !== undefined && { body }),
  })
}

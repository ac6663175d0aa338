/** What the backends ask of S3 for objects that are stored and read in one piece. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Place } from './s3.ts'

export type Lifetime = {
  /** Seconds. */
  readonly seconds: number
  /** Whether it has already expired. */
  readonly over: boolean
}

type PutHeaders = Pick<
  PutObjectCommandInput,
  'ContentType' | 'ContentLength' | 'ContentMD5' | 'ContentDisposition'
>

/** By default the SDK does not sign Content-Type, and whoever has the URL could choose it. */
const signable = ['host', 'content-type', 'content-length', 'content-md5', 'content-disposition']

/** A URL that works only with exactly these headers. */
export function signPut(
  { s3, bucket }: Place,
  key: string,
  headers: PutHeaders,
  life: Lifetime,
): Promise<string> {
  const put = new PutObjectCommand({ Bucket: bucket, Key: key, ...headers })
  return getSignedUrl(s3, put, { ...signedFor(life), signableHeaders: new Set(signable) })
}

/** @param disposition The answer's Content-Disposition. */
export function signGet(
  { s3, bucket }: Place,
  key: string,
  disposition: string,
  life: Lifetime,
): Promise<string> {
  const get = new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentDisposition: disposition })
  return getSignedUrl(s3, get, signedFor(life))
}

/** Rejects if there is no such object. */
export async function sizeOf({ s3, bucket }: Place, key: string): Promise<number> {
  const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  return ContentLength ?? 0
}

export async function remove({ s3, bucket }: Place, key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
}

/** What the SDK is told about a URL's lifetime. An expired one was signed for one second, a minute ago. */
export function signedFor({ seconds, over }: Lifetime): { expiresIn: number; signingDate?: Date } {
  return over ? { expiresIn: 1, signingDate: new Date(Date.now() - 60_000) } : { expiresIn: seconds }
}

/** What this backend asks of S3 beyond what all backends do. */
import type { Readable } from 'node:stream'
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Place } from '../s3.ts'
import { type Checksum, checksumBytes } from './checksum.ts'

export type PutTarget = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

export type ObjectToPut = {
  readonly key: string
  readonly contentType: string
  readonly checksum: Checksum | null
}

/** Every header is signed, so that a client that leaves one out or changes it is refused. */
export async function signPut(
  { s3, bucket }: Place,
  { key, contentType, checksum }: ObjectToPut,
  lifetime: number,
): Promise<PutTarget> {
  const headers = { 'Content-Type': contentType, ...checksumHeader(checksum) }
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    ...checksumInput(checksum),
  })
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const url = await getSignedUrl(s3, put, {
    expiresIn: seconds(lifetime),
    signableHeaders: new Set([...names, 'host']),
    unhoistableHeaders: names,
  })
  return { url, headers }
}

/** S3 counts in seconds. */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000)
}

function checksumHeader(checksum: Checksum | null): Readonly<Record<string, string>> {
  if (checksum === null) return {}
  const value = checksumBytes(checksum).toString('base64')
  return checksum.algo === 'md5' ? { 'Content-MD5': value } : { 'x-amz-checksum-sha256': value }
}

function checksumInput(checksum: Checksum | null): { ContentMD5?: string; ChecksumSHA256?: string } {
  if (checksum === null) return {}
  const value = checksumBytes(checksum).toString('base64')
  return checksum.algo === 'md5' ? { ContentMD5: value } : { ChecksumSHA256: value }
}

export async function createMultipart(
  { s3, bucket }: Place,
  { key, contentType }: ObjectToPut,
): Promise<string> {
  const create = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType })
  return (await s3.send(create)).UploadId ?? ''
}

export type Content = { readonly body: Readable | Uint8Array; readonly size: number }

export async function putObject(
  { s3, bucket }: Place,
  { key, contentType }: ObjectToPut,
  { body, size }: Content,
  signal: AbortSignal,
): Promise<void> {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    Body: body,
    ContentLength: size,
  })
  await s3.send(put, { abortSignal: signal })
}

export async function sizeOf({ s3, bucket }: Place, key: string): Promise<number> {
  const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  return ContentLength ?? 0
}

export async function readObject({ s3, bucket }: Place, key: string): Promise<Readable> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  // In Node the SDK's body is a Node stream.
  return Body as Readable
}

export function signGet({ s3, bucket }: Place, key: string, lifetime: number): Promise<string> {
  return getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), {
    expiresIn: seconds(lifetime),
  })
}

export async function deleteObject({ s3, bucket }: Place, key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
}

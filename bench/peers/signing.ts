/**
 * The routes that other S3 clients, and longhaul with one PUT for each file, ask of an application's server: presigned
 * URLs for any request (Uppy), signatures (Evaporate), a key and a URL (docs/examples/one-put.ts).
 */
import { createHmac, randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { Hono } from 'hono'
import { type StorePlace, s3Client } from '../s3.ts'

/** The request of Uppy's `signRequest`. */
export type SignRequest = {
  readonly method: string
  readonly key: string
  readonly uploadId?: string
  readonly partNumber?: number
}

/** @param lifetime Seconds for which a URL is valid. */
export function signing(store: StorePlace, lifetime: number): Hono {
  const s3 = s3Client(store)
  const app = new Hono()
  app.post('/sign', async (c) => {
    return c.json({ url: await presign(s3, store.bucket, await c.req.json<SignRequest>(), lifetime) })
  })
  app.post('/start-put', async (c) => {
    const { fileSize } = await c.req.json<{ fileSize: number }>()
    return c.json(await startPut(s3, store.bucket, fileSize, lifetime))
  })
  app.post('/signature', async (c) => {
    const { stringToSign } = await c.req.json<{ stringToSign: string }>()
    return c.json({ signature: signatureOf(stringToSign, store) })
  })
  return app
}

function presign(s3: S3Client, Bucket: string, request: SignRequest, expiresIn: number): Promise<string> {
  const { method, key: Key, uploadId: UploadId, partNumber: PartNumber } = request
  const options = { expiresIn }
  if (UploadId === undefined) {
    return method === 'POST'
      ? getSignedUrl(s3, new CreateMultipartUploadCommand({ Bucket, Key }), options)
      : getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }), options)
  }
  const upload = { Bucket, Key, UploadId }
  switch (method) {
    case 'PUT':
      return getSignedUrl(s3, new UploadPartCommand({ ...upload, PartNumber }), options)
    case 'POST':
      return getSignedUrl(s3, new CompleteMultipartUploadCommand(upload), options)
    case 'DELETE':
      return getSignedUrl(s3, new AbortMultipartUploadCommand(upload), options)
    default:
      return getSignedUrl(s3, new ListPartsCommand(upload), options)
  }
}

type StartedPut = { readonly key: string; readonly url: string; readonly headers: Record<string, string> }

/** As in docs/examples/server-one-put.ts. */
async function startPut(
  s3: S3Client,
  Bucket: string,
  ContentLength: number,
  expiresIn: number,
): Promise<StartedPut> {
  const Key = `uploads/${randomUUID()}`
  const ContentType = 'application/octet-stream'
  const put = new PutObjectCommand({ Bucket, Key, ContentLength, ContentType })
  const signableHeaders = new Set(['content-type'])
  const url = await getSignedUrl(s3, put, { expiresIn, signableHeaders })
  return { key: Key, url, headers: { 'content-type': ContentType } }
}

/** Signature Version 4. The third line of the text names the day, region and service. */
export function signatureOf(
  stringToSign: string,
  { secretAccessKey }: Pick<StorePlace, 'secretAccessKey'>,
): string {
  const scope = stringToSign.split('\n')[2]?.split('/') ?? []
  const key = scope.reduce<string | Buffer>(
    (secret, word) => createHmac('sha256', secret).update(word).digest(),
    `AWS4${secretAccessKey}`,
  )
  return createHmac('sha256', key).update(stringToSign).digest('hex')
}

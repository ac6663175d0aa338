/** The way to the store for our two processes. */
import { S3Client } from '@aws-sdk/client-s3'

export type StorePlace = {
  /** Where the page finds it, and what it is signed for. */
  readonly endpoint: string
  /** Where our processes find it: no network lies between them. */
  readonly direct: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** No checksums but those that S3 requires: a presigned URL would otherwise ask the page for one. */
export function s3Client({ endpoint, direct, region, accessKeyId, secretAccessKey }: StorePlace): S3Client {
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  if (direct !== endpoint) connectTo(direct, client)
  return client
}

/** Only the connection is another one: the `Host`, which is signed, stays. URLs that are presigned do not get here. */
function connectTo(address: string, { middlewareStack }: S3Client): void {
  const { hostname, port } = new URL(address)
  middlewareStack.add(
    (next) => (sent) => {
      Object.assign(sent.request as object, { hostname, port: Number(port) })
      return next(sent)
    },
    { name: 'connectTo', step: 'finalizeRequest', priority: 'low' },
  )
}

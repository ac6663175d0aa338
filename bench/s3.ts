/** The connection of the bench's two processes to the store. */
import { S3Client } from '@aws-sdk/client-s3'

export type StorePlace = {
  /** The address that the page uses, and that is signed. */
  readonly endpoint: string
  /** The address that the bench's processes use, with no network in between. */
  readonly direct: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Only the checksums that S3 requires: otherwise a presigned URL would ask the page for one. */
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

/** Changes only the connection. The signed `Host` stays. Presigned URLs do not pass through here. */
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

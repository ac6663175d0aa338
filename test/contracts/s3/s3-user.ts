import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type ChecksumType,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type DeleteObjectCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type RawResponse, rawRequest } from './raw-request.ts'

export type S3Address = {
  readonly endpoint: string
  readonly region: string
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  readonly bucket: string
  /** `https://host/bucket/key`; otherwise `https://bucket.host/key`. @default true */
  readonly pathStyle?: boolean
}

type Presignable =
  | CompleteMultipartUploadCommand
  | DeleteObjectCommand
  | GetObjectCommand
  | PutObjectCommand
  | UploadPartCommand

type PresignOptions = {
  /** Seconds. */
  readonly expiresIn?: number
  readonly signingDate?: Date
  readonly signableHeaders?: Set<string>
  readonly unhoistableHeaders?: Set<string>
}

/** What the tests do with a storage, through the AWS SDK and presigned URLs, in short calls. */
export class S3User {
  readonly s3: S3Client
  readonly bucket: string

  constructor(address: S3Address, options: S3ClientConfig = {}) {
    const { endpoint, region, credentials, bucket, pathStyle = true } = address
    this.bucket = bucket
    this.s3 = new S3Client({
      endpoint,
      region,
      credentials,
      forcePathStyle: pathStyle,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      ...options,
    })
  }

  presign(command: Presignable, options: PresignOptions = {}): Promise<string> {
    // The type checker takes the commands for different kinds, but the presigner accepts all of them.
    return getSignedUrl(this.s3, command as PutObjectCommand, { expiresIn: 600, ...options })
  }

  presignPut(key: string, options?: PresignOptions): Promise<string> {
    return this.presign(new PutObjectCommand({ Bucket: this.bucket, Key: key }), options)
  }

  presignPart(key: string, uploadId: string, number: number): Promise<string> {
    return this.presign(new UploadPartCommand({ ...this.#upload(key, uploadId), PartNumber: number }))
  }

  /** Puts through a presigned URL that has the headers in its signature. */
  async putWithHeaders(
    key: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RawResponse> {
    return this.#sendWithHeaders(new PutObjectCommand({ Bucket: this.bucket, Key: key }), body, headers)
  }

  /** Like `putWithHeaders`. */
  async putPartWithHeaders(
    key: string,
    uploadId: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RawResponse> {
    const command = new UploadPartCommand({ ...this.#upload(key, uploadId), PartNumber: 1 })
    return this.#sendWithHeaders(command, body, headers)
  }

  async #sendWithHeaders(
    command: PutObjectCommand | UploadPartCommand,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RawResponse> {
    // The type checker takes the commands for different kinds.
    const { middlewareStack } = command as PutObjectCommand
    middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: Record<string, string> }).headers, headers)
        return next(args)
      },
      { step: 'build' },
    )
    const url = await this.presign(command, { unhoistableHeaders: new Set(Object.keys(headers)) })
    return rawRequest(url, { method: 'PUT', headers: { ...headers }, body })
  }

  async put(key: string, body: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body }))
  }

  async read(key: string, range?: string): Promise<Buffer> {
    const got = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, Range: range }))
    return Buffer.from((await got.Body?.transformToByteArray()) ?? [])
  }

  async readText(key: string, range?: string): Promise<string> {
    return (await this.read(key, range)).toString()
  }

  async create(
    key: string,
    checksum: { ChecksumAlgorithm?: ChecksumAlgorithm; ChecksumType?: ChecksumType } = {},
  ): Promise<string> {
    const command = new CreateMultipartUploadCommand({ Bucket: this.bucket, Key: key, ...checksum })
    const { UploadId } = await this.s3.send(command)
    return UploadId ?? ''
  }

  /** Uses a presigned URL. Rejects as the SDK does. */
  async putPart(
    key: string,
    uploadId: string,
    number: number,
    body: string | Uint8Array,
  ): Promise<CompletedPart> {
    const url = await this.presignPart(key, uploadId, number)
    const { status, headers, element } = await rawRequest(url, { method: 'PUT', body })
    if (status === 200) return { PartNumber: number, ETag: headers.etag }
    const error = { name: element('Code'), $metadata: { httpStatusCode: status } }
    throw Object.assign(new Error(element('Message')), error)
  }

  async partNumbers(key: string, uploadId: string): Promise<number[]> {
    const list = await this.s3.send(new ListPartsCommand(this.#upload(key, uploadId)))
    return (list.Parts ?? []).map(({ PartNumber = 0 }) => PartNumber)
  }

  complete(
    key: string,
    uploadId: string,
    parts: readonly CompletedPart[],
  ): Promise<CompleteMultipartUploadCommandOutput> {
    const list = { MultipartUpload: { Parts: [...parts] } }
    return this.s3.send(new CompleteMultipartUploadCommand({ ...this.#upload(key, uploadId), ...list }))
  }

  async abort(key: string, uploadId: string): Promise<void> {
    await this.s3.send(new AbortMultipartUploadCommand(this.#upload(key, uploadId)))
  }

  #upload(key: string, uploadId: string): { Bucket: string; Key: string; UploadId: string } {
    return { Bucket: this.bucket, Key: key, UploadId: uploadId }
  }
}

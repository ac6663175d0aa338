/**
 * What the samples of the documents take for granted: a fragment says in a comment above it which of these it needs, as in
 * `<!-- given: file, uploader -->`, and test/docs/samples.test.ts compiles it with them.
 */
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3'
import type { InterruptedUpload, Upload, Uploader } from 'longhaul'

export {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
export { getSignedUrl } from '@aws-sdk/s3-request-presigner'
export * from 'longhaul'
export * from 'longhaul/react'
export { RemoteUploader } from 'longhaul/remote'
export { onePut } from './one-put.ts'
export { parcels } from './parcels.ts'

export declare const file: File
export declare const files: FileList
export declare const uploader: Uploader
export declare const upload: Upload
export declare const left: InterruptedUpload
/** Elements of the page. */
export declare const bar: HTMLProgressElement
export declare const button: HTMLButtonElement
export declare const hiddenField: HTMLInputElement
export declare const zone: HTMLElement
export declare const confirm: HTMLInputElement
/** Of the application. */
export declare const session: {
  readonly userId: string
  readonly accessToken: string
  readonly refreshToken: string
  token(): Promise<string>
}
export declare function key(): Promise<string>
export declare function token(): Promise<string>
export declare function refreshToken(): Promise<void>
export declare function keep(value: unknown): void
export declare function show(text: string): void
/** Of a server, with the names of the AWS SDK. */
export declare const s3: S3Client
export declare const Bucket: string
export declare const Key: string
export declare const ContentDisposition: string
/** A field of a body. */
export declare const fileType: unknown
export declare const PartNumber: number
export declare const Parts: CompletedPart[]
/** Opens the page's file picker. */
export declare function pickAgain(): Promise<File>

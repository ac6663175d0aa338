/** The function that handles each S3 operation. */
import type { Operation } from '../protocol/operation.ts'
import type { Handler } from '../store-context.ts'
import { createBucket, headBucket } from './bucket-operations.ts'
import { completeMultipartUpload } from './complete-multipart-upload.ts'
import { listMultipartUploads } from './list-multipart-uploads.ts'
import { listObjects } from './list-objects.ts'
import { listParts } from './list-parts.ts'
import { deleteObject, getObject, headObject, putObject } from './object-operations.ts'
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './upload-operations.ts'

export const handlers: Readonly<Record<Operation, Handler>> = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CreateBucket: createBucket,
  CreateMultipartUpload: createMultipartUpload,
  DeleteObject: deleteObject,
  GetObject: getObject,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListMultipartUploads: listMultipartUploads,
  ListObjectsV2: listObjects,
  ListParts: listParts,
  PutObject: putObject,
  UploadPart: uploadPart,
}

/** POST /files/uploads/initiate */
import { randomBytes } from 'node:crypto'
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { readFilled, readObject, readWhole } from '../contract.ts'
import { readFlag, readOptional } from '../contract-values.ts'
import type { Place } from '../s3.ts'
import type { Catalog } from './catalog.ts'
import { NewtonError } from './errors.ts'
import type { NewtonSettings } from './settings.ts'
import { type NewtonFile, type NewtonUpload, partSizeFor } from './upload.ts'

export type Initiation = { readonly file: NewtonFile; readonly resume: boolean }

/** Bytes: the document's 250 GB. */
const largest = 250_000_000_000

/** RFC 9110, 8.3.1, without parameters. */
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

export function readInitiation(body: unknown): Initiation {
  const fields = readObject(body, 'the body', ['filename', 'file_type', 'num_bytes', 'resume_if_started'])
  const name = readFilled(fields['filename'], 'filename')
  const type = readFilled(fields['file_type'], 'file_type')
  const size = readWhole(fields['num_bytes'], 'num_bytes', { from: 0, to: Number.MAX_SAFE_INTEGER })
  const resume = readOptional(fields['resume_if_started'], 'resume_if_started', readFlag) ?? false
  if (!mediaType.test(type))
    throw new NewtonError('invalid_file_type', `Expected \`file_type\` to be a MIME type, got "${type}"`)
  if (size > largest)
    throw new NewtonError('invalid_file_size', `Expected \`num_bytes\` to be at most ${largest}, got ${size}`)
  return { file: { name, type, size }, resume }
}

/** The active upload of this file, if the client wants to resume it. Nobody compares the files' content. */
export function findUnderway(catalog: Catalog, { file, resume }: Initiation): NewtonUpload | undefined {
  const underway = resume ? catalog.underway(file.name) : undefined
  if (underway === undefined) return undefined
  const { type, size } = underway.file
  if (type === file.type && size === file.size) return underway
  throw new NewtonError(
    'upload_conflict',
    `An upload of ${file.name} as ${type} with ${size} bytes is under way, got ${file.type} with ${file.size} bytes`,
    'Initiate it without resume_if_started',
  )
}

/** The document does not say what happens to another upload of the same name. Here it goes on. */
export async function startUpload(
  { s3, bucket }: Place,
  file: NewtonFile,
  settings: NewtonSettings,
): Promise<NewtonUpload> {
  const fileUid = `fil_${randomBytes(12).toString('hex')}`
  const objectKey = `newton/${fileUid}`
  const create = new CreateMultipartUploadCommand({ Bucket: bucket, Key: objectKey, ContentType: file.type })
  const { UploadId = '' } = await s3.send(create)
  return {
    id: `upl_${randomBytes(12).toString('hex')}`,
    fileUid,
    file,
    partSize: partSizeFor(file.size, settings),
    firstPart: settings.firstPart,
    integrity: settings.integrity,
    objectKey,
    storageUploadId: UploadId,
    checkpoints: new Map(),
    state: 'uploading',
  }
}

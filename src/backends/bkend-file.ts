/** Reads bkend's answers: bare or wrapped, a file, a page of files. */
import type { Json } from '../ports.ts'
import type { Answer } from './answer.ts'
import type { Reply } from './server.ts'

/** Who may see a file. bkend's default is `private`. */
export type BkendVisibility = 'public' | 'private' | 'protected' | 'shared'

/** The application's description of a file (bkend, "Create File Metadata"). */
export type BkendMetadata = {
  readonly category?: string
  readonly tags?: readonly string[]
  readonly description?: string
  /** The alternative text of a picture. */
  readonly alt?: string
  readonly relatedEntityId?: string
  readonly custom?: { readonly [name: string]: Json }
}

/**
 * A file as bkend registered it: `UploadResult.details` after an upload. Only the id is always there. bkend tells users who
 * do not own the file less of it, and answers an update with little more than the time of the update.
 */
export type BkendFile = {
  /** The id by which other calls name the file. */
  readonly id: string
  /** The object's key in the storage: `UploadResult.key`. */
  readonly s3Key?: string
  readonly originalName?: string
  readonly mimeType?: string
  /** Bytes. */
  readonly size?: number
  /** Pixels. */
  readonly width?: number
  /** Pixels. */
  readonly height?: number
  /** A `BkendVisibility`. */
  readonly visibility?: string
  readonly bucket?: string
  readonly ownerId?: string
  /** `user`, `session`, `service` or `public`. */
  readonly ownerType?: string
  /** The `BkendMetadata` that it was registered with. */
  readonly metadata?: { readonly [name: string]: Json }
  /** ISO 8601. */
  readonly createdAt?: string
  /** ISO 8601. */
  readonly updatedAt?: string
}

/** A page of the list of files. */
export type BkendPage = {
  readonly items: readonly BkendFile[]
  readonly pagination: {
    /** The number of files on all pages. */
    readonly total: number
    /** The number of this page, from 1. */
    readonly page: number
    /** The most files on a page. */
    readonly limit: number
    readonly totalPages: number
    readonly hasNextPage: boolean
    readonly hasPrevPage: boolean
  }
}

/**
 * bkend's reference shows bare answers, its examples unwrap `{ success: true, data }`. Both are read. `success: false` with
 * a 2xx is an error.
 */
export function answerOf(reply: Reply): Answer {
  reply.requireNoError()
  const answer = reply.fields()
  const isWrapped = answer.json('success') === true && answer.json('data') !== undefined
  return isWrapped ? answer.inner('data') : answer
}

/** bkend's reference has `s3Key`, its examples read `key`. */
export function keyOf(answer: Answer): Json | undefined {
  return answer.json(answer.isNull('s3Key') ? 'key' : 's3Key')
}

/**
 * @param isStored Whether the upload is complete. Then only the id is required, and other bad fields are left out.
 * @throws BackendError if a field breaks the contract.
 */
export function readFile(answer: Answer, isStored = false): BkendFile {
  const key = keyOf(answer)
  const file: Record<string, unknown> = {
    id: answer.text('id'),
    ...(typeof key === 'string' && { s3Key: key }),
  }
  const read = (field: string, value: () => unknown): void => {
    if (answer.isNull(field) || answer.json(field) === '') return
    try {
      file[field] = value()
    } catch (error) {
      if (!isStored) throw error
    }
  }
  for (const field of texts) read(field, () => answer.text(field))
  for (const field of numbers) read(field, () => answer.count(field, 0))
  read('metadata', () => answer.inner('metadata') && answer.json('metadata'))
  return file as BkendFile
}

export function readPage(answer: Answer): BkendPage {
  const pagination = answer.inner('pagination')
  return {
    items: answer.list('items').map((item) => readFile(item)),
    pagination: {
      total: pagination.count('total', 0),
      page: pagination.count('page', 1),
      limit: pagination.count('limit', 1),
      totalPages: pagination.count('totalPages', 0),
      hasNextPage: pagination.flag('hasNextPage'),
      hasPrevPage: pagination.flag('hasPrevPage'),
    },
  }
}

const texts = [
  's3Key',
  'originalName',
  'mimeType',
  'visibility',
  'bucket',
  'ownerId',
  'ownerType',
  'createdAt',
  'updatedAt',
]
const numbers = ['size', 'width', 'height']

/** bkend's answers: bare or wrapped, a file, a page of files. */
import type { Json } from '../ports.ts'
import type { Answer } from './answer.ts'
import type { Reply } from './server.ts'

/** Who may see a file; without one it is `private`. */
export type BkendVisibility = 'public' | 'private' | 'protected' | 'shared'

/** What the application may say of a file (bkend, "Create File Metadata"). */
export type BkendMetadata = {
  readonly category?: string
  readonly tags?: readonly string[]
  readonly description?: string
  /** What a picture shows, for those who do not see it. */
  readonly alt?: string
  readonly relatedEntityId?: string
  readonly custom?: { readonly [name: string]: Json }
}

/**
 * A file as bkend has registered it: `UploadResult.details` after an upload. Only the id is always there: those who do not
 * own the file are told less of it, and an update tells little more than when it was made.
 */
export type BkendFile = {
  /** What the other calls about files name it by. */
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
  /** As it was given: a `BkendMetadata`. */
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
    /** Files on all pages. */
    readonly total: number
    /** From 1. */
    readonly page: number
    readonly limit: number
    readonly totalPages: number
    readonly hasNextPage: boolean
    readonly hasPrevPage: boolean
  }
}

/**
 * The reference shows bare answers, the official examples take them out of `{ success: true, data }`: both are read, and
 * `success: false` with a 2xx is an error.
 */
export function answerOf(reply: Reply): Answer {
  reply.requireNoError()
  const answer = reply.fields()
  const isWrapped = answer.json('success') === true && answer.json('data') !== undefined
  return isWrapped ? answer.inner('data') : answer
}

/** The reference has `s3Key`, the official examples read `key`. */
export function keyOf(answer: Answer): Json | undefined {
  return answer.json(answer.isNull('s3Key') ? 'key' : 's3Key')
}

/**
 * @param isStored Of an upload that is complete, which does not fail for what is told of its file: only the id has to be there.
 * @throws BackendError where a field is not as the contract has it.
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

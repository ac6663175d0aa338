/** Checks what is read from a storage that anything may have written to: the result is a valid record, or nothing. */
import { createLayout } from './layout.ts'
import { isWhole } from './options.ts'
import type { Checkpoint, PartReceipt, StoredRecords, StoredUpload } from './ports.ts'

type Fields = { readonly [name: string]: unknown }
type Check = (value: unknown) => boolean
type Shape = { readonly [name: string]: Check }

/** The records as an upload; `undefined` if the checkpoint is damaged. A damaged receipt only costs its part. */
export function readStored({ checkpoint, receipts }: StoredRecords): StoredUpload | undefined {
  const read = readCheckpoint(checkpoint)
  return (
    read && {
      checkpoint: read,
      receipts: receipts.map(readReceipt).filter((receipt) => receipt !== undefined),
    }
  )
}

/** The value as a checkpoint; `undefined` if it is damaged or of another version. */
export function readCheckpoint(value: unknown): Checkpoint | undefined {
  return has(value, base) && isStage(value) ? (value as Checkpoint) : undefined
}

export function readReceipt(value: unknown): PartReceipt | undefined {
  return has(value, receipt) ? (value as PartReceipt) : undefined
}

const receipt: Shape = {
  number: isCount,
  size: isCount,
  etag: isText,
  md5: optional(isText),
  crc32c: optional(isText),
  crc32: optional(isText),
  crc64nvme: optional(isText),
}

const identity: Shape = {
  name: isText,
  relativePath: isText,
  type: isText,
  size: isCount,
  lastModified: Number.isFinite,
}

const base: Shape = {
  version: (value) => value === 1,
  key: isText,
  scope: isText,
  backend: isText,
  identity: (value) => has(value, identity),
  params: isFields,
  createdAt: Number.isFinite,
  expiresAt: Number.isFinite,
  digest: optional(isText),
}

const digestState: Shape = {
  algorithm: isText,
  build: isText,
  state: isText,
  check: isText,
  checked: isCount,
  offset: (value) => isWhole(value, 1),
}

const result: Shape = { key: isText, size: isCount, checksums: isFields }

function isStage(value: Fields): boolean {
  switch (value['stage']) {
    case 'identified':
      return value['hashing'] === undefined || isDigestState(value['hashing'])
    case 'opened':
      return (
        value['session'] !== undefined &&
        isLayout(value['layout'], value['identity']) &&
        optional(Number.isFinite)(value['sessionExpiresAt'])
      )
    case 'ended':
      return value['result'] === 'cancelled' || has(value['result'], result)
    case 'aborting':
      return value['session'] !== undefined
    default:
      return false
  }
}

function isDigestState(value: unknown): boolean {
  return has(value, digestState) && Number(value['checked']) <= Number(value['offset'])
}

/** With another size than the file's, an object would be made of a piece of it. */
function isLayout(value: unknown, file: unknown): boolean {
  const { fileSize, partSize, cuts } = Object(value)
  try {
    createLayout(fileSize, partSize, cuts)
    return fileSize === Object(file).size
  } catch {
    return false
  }
}

function has(value: unknown, shape: Shape): value is Fields {
  return isFields(value) && Object.entries(shape).every(([name, isGood]) => isGood(value[name]))
}

function optional(isGood: Check): Check {
  return (value) => value === undefined || isGood(value)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isCount(value: unknown): boolean {
  return isWhole(value, 0)
}

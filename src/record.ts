/** What is read from a storage that anything may have written to: a record, or nothing. */
import type { Checkpoint, Identity, Layout, PartReceipt, StoredRecords, StoredUpload } from './ports.ts'

type Fields = { readonly [name: string]: unknown }

/** The records as an upload; `undefined` where the checkpoint is damaged. A damaged receipt only costs its part. */
export function readStored({ checkpoint, receipts }: StoredRecords): StoredUpload | undefined {
  const read = readCheckpoint(checkpoint)
  return (
    read && {
      checkpoint: read,
      receipts: receipts.map(readReceipt).filter((receipt) => receipt !== undefined),
    }
  )
}

/** The value as a checkpoint; `undefined` where it is damaged or of another version. */
export function readCheckpoint(value: unknown): Checkpoint | undefined {
  return isBase(value) && isStage(value) ? (value as Checkpoint) : undefined
}

export function readReceipt(value: unknown): PartReceipt | undefined {
  const good =
    isFields(value) &&
    isCount(value['number'], 0) &&
    isCount(value['size'], 0) &&
    isText(value['etag']) &&
    proofs.every((proof) => value[proof] === undefined || isText(value[proof]))
  return good ? (value as PartReceipt) : undefined
}

const proofs = ['md5', 'crc32c', 'crc32', 'crc64nvme']

function isBase(value: unknown): value is Fields {
  return (
    isFields(value) &&
    value['version'] === 1 &&
    isText(value['key']) &&
    isText(value['scope']) &&
    isText(value['backend']) &&
    isIdentity(value['identity']) &&
    isFields(value['params']) &&
    isNumber(value['createdAt']) &&
    isNumber(value['expiresAt']) &&
    (value['digest'] === undefined || isText(value['digest']))
  )
}

function isStage(value: Fields): boolean {
  switch (value['stage']) {
    case 'identified':
      return value['hashing'] === undefined || isDigestState(value['hashing'])
    case 'opened':
      return (
        value['session'] !== undefined &&
        isLayout(value['layout'], value['identity']) &&
        isOptionalNumber(value['sessionExpiresAt'])
      )
    case 'ended':
      return value['result'] === 'cancelled' || isResult(value['result'])
    case 'aborting':
      return value['session'] !== undefined
    default:
      return false
  }
}

function isDigestState(value: unknown): boolean {
  return (
    isFields(value) &&
    ['algorithm', 'build', 'state', 'check'].every((field) => isText(value[field])) &&
    isCount(value['offset'], 1) &&
    isCount(value['checked'], 0) &&
    Number(value['checked']) <= Number(value['offset'])
  )
}

function isResult(value: unknown): boolean {
  return isFields(value) && isText(value['key']) && isCount(value['size'], 0) && isFields(value['checksums'])
}

function isIdentity(value: unknown): value is Identity {
  return (
    isFields(value) &&
    ['name', 'relativePath', 'type'].every((field) => isText(value[field])) &&
    isCount(value['size'], 0) &&
    isNumber(value['lastModified'])
  )
}

/** Of another size than the file's, an object would be made of a piece of it. */
function isLayout(value: unknown, file: unknown): value is Layout {
  if (!isFields(value) || !isCount(value['fileSize'], 0) || !isCount(value['partSize'], 1)) return false
  if (!isFields(file) || value['fileSize'] !== file['size']) return false
  return value['cuts'] === undefined || isCut(value['cuts'], Number(value['fileSize']))
}

/** Each byte once, in order. */
function isCut(cuts: unknown, fileSize: number): boolean {
  if (!Array.isArray(cuts)) return false
  const ends = cuts.map((cut: unknown) =>
    isFields(cut) && ['number', 'offset', 'size'].every((field) => isCount(cut[field], 0))
      ? Number(cut['offset']) + Number(cut['size'])
      : Number.NaN,
  )
  const follow = ends.every((end, index) => end - Number(cuts[index]?.size) === (ends[index - 1] ?? 0))
  return (
    follow &&
    (ends.at(-1) ?? 0) === fileSize &&
    new Set(cuts.map(({ number }) => number)).size === cuts.length
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || isNumber(value)
}

function isCount(value: unknown, minimum: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= minimum
}

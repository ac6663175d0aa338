import { expected, readWhole } from '../contract.ts'
import { readFlag, readOneOf } from '../contract-values.ts'
import { type SettingReaders, Settings } from '../reference/settings.ts'

const mebibyte = 1024 * 1024

export type NewtonSettings = {
  /** Bytes; more where a file would need more than 10,000 parts. @default 8 MiB */
  readonly partSize: number
  /** The number of the first part: 1 as the document of today says, or 0 as the one before it. @default 1 */
  readonly firstPart: 0 | 1
  /** The algorithm of whole-file checksums; `absent` is a server that is too old to speak of it. @default 'crc32c' */
  readonly integrity: 'crc32c' | 'none' | 'absent'
  /** Milliseconds that a signed URL can be used. @default one hour */
  readonly urlLifetime: number
  /** Whether the size that files are split by is told. @default true */
  readonly tellsPartSize: boolean
  /** Whether each part says when its URL expires. @default true */
  readonly tellsExpiry: boolean
  /** The form of errors: that of today's document, that of an older one, or the one that some are left with. @default 'errors' */
  readonly errorForm: 'errors' | 'error' | 'detail'
}

const defaults: NewtonSettings = {
  partSize: 8 * mebibyte,
  firstPart: 1,
  integrity: 'crc32c',
  urlLifetime: 3_600_000,
  tellsPartSize: true,
  tellsExpiry: true,
  errorForm: 'errors',
}

const readers: SettingReaders<NewtonSettings> = {
  partSize: (value, name) => readWhole(value, name, { from: 5 * mebibyte, to: 5 * 1024 * mebibyte }),
  firstPart: readFirst,
  integrity: (value, name) => readOneOf(value, name, ['crc32c', 'none', 'absent']),
  // S3 signs for seven days at most.
  urlLifetime: (value, name) => readWhole(value, name, { from: 1, to: 7 * 24 * 3_600_000 }),
  tellsPartSize: readFlag,
  tellsExpiry: readFlag,
  errorForm: (value, name) => readOneOf(value, name, ['errors', 'error', 'detail']),
}

export function newtonSettings(changes: Partial<NewtonSettings> = {}): Settings<NewtonSettings> {
  return new Settings(readers, defaults, changes)
}

function readFirst(value: unknown, name: string): 0 | 1 {
  if (value === 0 || value === 1) return value
  throw expected(name, '0 or 1', value)
}

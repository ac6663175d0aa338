/** What the reference server for Newton's contract can be told to do otherwise. */
import { expected, readWhole } from '../contract.ts'
import { readFlag, readOneOf } from '../contract-values.ts'
import { type SettingReaders, Settings } from '../reference/settings.ts'

const mebibyte = 1024 * 1024

export type NewtonSettings = {
  /** Bytes; more if a file would need more than 10,000 parts. @default 8 MiB */
  readonly partSize: number
  /** The number of the first part: 1 as in the current document, or 0 as in the one before. @default 1 */
  readonly firstPart: 0 | 1
  /** The algorithm of whole-file checksums. `absent` means a server that is too old to mention it. @default 'crc32c' */
  readonly integrity: 'crc32c' | 'none' | 'absent'
  /** Milliseconds for which a signed URL is valid. @default one hour */
  readonly urlLifetime: number
  /** Whether the answer tells the part size. @default true */
  readonly tellsPartSize: boolean
  /** Whether each part tells when its URL expires. @default true */
  readonly tellsExpiry: boolean
  /**
   * The form of errors: the current document's, an older one's, or the one that some errors still have. @default
   * 'errors'
   */
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
  // S3 signs for at most seven days.
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

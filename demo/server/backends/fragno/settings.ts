/** What the reference server for Fragno's contract can be told to do otherwise. */
import { readFilled, readWhole } from '../contract.ts'
import { readFlag, readOneOf } from '../contract-values.ts'
import { type SettingReaders, Settings } from '../reference/settings.ts'

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

export const strategies = ['direct-single', 'direct-multipart', 'proxy'] as const

export type Strategy = (typeof strategies)[number]

export type FragnoSettings = {
  /** The name of this fragment's storage. @default 's3' */
  readonly provider: string
  /** @default 'by-size' */
  readonly strategy: Strategy | 'by-size'
  /** Bytes. If the size decides, smaller files go through the server. @default 0 */
  readonly proxyBelow: number
  /** Bytes. Of the other files, smaller ones are sent in one request. @default 5 GiB */
  readonly singleBelow: number
  /** Bytes; more if a file would need more than 10,000 parts. @default 8 MiB */
  readonly partSize: number
  /** Milliseconds from its creation. Nothing prolongs it. @default one hour */
  readonly sessionLifetime: number
  /** Milliseconds for which a signed URL is valid. @default one hour */
  readonly urlLifetime: number
  /** Whether recorded parts can be listed. The document lacks that route, but every release has it. @default true */
  readonly listsParts: boolean
  /**
   * A completion is answered with the bare file, as in the releases, or with `{ kind, file }`, as in the newest source.
   * @default 'flat'
   */
  readonly completion: 'flat' | 'published'
  /** Whether the headers for the single PUT include the host, which no browser lets a page send. @default false */
  readonly namesHost: boolean
  /** Whether a follow-up without its `?provider=` counts as one to another storage. @default true */
  readonly sticky: boolean
  /** @default true */
  readonly signsDownloads: boolean
  /** @default true */
  readonly streamsDownloads: boolean
}

const defaults: FragnoSettings = {
  provider: 's3',
  strategy: 'by-size',
  proxyBelow: 0,
  singleBelow: 5 * gibibyte,
  partSize: 8 * mebibyte,
  sessionLifetime: 3_600_000,
  urlLifetime: 3_600_000,
  listsParts: true,
  completion: 'flat',
  namesHost: false,
  sticky: true,
  signsDownloads: true,
  streamsDownloads: true,
}

const readers: SettingReaders<FragnoSettings> = {
  provider: readFilled,
  strategy: (value, name) => readOneOf(value, name, ['by-size', ...strategies]),
  proxyBelow: readBytes,
  singleBelow: readBytes,
  partSize: (value, name) => readWhole(value, name, { from: 5 * mebibyte, to: 5 * gibibyte }),
  sessionLifetime: readMilliseconds,
  urlLifetime: readMilliseconds,
  listsParts: readFlag,
  completion: (value, name) => readOneOf(value, name, ['flat', 'published']),
  namesHost: readFlag,
  sticky: readFlag,
  signsDownloads: readFlag,
  streamsDownloads: readFlag,
}

export function fragnoSettings(changes: Partial<FragnoSettings> = {}): Settings<FragnoSettings> {
  return new Settings(readers, defaults, changes)
}

function readBytes(value: unknown, name: string): number {
  return readWhole(value, name, { from: 0, to: Number.MAX_SAFE_INTEGER })
}

/** S3 signs for at most seven days. */
function readMilliseconds(value: unknown, name: string): number {
  return readWhole(value, name, { from: 1, to: 7 * 24 * 3_600_000 })
}

/** Pure: the scenarios that are measured, and their conditions. */
import type { FaultRule } from '../demo/server/store/faults/fault-rule.ts'
import type { ContenderName } from './contenders.ts'
import type { Shape } from './relay/shape.ts'

export type Scenario = {
  /** A few words for the help. */
  readonly what: string
  /** Of each file, in bytes. */
  readonly size: number
  /** How many files are uploaded at once. */
  readonly files: number
  /** Bytes. */
  readonly partSize: number
  /** Parts on their way at once, for contenders that can be told; with many files, the number of files. */
  readonly width: number
  /** Rounds that count. */
  readonly reps: number
  readonly contenders: readonly ContenderName[]
  /** If left out, nothing is between the page and the servers. */
  readonly network?: Shape
  /** What the servers do wrong. */
  readonly faults?: (partSize: number) => readonly FaultRule[]
  /** Seconds for which a presigned URL is valid. */
  readonly urlLifetime?: number
  /** One connection stops for ever once half of the bytes have arrived. */
  readonly stalls?: true
  /** The page is loaded again once half of the bytes have arrived. */
  readonly reloads?: true
  /** The others are compared with the best of these instead of the limit. */
  readonly reference?: readonly ContenderName[]
  /**
   * The store writes what it receives, and every upload is read back, which costs nothing if the network is the limit.
   * Then there is no proof before the rounds, and no round that warms up.
   */
  readonly keeps?: true
  /** Seconds after which an upload is given up. If left out, it depends on the file's size. */
  readonly patience?: number
}

const mebibyte = 1024 ** 2
const megabit = 1e6

const bare: readonly ContenderName[] = ['limit', 'xhr-limit']
const peers: readonly ContenderName[] = ['uppy', 'tus', 'evaporate', 'lib-storage', 'upchunk']
const everyone: readonly ContenderName[] = [...bare, 'longhaul', ...peers]
const fixed: readonly ContenderName[] = ['longhaul-w1', 'longhaul-w2', 'longhaul-w4', 'longhaul-w6']

/** longhaul without and with a checksum of each part. */
const withChecksum: readonly ContenderName[] = ['longhaul', 'longhaul-crc32c']

const usual = { files: 1, partSize: 8 * mebibyte, width: 5, reps: 5 } as const

/** longhaul as it is, and with fixed widths. */
const widths = {
  ...usual,
  partSize: 5 * mebibyte,
  contenders: [...fixed, 'longhaul'],
  reference: fixed,
  keeps: true,
} as const satisfies Partial<Scenario>

const all = {
  clean: {
    ...usual,
    what: 'nothing goes wrong, nothing is slow',
    size: 512 * mebibyte,
    contenders: [...bare, 'longhaul', 'longhaul-xxhash64', ...peers],
  },
  latency: {
    ...usual,
    what: '60 ms per request',
    size: 512 * mebibyte,
    partSize: 5 * mebibyte,
    width: 6,
    contenders: everyone,
    network: { latency: 60 },
  },
  faults: {
    ...usual,
    what: '20 % of the parts are answered with 503, 10 % cut in the middle',
    size: 512 * mebibyte,
    contenders: everyone,
    faults: refusalsAndCuts,
    patience: 180,
  },
  expiry: {
    ...usual,
    what: 'presigned URLs are valid for 2 s, of an upload that takes about 10 s',
    size: 128 * mebibyte,
    contenders: everyone,
    network: { rate: 100 * megabit, latency: 20 },
    urlLifetime: 2,
    keeps: true,
  },
  small: {
    ...usual,
    what: '1,000 files of 100 KiB in one go',
    size: 100 * 1024,
    files: 1000,
    contenders: [
      ...bare,
      'limit-put',
      'longhaul',
      'longhaul-put',
      'uppy',
      'uppy-multipart',
      'tus',
      'evaporate',
      'lib-storage',
      'upchunk',
    ],
  },
  stall: {
    ...usual,
    what: 'one connection stops for ever in the middle; given up after 60 s',
    size: 128 * mebibyte,
    reps: 1,
    contenders: everyone,
    network: { rate: 200 * megabit, latency: 20 },
    stalls: true,
    keeps: true,
    patience: 60,
  },
  resume: {
    ...usual,
    what: 'the page is loaded again in the middle; the time is that of the second half',
    size: 128 * mebibyte,
    contenders: everyone,
    network: { rate: 200 * megabit, latency: 20 },
    reloads: true,
    keeps: true,
  },
  'width-slow': {
    ...widths,
    what: 'widths at 5 Mbit/s with 200 ms',
    size: 16 * mebibyte,
    network: { rate: 5 * megabit, latency: 200 },
  },
  'width-fast': {
    ...widths,
    what: 'widths at 100 Mbit/s with 60 ms',
    size: 64 * mebibyte,
    network: { rate: 100 * megabit, latency: 60 },
  },
  'width-capped': {
    ...widths,
    what: 'widths with each connection capped at 10 Mbit/s, with 60 ms',
    size: 96 * mebibyte,
    network: { connectionRate: 10 * megabit, latency: 60 },
    patience: 240,
  },
  'width-latency': {
    ...widths,
    what: 'widths on loopback with 60 ms per request',
    size: 256 * mebibyte,
    network: { latency: 60 },
  },
  'width-slowdown': {
    ...widths,
    what: 'widths with 50 Mbit/s a connection and a store that answers SlowDown over 4 parts a second',
    size: 160 * mebibyte,
    network: { connectionRate: 50 * megabit, latency: 20 },
    faults: () => [
      {
        operation: 'UploadPart',
        overPerSecond: 4,
        effect: { kind: 'status', status: 503, when: 'after-body' },
      },
    ],
  },
  hash: {
    ...usual,
    what: 'digests against a bare read, and uploads with a CRC32C of each part against without; has rows of its own',
    size: 256 * mebibyte,
    contenders: withChecksum,
  },
  'hash-line': {
    ...usual,
    what: 'a CRC32C of each part at 100 Mbit/s with 20 ms',
    size: 96 * mebibyte,
    contenders: withChecksum,
    reference: ['longhaul'],
    network: { rate: 100 * megabit, latency: 20 },
    keeps: true,
  },
  'hash-loopback': {
    ...usual,
    what: 'a CRC32C of each part, nothing in the way',
    size: 512 * mebibyte,
    contenders: withChecksum,
    reference: ['longhaul'],
  },
  reading: {
    ...usual,
    what: 'a CRC32C of each part: read by the browser and again by a worker, or once by a worker that sends',
    size: 512 * mebibyte,
    contenders: ['limit', 'read-twice', 'read-once', 'longhaul', 'longhaul-crc32c'],
  },
} as const satisfies Readonly<Record<string, Scenario>>

export type ScenarioName = keyof typeof all

export const scenarioNames: readonly ScenarioName[] = Object.keys(all).filter(isScenario)

export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(all, name)
}

export function scenario(name: ScenarioName): Scenario {
  return all[name]
}

/**
 * The second rule applies only if the first has not fired: an eighth of four fifths is a tenth. A body is received
 * whole before it is refused, and half of it before a cut, so that it is known how many bytes were sent in vain.
 */
function refusalsAndCuts(partSize: number): readonly FaultRule[] {
  return [
    {
      operation: 'UploadPart',
      probability: 0.2,
      seed: 1,
      effect: { kind: 'status', status: 503, when: 'after-body' },
    },
    {
      operation: 'UploadPart',
      probability: 0.125,
      seed: 2,
      effect: { kind: 'cut', afterBytes: Math.floor(partSize / 2) },
    },
  ]
}

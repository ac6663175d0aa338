/** What kind of history a seed gives: drawn once, at its beginning. */
import type { CrcAlgorithm, DigestAlgorithm } from '../../src/ports.ts'
import type { Verify } from '../../src/verification.ts'
import type { Random } from './random.ts'

/**
 * What can become of a request. `lost`: it never arrives. `cut`: lost with half of its body sent. `unanswered`: it takes
 * effect and its answer is lost. `late`: it seems lost and takes effect later. `twice`: the browser sends it again on
 * another connection. `busy`: 503 before any effect, with or without Retry-After. `broken`: 500 after the effect.
 * `limited`: 429. `slow`: it takes up to 40 s. `stalled`: half of its body leaves, and then nothing happens any more.
 * `refused`: 400, which is not tried again. `astray`: 404 of a proxy, in no words of the server's. `foisted`: something on the way says 200
 * and passes nothing on: a page in place of what was asked for, no ETag for a part. `masked`: it takes effect, and that comes in place of
 * its answer.
 */
export const fates = [
  'lost',
  'cut',
  'unanswered',
  'late',
  'twice',
  'busy',
  'broken',
  'limited',
  'slow',
  'stalled',
  'refused',
  'astray',
  'foisted',
  'masked',
] as const

export type Fate = (typeof fates)[number]

/** What the user and the world do to an upload. */
export const deeds = [
  'pause',
  'pause gently',
  'resume',
  'cancel',
  'cancel all',
  'abort signal',
  'crash',
  'crash at a call',
  'second page',
  'pick again',
  'change the file',
  'pull the medium out',
  'sleep',
  'take the locks away',
  'lose the session',
  'take the network away',
  'claim to be offline',
  'kill the server',
  'put up a portal',
] as const

export type Deed = (typeof deeds)[number]

/** How the storage makes its ETags: of the MD5, of the content in another way, or anew at every PUT. */
export type Etags = 'md5' | 'opaque' | 'unique'

export type Plan = {
  /** Bytes of each file. */
  readonly sizes: readonly number[]
  readonly concurrency: number
  readonly attempts: number
  readonly baseDelay: number
  readonly maxDelay: number
  /** Retries that an upload may spend without a success. */
  readonly budget: number
  /** Milliseconds without a byte after which a part's request is cut. */
  readonly stallAfter: number
  readonly verify: Verify
  /** The whole file's checksum that the application wants. */
  readonly checksum: CrcAlgorithm | undefined
  /** Milliseconds that a checkpoint is kept. */
  readonly expiry: number
  readonly digest: 'xxhash64' | undefined
  /** The whole file's checksum that the server wants to complete. */
  readonly wholeChecksum: CrcAlgorithm | undefined
  /** What parts carry in a header. */
  readonly partDigest: DigestAlgorithm | undefined
  readonly hasList: boolean
  /** Its list is not what the storage has, but what clients have told it. */
  readonly listsRecord: boolean
  readonly hasAbort: boolean
  /** The server tells what has become of an upload. */
  readonly hasStatus: boolean
  /** It knows a completed upload no more: completing again is refused. */
  readonly completesOnce: boolean
  /** Milliseconds that a token of the application's lives. */
  readonly tokenLifetime: number
  /** Until faults stop, the server hears of no abort. */
  readonly losesAborts: boolean
  readonly decidesPartSize: boolean
  readonly maxBatch: number
  readonly etags: Etags
  /** The storage keeps a part of which only half has arrived. */
  readonly keepsCutParts: boolean
  /** Milliseconds that a presigned URL lives; and whether the server says so. */
  readonly urlLifetime: number
  readonly tellsUrlLifetime: boolean
  /** An expired URL is refused without CORS headers: a page sees a network error. */
  readonly hidesExpiry: boolean
  /** Milliseconds that the server keeps a session. */
  readonly sessionLifetime: number
  readonly tellsSessionLifetime: boolean
  /** Whether a completed session can still be listed. */
  readonly listsCompleted: boolean
  /** Milliseconds one way. */
  readonly latency: number
  readonly diskLatency: number
  /** Milliseconds that a message between pages takes. */
  readonly newsLatency: number
  /**
   * From which operation on a page's checkpoint storage fails or hangs; `once`: one fails, and the others do not; `mute`: now and then it
   * answers nobody for a while, and does then what it was asked for.
   */
  readonly diskTrouble:
    | { readonly kind: 'full' | 'stuck' | 'once' | 'mute'; readonly from: number }
    | undefined
  /** How often waiting for a lock fails, from 0 to 1. */
  readonly lostWaits: number
  /** After so many deeds faults stop. */
  readonly deedCount: number
  /** Two pages begin with the same files in the same moment, and so does a browser that brings its tabs back. */
  readonly startsTwice: boolean
  /** A browser that has once said that it is offline says so to the end, although it is not. */
  readonly liesForever: boolean
  /** How many of all requests go wrong, from 0 to 1. */
  readonly faultRate: number
  readonly fates: readonly Fate[]
  readonly deeds: readonly Deed[]
  /** Milliseconds between two deeds, about. */
  readonly deedEvery: number
}

const minute = 60_000
export const week = 7 * 24 * 60 * minute

/** So many files that not all of them are begun, or thrown away, at once. */
export const crowd = 55

export function planOf(random: Random): Plan {
  const plan = { ...workOf(random), ...serverOf(random), ...worldOf(random) }
  return random.chance(0.008) ? ofMany(plan, random) : plan
}

/** A crowd of files that fit into one part, which are cancelled together. */
function ofMany(plan: Plan, random: Random): Plan {
  return {
    ...plan,
    sizes: Array.from({ length: random.between(crowd, 2 * crowd) }, () => 1),
    concurrency: random.pick([4, 20]),
    losesAborts: false,
    hasAbort: true,
    latency: 300,
    deedEvery: 600,
    // What a crowd asks a slow one for takes longer than it is waited for.
    diskLatency: 0,
    deedCount: random.between(2, 6),
    faultRate: random.pick([0.1, 0.5]),
    deeds: ['cancel all', ...random.some(['crash', 'pause', 'put up a portal'] as const)],
    fates: random.pick([['stalled'], ['stalled', 'foisted', 'busy']] as const),
  }
}

function workOf(random: Random) {
  return {
    sizes: Array.from({ length: random.chance(0.15) ? 2 : 1 }, () => sizeOf(random)),
    concurrency: random.between(1, 4),
    attempts: random.between(2, 8),
    baseDelay: random.pick([50, 500]),
    maxDelay: random.pick([1_000, 30_000]),
    budget: random.pick([3, 30, 30]),
    stallAfter: random.pick([2_000, 20_000]),
    verify: random.pick<Verify>(['sample', 'sample', 'full', 'none', 'etag']),
    expiry: random.pick([week, week, week, 2 * minute]),
    checksum: random.pick([undefined, undefined, 'crc32c', 'crc64nvme'] as const),
  }
}

/** Most files have a few dozen bytes: what matters is how many parts they make. */
function sizeOf(random: Random): number {
  return random.chance(0.04) ? 0 : random.between(1, 60)
}

function serverOf(random: Random) {
  const hasList = random.chance(0.5)
  // Where a PUT that is repeated changes the ETag, only the storage's own list tells which one counts.
  const etags = random.pick<Etags>(hasList ? ['md5', 'opaque', 'unique', 'unique'] : ['md5', 'md5', 'opaque'])
  return {
    digest: random.chance(0.5) ? ('xxhash64' as const) : undefined,
    wholeChecksum: random.pick([undefined, undefined, undefined, 'crc32', 'crc32c'] as const),
    partDigest: random.pick([undefined, undefined, undefined, 'md5', 'crc32c'] as const),
    hasList,
    hasAbort: random.chance(0.75),
    ...statusOf(random),
    tokenLifetime: random.pick([week, week, 1_000, 20_000]),
    losesAborts: random.chance(0.25),
    decidesPartSize: random.chance(0.7),
    maxBatch: random.pick([1, 3, 1000]),
    etags,
    listsRecord: hasList && etags !== 'unique' && random.chance(0.5),
    keepsCutParts: random.chance(0.5),
    urlLifetime: random.pick([8_000, 30_000, 10 * minute, week]),
    tellsUrlLifetime: random.chance(0.7),
    hidesExpiry: random.chance(0.5),
    sessionLifetime: random.pick([week, week, week, minute]),
    tellsSessionLifetime: random.chance(0.5),
    listsCompleted: random.chance(0.3),
  }
}

/** Where the server tells nothing, a page that died while it completed can only send everything again. */
function statusOf(random: Random) {
  const hasStatus = random.chance(0.4)
  return { hasStatus, completesOnce: random.chance(hasStatus ? 0.5 : 0.1) }
}

/**
 * Each history has only some of all faults: where everything goes wrong at once, little is ever reached. What happens,
 * happens as often as requests do, or some time less often.
 */
function worldOf(random: Random) {
  const latency = random.pick([5, 50, 300])
  const deedEvery = latency * random.pick([1, 3, 10, 30])
  return {
    latency,
    deedEvery,
    deedCount: random.between(1, 40),
    diskLatency: random.pick([0, 3, 40, 400]),
    newsLatency: random.pick([0, 2, 50]),
    diskTrouble: random.chance(0.22)
      ? {
          kind: random.pick(['full', 'stuck', 'once', 'once', 'mute', 'mute'] as const),
          from: random.between(1, 12),
        }
      : undefined,
    liesForever: random.chance(0.2),
    faultRate: random.pick([0, 0.1, 0.25, 0.5]),
    fates: random.some(fates),
    deeds: random.some(deeds),
    startsTwice: random.chance(0.2),
    lostWaits: random.pick([0, 0, 0, 0.5]),
  }
}

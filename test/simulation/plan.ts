/** The kind of history that a seed gives. It is drawn once, at the beginning. */
import type { CrcAlgorithm, DigestAlgorithm } from '../../src/ports.ts'
import type { Verify } from '../../src/verification.ts'
import type { Random } from './random.ts'

/**
 * What can happen to a request. `lost`: it never arrives. `cut`: it is lost with half of its body sent. `unanswered`:
 * it takes effect and its answer is lost. `late`: it seems lost and takes effect later. `twice`: the browser sends it
 * again on another connection. `busy`: 503 before any effect, with or without Retry-After. `broken`: 500 after the
 * effect. `limited`: 429. `slow`: it takes up to 40 s. `stalled`: half of its body leaves, and then nothing moves any
 * more. `refused`: 400, which is not retried. `astray`: a proxy's 404, in other words than the server's. `foisted`:
 * something on the way says 200 and passes nothing on, with a page in place of the answer, and no ETag for a part.
 * `masked`: it takes effect, and such a 200 replaces its answer.
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

/** How the storage makes its ETags: from the MD5, from the content in another way, or a new one at every PUT. */
export type Etags = 'md5' | 'opaque' | 'unique'

export type Plan = {
  /** Bytes of each file. */
  readonly sizes: readonly number[]
  readonly concurrency: number
  readonly attempts: number
  readonly baseDelay: number
  readonly maxDelay: number
  /** Retries that an upload may use without a success. */
  readonly budget: number
  /** Milliseconds without a byte after which a part's request is cut. */
  readonly stallAfter: number
  readonly verify: Verify
  /** The checksum of the whole file that the application wants. */
  readonly checksum: CrcAlgorithm | undefined
  /** Milliseconds for which a checkpoint is kept. */
  readonly expiry: number
  readonly digest: 'xxhash64' | undefined
  /** The checksum of the whole file that the server needs to complete. */
  readonly wholeChecksum: CrcAlgorithm | undefined
  /** The checksum that parts carry in a header. */
  readonly partDigest: DigestAlgorithm | undefined
  readonly hasList: boolean
  /** Its list shows what clients have reported, not what the storage has. */
  readonly listsRecord: boolean
  readonly hasAbort: boolean
  /** The server reports the status of an upload. */
  readonly hasStatus: boolean
  /** It no longer knows a completed upload, and refuses to complete it again. */
  readonly completesOnce: boolean
  /** The lifetime of the application's tokens, in milliseconds. */
  readonly tokenLifetime: number
  /** Until faults stop, no abort reaches the server. */
  readonly losesAborts: boolean
  readonly decidesPartSize: boolean
  readonly maxBatch: number
  readonly etags: Etags
  /** The storage keeps a part of which only half has arrived. */
  readonly keepsCutParts: boolean
  /** The lifetime of a presigned URL in milliseconds, and whether the server states it. */
  readonly urlLifetime: number
  readonly tellsUrlLifetime: boolean
  /** An expired URL is refused without CORS headers, so a page sees a network error. */
  readonly hidesExpiry: boolean
  /** Milliseconds for which the server keeps a session. */
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
   * From which operation on a page's checkpoint storage fails or hangs. `once`: one operation fails, and the others do
   * not. `mute`: now and then it answers nobody for a while, and carries the requests out afterwards.
   */
  readonly diskTrouble:
    | { readonly kind: 'full' | 'stuck' | 'once' | 'mute'; readonly from: number }
    | undefined
  /** How often waiting for a lock fails, from 0 to 1. */
  readonly lostWaits: number
  /** Faults stop after this many deeds. */
  readonly deedCount: number
  /** Two pages begin with the same files at the same moment, as when a browser restores its tabs. */
  readonly startsTwice: boolean
  /** A browser that has once reported being offline does so to the end, although it is online. */
  readonly liesForever: boolean
  /** The share of all requests that go wrong, from 0 to 1. */
  readonly faultRate: number
  readonly fates: readonly Fate[]
  readonly deeds: readonly Deed[]
  /** Milliseconds between two deeds, approximately. */
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

/** Many files that fit into one part each, and are cancelled together. */
function ofMany(plan: Plan, random: Random): Plan {
  return {
    ...plan,
    sizes: Array.from({ length: random.between(crowd, 2 * crowd) }, () => 1),
    concurrency: random.pick([4, 20]),
    losesAborts: false,
    hasAbort: true,
    latency: 300,
    deedEvery: 600,
    // With many files a slow storage takes longer than pages wait for it.
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

/** Most files have a few dozen bytes, because only the number of parts matters. */
function sizeOf(random: Random): number {
  return random.chance(0.04) ? 0 : random.between(1, 60)
}

function serverOf(random: Random) {
  const hasList = random.chance(0.5)
  // If a repeated PUT changes the ETag, only the storage's own list tells which one counts.
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

/** If the server reports no status, a page that died while it completed must send everything again. */
function statusOf(random: Random) {
  const hasStatus = random.chance(0.4)
  return { hasStatus, completesOnce: random.chance(hasStatus ? 0.5 : 0.1) }
}

/**
 * Each history has only some of all faults, because if everything goes wrong at once, little is ever reached. A fault
 * happens as often as requests do, or more rarely by some factor.
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

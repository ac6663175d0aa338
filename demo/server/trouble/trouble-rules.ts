/** What a visitor of the demo can do to the storage, as rules of the store. */

import type { FaultEffect, FaultRule } from '../store/object-store.ts'
import { type Operation, requestKinds } from '../store/protocol/operation.ts'

/** What stays until it is switched off. The page has a switch for each. */
export const troubleNames = ['unplugged', 'cuts', 'busy', 'slow'] as const

export type TroubleName = (typeof troubleNames)[number]

/** The requests that carry a file's bytes. */
const carrying: readonly Operation[] = ['UploadPart', 'PutObject']

/** Bytes of a request that come in before it is cut: more than one, so that what was sent is lost. */
const beforeCut = 2 * 1024 * 1024

/**
 * Bytes a second and connection. The machine itself takes the first 4 MB or more of a request at once: were this much
 * slower, the figures of a page beside the store would leap and stand still by turns.
 */
const slowRate = 1_500_000

const rules: Readonly<Record<TroubleName, readonly FaultRule[]>> = {
  unplugged: requestKinds.map((operation) => ({ operation, effect: { kind: 'cut' } })),
  cuts: [...onBytes({ kind: 'cut', afterBytes: beforeCut }, 0.35), ...onBytes({ kind: 'cut-answer' }, 0.15)],
  busy: onBytes({ kind: 'status', status: 503, retryAfter: 1 }, 0.5),
  slow: onBytes({ kind: 'throttle', bytesPerSecond: slowRate }, 1),
}

/** Where several fit a request the first one fires; those that fire always come last. */
export function rulesOf(troubles: ReadonlySet<TroubleName>): readonly FaultRule[] {
  return troubleNames.filter((name) => troubles.has(name)).flatMap((name) => rules[name])
}

/** Every URL that was signed before now, for parts and for whole files. @param now Milliseconds since 1970. */
export function expiredRules(now: number): readonly FaultRule[] {
  // A URL says only in which second it was signed: one of this second may be younger than the fault.
  const signedBefore = Math.floor(now / 1000) * 1000
  return carrying.map((operation) => ({ operation, signedBefore, effect: { kind: 'expired' } }))
}

function onBytes(effect: FaultEffect, probability: number): readonly FaultRule[] {
  return carrying.map((operation) => ({ operation, probability, effect }))
}

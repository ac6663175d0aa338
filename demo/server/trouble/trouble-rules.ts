/** What a visitor of the demo can do to the storage, as rules of the store. */

import type { FaultEffect, FaultRule } from '../store/object-store.ts'
import { type Operation, requestKinds } from '../store/protocol/operation.ts'

/** These stay until they are switched off. The page has a switch for each. */
export const troubleNames = ['unplugged', 'cuts', 'busy', 'slow'] as const

export type TroubleName = (typeof troubleNames)[number]

/** The requests that carry a file's bytes. */
const carrying: readonly Operation[] = ['UploadPart', 'PutObject']

/** Bytes that arrive before a request is cut: enough that something was sent in vain. */
const beforeCut = 2 * 1024 * 1024

/**
 * Bytes a second for each connection. The machine takes the first 4 MB or more of a request at once. If this were much
 * slower, the figures of a page next to the store would alternately leap and stand still.
 */
const slowRate = 1_500_000

const rules: Readonly<Record<TroubleName, readonly FaultRule[]>> = {
  unplugged: requestKinds.map((operation) => ({ operation, effect: { kind: 'cut' } })),
  cuts: [...onBytes({ kind: 'cut', afterBytes: beforeCut }, 0.35), ...onBytes({ kind: 'cut-answer' }, 0.15)],
  busy: onBytes({ kind: 'status', status: 503, retryAfter: 1 }, 0.5),
  slow: onBytes({ kind: 'throttle', bytesPerSecond: slowRate }, 1),
}

/** If several fit a request, the first one fires. Those that always fire come last. */
export function rulesOf(troubles: ReadonlySet<TroubleName>): readonly FaultRule[] {
  return troubleNames.filter((name) => troubles.has(name)).flatMap((name) => rules[name])
}

/** For every URL that was signed before now, for parts and whole files. @param now Milliseconds since 1970. */
export function expiredRules(now: number): readonly FaultRule[] {
  // A URL states only the second in which it was signed. One from this second may be newer than the fault.
  const signedBefore = Math.floor(now / 1000) * 1000
  return carrying.map((operation) => ({ operation, signedBefore, effect: { kind: 'expired' } }))
}

function onBytes(effect: FaultEffect, probability: number): readonly FaultRule[] {
  return carrying.map((operation) => ({ operation, probability, effect }))
}

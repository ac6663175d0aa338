import type { FaultKind, FaultyContext } from '../faults/fault-rule.ts'

/** @param owner Who is calling. */
type AuthenticatedHandler = (c: FaultyContext, owner: string) => Promise<Response>

/** Puts up an endpoint that answers those only who say who they are. */
export type Serve = (name: string, handler: AuthenticatedHandler, effects?: readonly FaultKind[]) => void

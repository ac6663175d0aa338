import type { FaultKind, FaultyContext } from '../faults/fault-rule.ts'

/** @param owner The caller. */
type AuthenticatedHandler = (c: FaultyContext, owner: string) => Promise<Response>

/** Adds an endpoint that serves only authenticated callers. */
export type Serve = (name: string, handler: AuthenticatedHandler, effects?: readonly FaultKind[]) => void

import type { Handler, Hono, MiddlewareHandler } from 'hono'
import type { FaultKind, FaultyContext, FaultyEnv } from './fault-rule.ts'
import { Faults } from './faults.ts'
import { type FailureOf, misbehave } from './misbehave.ts'
import type { FaultTerms } from './read-fault-rules.ts'

export type EndpointOptions = {
  /**
   * Throws if the caller is not to be served. Comes first, because a fault is for a request that would have been
   * served.
   */
  admit?(c: FaultyContext): void
  /** The effects that it offers beyond those of all endpoints. */
  readonly effects?: readonly FaultKind[]
}

/** Adds a backend's endpoints, each under its name in the contract, and lets them misbehave on order. */
export class Endpoints {
  readonly faults: Faults = new Faults()
  readonly terms: FaultTerms
  readonly #endpoints = new Map<string, readonly FaultKind[]>()
  readonly #failureOf: FailureOf

  constructor(codes: readonly string[], failureOf: FailureOf) {
    this.#failureOf = failureOf
    this.terms = { endpoints: this.#endpoints, codes }
  }

  /** @param name Method and path, such as `POST /v1/files`. */
  serve(
    app: Hono<FaultyEnv>,
    name: string,
    handler: Handler<FaultyEnv>,
    { admit = () => {}, effects = [] }: EndpointOptions = {},
  ): void {
    const [method = '', path = ''] = name.split(' ')
    this.#endpoints.set(name, effects)
    const guard: MiddlewareHandler<FaultyEnv> = (c, next) => {
      admit(c)
      return next()
    }
    app.on(method, path, guard, misbehave(this.faults, name, this.#failureOf), handler)
  }
}

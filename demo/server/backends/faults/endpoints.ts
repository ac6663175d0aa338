import type { Handler, Hono } from 'hono'
import type { FaultKind, FaultyEnv } from './fault-rule.ts'
import { Faults } from './faults.ts'
import { type FailureOf, misbehave } from './misbehave.ts'
import type { FaultTerms } from './read-fault-rules.ts'

/** Puts a backend's endpoints up, each under the name that its contract gives it, and lets them misbehave on order. */
export class Endpoints {
  readonly faults: Faults = new Faults()
  readonly terms: FaultTerms
  readonly #endpoints = new Map<string, readonly FaultKind[]>()
  readonly #failureOf: FailureOf

  constructor(codes: readonly string[], failureOf: FailureOf) {
    this.#failureOf = failureOf
    this.terms = { endpoints: this.#endpoints, codes }
  }

  /**
   * @param name Method and path, as in `POST /v1/files`.
   * @param effects What it can be told to do beyond what all can.
   */
  serve(
    app: Hono<FaultyEnv>,
    name: string,
    handler: Handler<FaultyEnv>,
    effects: readonly FaultKind[] = [],
  ): void {
    const [method = '', path = ''] = name.split(' ')
    this.#endpoints.set(name, effects)
    app.on(method, path, misbehave(this.faults, name, this.#failureOf), handler)
  }
}

import type { FaultTerms } from './fault.ts'
import { Faults } from './faults.ts'
import type { Settings } from './settings.ts'
import { Tokens } from './tokens.ts'

/** A token that every reference server accepts until it is told that it has expired. */
export const demoToken = 'demo-token'

export type ControlOptions<T extends object> = FaultTerms & {
  readonly settings: Settings<T>
  /** Expires all open sessions now. */
  readonly expireSessions: () => void
}

/** Makes a reference server misbehave. Handed to tests, and reachable by other processes through `_control`. */
export class Control<T extends object = object> {
  readonly faults: Faults
  readonly tokens = new Tokens(demoToken)
  readonly settings: Settings<T>
  readonly expireSessions: () => void

  constructor({ settings, expireSessions, ...terms }: ControlOptions<T>) {
    this.faults = new Faults(terms)
    this.settings = settings
    this.expireSessions = expireSessions
  }
}

/** What the contract suite has to know about a backend. All else is the same for every backend. */
import type { Page } from '@playwright/test'
import type { Demo } from '../../demo/server/demo.ts'
import type { ObjectStore } from '../../demo/server/store/object-store.ts'
import type { End } from '../fixtures.ts'

/** Calls to the application's server that a protocol may have. */
export type Step = 'open' | 'sign' | 'complete'

/**
 * `lost-answer`: the server acts, but its answer is lost. `busy`: a 503 with a Retry-After of one second. Each happens as
 * often as it takes for the page to see it once.
 */
export type Fault = 'lost-answer' | 'busy'

/** Whether what was ordered has happened. */
export type Ordered = { hasHappened(): Promise<boolean> }

/** A page with the backend, and the servers that it talks to. */
export type Stage = { readonly page: Page; readonly demo: Demo; readonly store: ObjectStore }

export type Result = NonNullable<End['result']>

export type Driver = {
  /** Its name in e2e/harness/backends.js. */
  readonly name: string
  /** Whether large files go in parts. If not, an interrupted upload starts again instead of sending what is missing. */
  readonly inParts: boolean
  /** Whether its protocol has a call that aborts an unfinished upload. */
  readonly aborts: boolean
  /** Sets small parts and whatever else the server needs. Lasts until `tidy`. */
  arrange?(demo: Demo): Promise<void>
  /** Takes back what tests have set. */
  tidy(demo: Demo): Promise<void>
  /** The steps of an upload without trouble. */
  readonly steps: readonly Step[]
  /** Makes the step's next call go wrong. */
  order(stage: Stage, step: Step, fault: Fault): Promise<Ordered>
  /** Makes the server refuse the page's current token, and accept a new one. */
  expireTokens(stage: Stage): Promise<void>
  /** Makes the server, or the storage behind it, forget all unfinished uploads. Left out if there are none to forget. */
  loseSessions?(demo: Demo): Promise<void>
  /** Gets the stored object by its result, without the page. */
  read(demo: Demo, result: Result): Promise<Response>
  /** The server's name for the stored file. */
  nameOf(demo: Demo, result: Result): Promise<string>
  /** The stored form of a file's name, if the server changes names. */
  renamed?(name: string): string
}

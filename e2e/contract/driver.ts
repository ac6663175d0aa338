/** What the contract suite has to know of a backend: all else is the same for every one of them. */
import type { Page } from '@playwright/test'
import type { Demo } from '../../demo/server/demo.ts'
import type { ObjectStore } from '../../demo/server/store/object-store.ts'
import type { End } from '../fixtures.ts'

/** Calls of the application's server that any of the protocols may have. */
export type Step = 'open' | 'sign' | 'complete'

/**
 * `lost-answer`: done, and no answer comes; `busy`: 503 with a Retry-After of one second. As often as a page has to be met
 * by it once.
 */
export type Fault = 'lost-answer' | 'busy'

/** Whether what was ordered has happened. */
export type Ordered = { hasHappened(): Promise<boolean> }

/** Where a test plays: a page with the backend, and what it talks to. */
export type Stage = { readonly page: Page; readonly demo: Demo; readonly store: ObjectStore }

export type Result = NonNullable<End['result']>

export type Driver = {
  /** As e2e/harness/backends.js calls it. */
  readonly name: string
  /** Whether large files go in parts, so that an interrupted one goes on with those that are missing; else it starts again. */
  readonly inParts: boolean
  /** Whether its protocol has a call that throws an unfinished upload away. */
  readonly aborts: boolean
  /** Small parts, and whatever else its server has to be told. It stays until `tidy`. */
  arrange?(demo: Demo): Promise<void>
  /** Takes back what tests have ordered. */
  tidy(demo: Demo): Promise<void>
  /** Those that it has, and that an upload without trouble makes. */
  readonly steps: readonly Step[]
  /** The step's next call goes wrong. */
  order(stage: Stage, step: Step, fault: Fault): Promise<Ordered>
  /** From now on the server refuses the token that the page has, and takes a new one. */
  expireTokens(stage: Stage): Promise<void>
  /** The server, or the storage behind it, forgets every unfinished upload. Left out where there is none to forget. */
  loseSessions?(demo: Demo): Promise<void>
  /** The stored object, as one gets it who has the result and not the page. */
  read(demo: Demo, result: Result): Promise<Response>
  /** What the server calls the stored file. */
  nameOf(demo: Demo, result: Result): Promise<string>
  /** What becomes of a file's name, where it is not kept as it is. */
  renamed?(name: string): string
}

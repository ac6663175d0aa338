import type {
  Backend,
  BackendCall,
  FileDescription,
  ListedPart,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Reopened,
} from '../../src/ports.ts'
import type { Page } from './page.ts'
import { httpError, type ServerSession } from './server.ts'
import type { World } from './world.ts'

type Session = { readonly id: string }
type Verb = 'open' | 'reopen' | 'sign' | 'complete' | 'abort'

type Step<T> = {
  readonly session?: string
  /** Of the file, where there is no session yet. */
  readonly name?: string
  readonly what?: string
  readonly effect: () => T
  readonly onAnswer?: (value: T) => void
  readonly onError?: (error: unknown) => void
}

/** The application's server as a page sees it through its adapter. */
export class SimulatedBackend implements Backend<Session> {
  readonly name = 'simulated'
  readonly limits: Backend['limits']
  readonly fileDigest: Backend['fileDigest']
  readonly reopen?: NonNullable<Backend<Session>['reopen']>
  readonly abort?: NonNullable<Backend<Session>['abort']>
  readonly #page: Page
  readonly #world: World

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
    const { digest, maxBatch, hasList, hasAbort } = world.plan
    this.fileDigest = digest
    this.limits = { minPartSize: 1, maxPartSize: 1000, maxParts: 10_000, maxBatch }
    if (hasList) this.reopen = (session, call) => this.#list(session, call)
    if (hasAbort) this.abort = (session, call) => this.#abort(session, call)
  }

  async open(file: FileDescription, call: BackendCall): Promise<Opened<Session>> {
    const { server, plan, referee } = this.#world
    const opened = await this.#step<ServerSession>('open', call, {
      name: file.name,
      effect: () => server.open(file),
      onAnswer: (session) => referee.opened(this.#page, session),
    })
    const expiry = plan.tellsSessionLifetime ? { expiresIn: plan.sessionLifetime } : {}
    return { session: { id: opened.id }, partSize: opened.partSize, ...expiry }
  }

  async sign({ id }: Session, parts: readonly Part[], call: BackendCall): Promise<readonly PartTarget[]> {
    return this.#step<readonly PartTarget[]>('sign', call, {
      session: id,
      what: `parts ${parts.map(({ number }) => number)} of ${id}`,
      effect: () => this.#targets(id, parts),
      onAnswer: (targets) => this.#received(targets),
    })
  }

  async complete(
    { id }: Session,
    receipts: readonly PartReceipt[],
    call: BackendCall,
  ): Promise<{ key: string }> {
    const { server, referee } = this.#world
    referee.completing(this.#page, id, receipts)
    return this.#step<{ key: string }>('complete', call, {
      session: id,
      effect: () => ({ key: server.complete(id, receipts) }),
      onAnswer: () => referee.completed(this.#page, id),
      onError: (error) => referee.notCompleted(this.#page, id, receipts, error),
    })
  }

  async #list({ id }: Session, call: BackendCall): Promise<Reopened> {
    const { server, referee } = this.#world
    const parts = await this.#step<readonly ListedPart[]>('reopen', call, {
      session: id,
      effect: () => server.list(id),
      onAnswer: (listed) => referee.listed(this.#page, id, listed),
    })
    return { parts }
  }

  async #abort({ id }: Session, call: BackendCall): Promise<void> {
    const { server, referee } = this.#world
    referee.aborting(this.#page, id)
    await this.#step<void>('abort', call, {
      session: id,
      effect: () => server.abort(id),
      onAnswer: () => referee.aborted(this.#page, id),
    })
  }

  #targets(id: string, parts: readonly Part[]): readonly PartTarget[] {
    const { server, plan, urls, timeline } = this.#world
    server.requireOpen(id)
    const validFor = plan.tellsUrlLifetime ? plan.urlLifetime : undefined
    const url = (number: number): string => urls.sign(id, number, timeline.date + plan.urlLifetime)
    return parts.map(({ number }) => ({ number, url: url(number), method: 'PUT', headers: {}, validFor }))
  }

  #received(targets: readonly PartTarget[]): void {
    for (const { url, validFor } of targets) {
      const usableUntil = this.#world.timeline.now + (validFor ?? Number.POSITIVE_INFINITY)
      this.#world.urls.of(url).usableUntil = usableUntil
    }
  }

  #step<T>(verb: Verb, { signal }: BackendCall, step: Step<T>): Promise<T> {
    const {
      session,
      name = this.#world.nameOfSession(session ?? ''),
      effect,
      onAnswer = () => {},
      onError = () => {},
    } = step
    const what = `${verb} ${step.what ?? session ?? name}`
    this.#world.referee.requested(this.#page, name, what)
    return this.#world.network.send<T>(this.#page, {
      about: session === undefined ? { port: verb } : { port: verb, session },
      what,
      signal,
      effect,
      refuse: (status, retryAfter) => {
        throw httpError(verb, status, undefined, retryAfter)
      },
      onAnswer,
      onError,
    })
  }
}

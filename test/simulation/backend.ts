import { Refresh } from '../../src/backends/refresh.ts'
import { BackendError, HttpError, SessionLostError } from '../../src/errors.ts'
import type {
  Backend,
  BackendCall,
  CrcAlgorithm,
  FileDescription,
  ListedPart,
  Opened,
  Part,
  PartReceipt,
  PartTarget,
  Reopened,
  SessionStatus,
  WholeFile,
} from '../../src/ports.ts'
import type { Page } from './page.ts'
import { httpError, type ServerSession } from './server.ts'
import { SignIn } from './sign-in.ts'
import type { World } from './world.ts'

type Session = { readonly id: string }
type Verb = 'open' | 'reopen' | 'sign' | 'record' | 'complete' | 'abort' | 'status'

type Step<T> = {
  readonly session?: string
  /** The file's, if there is no session yet. */
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
  readonly reopen?: NonNullable<Backend<Session>['reopen']>
  readonly record?: NonNullable<Backend<Session>['record']>
  readonly abort?: NonNullable<Backend<Session>['abort']>
  readonly status?: NonNullable<Backend<Session>['status']>
  readonly #refresh: Refresh
  readonly #page: Page
  readonly #world: World
  readonly #signIn: SignIn

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
    const { maxBatch, hasList, listsRecord, hasAbort, hasStatus } = world.plan
    this.#signIn = new SignIn(page, world)
    this.#refresh = new Refresh(() => this.#signIn.refresh())
    if (hasStatus) this.status = (session, call) => this.#status(session, call)
    this.limits = { minPartSize: 1, maxPartSize: 1000, maxParts: 10_000, maxBatch }
    if (hasList) this.reopen = (session, _, call) => this.#list(session, call)
    if (listsRecord) this.record = (session, receipts, call) => this.#record(session, receipts, call)
    if (hasAbort) this.abort = (session, call) => this.#abort(session, call)
  }

  fileDigest(): 'xxhash64' | undefined {
    return this.#world.plan.digest
  }

  wholeChecksum(): CrcAlgorithm | undefined {
    return this.#world.plan.wholeChecksum
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
    { checksums }: WholeFile,
    call: BackendCall,
  ): Promise<{ key: string }> {
    const { server, referee, plan } = this.#world
    referee.completing(this.#page, id, receipts)
    const checksum = plan.wholeChecksum && {
      algorithm: plan.wholeChecksum,
      value: checksums[plan.wholeChecksum],
    }
    return this.#step<{ key: string }>('complete', call, {
      session: id,
      effect: () => ({ key: server.complete(id, receipts, checksum) }),
      onAnswer: () => referee.completed(this.#page, id),
      onError: (error) => referee.notCompleted(this.#page, id, receipts, error),
    })
  }

  async #list({ id }: Session, call: BackendCall): Promise<Reopened> {
    const { server, referee, plan } = this.#world
    const parts = await this.#step<readonly ListedPart[]>('reopen', call, {
      session: id,
      effect: () => (plan.listsRecord ? server.recorded(id) : server.list(id)),
      onAnswer: (listed) => referee.listed(this.#page, id, listed),
    })
    return { parts, source: plan.listsRecord ? 'record' : 'storage' }
  }

  async #record({ id }: Session, receipts: readonly PartReceipt[], call: BackendCall): Promise<void> {
    await this.#step<void>('record', call, {
      session: id,
      what: `parts ${receipts.map(({ number }) => number)} of ${id}`,
      effect: () => this.#world.server.record(id, receipts),
    })
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

  #status({ id }: Session, call: BackendCall): Promise<SessionStatus> {
    return this.#step<SessionStatus>('status', call, {
      session: id,
      effect: () => this.#world.server.status(id),
    })
  }

  #targets(id: string, parts: readonly Part[]): readonly PartTarget[] {
    const { server, plan, urls, timeline } = this.#world
    server.requireOpen(id)
    const validFor = plan.tellsUrlLifetime ? plan.urlLifetime : undefined
    const url = (number: number): string => urls.sign(id, number, timeline.date + plan.urlLifetime)
    const digest = plan.partDigest && { digest: { header: 'x-digest', algorithm: plan.partDigest } }
    return parts.map(({ number }) => ({
      number,
      url: url(number),
      method: 'PUT',
      headers: {},
      validFor,
      ...digest,
    }))
  }

  #received(targets: readonly PartTarget[]): void {
    for (const { url, validFor } of targets) {
      const usableUntil = this.#world.timeline.now + (validFor ?? Number.POSITIVE_INFINITY)
      this.#world.urls.of(url).usableUntil = usableUntil
    }
  }

  async #step<T>(verb: Verb, { signal }: BackendCall, step: Step<T>): Promise<T> {
    const {
      session,
      name = this.#world.nameOfSession(session ?? ''),
      effect,
      onAnswer = () => {},
      onError = () => {},
    } = step
    const what = `${verb} ${step.what ?? session ?? name}`
    const { network, referee, server } = this.#world
    const send = (): Promise<T | 'unauthorized'> => {
      referee.requested(this.#page, name, what)
      const { token } = this.#signIn
      return network.send<T | 'unauthorized'>(this.#page, {
        about: session === undefined ? { port: verb } : { port: verb, session },
        what,
        signal,
        effect: () => (server.accepts(token) ? effect() : 'unauthorized'),
        refuse: (status, retryAfter) => {
          if (status === 200) {
            referee.foisted(this.#page, name, what)
            throw foisted(verb)
          }
          if (status !== 404) throw httpError(verb, status, undefined, retryAfter)
          if (session !== undefined) this.#world.deny(session)
          throw astray(verb)
        },
        onAnswer: (answer) => {
          if (answer === 'unauthorized') return referee.unauthorized(this.#page, name, what)
          referee.answered(this.#page, name)
          onAnswer(answer)
        },
        onError,
      })
    }
    const answer = await this.#refresh.call(send, (one) => one === 'unauthorized', undefined, signal)
    if (answer === 'unauthorized') throw httpError(verb, 401)
    return answer
  }
}

/** An answer that is not JSON, as a backend reports it. */
function foisted(verb: Verb): BackendError {
  const details = { field: 'body', expected: 'JSON', received: '<html>' }
  return new BackendError({ endpoint: verb, ...details, retryable: true })
}

/** A proxy's 404, as a backend reports it. */
function astray(verb: Verb): Error {
  const details = { serviceCode: undefined, detail: '', isVague: true }
  const error = new HttpError({ endpoint: verb, status: 404, ...details })
  return verb === 'open' ? error : new SessionLostError(error)
}

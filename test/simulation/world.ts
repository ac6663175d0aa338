import type { CheckpointStore } from '../../src/ports.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { SimulatedBackend } from './backend.ts'
import { PageClock } from './clock.ts'
import { PageConnectivity } from './connectivity.ts'
import { Disk, PageCheckpoints } from './disk.ts'
import { type SimulatedFile, Source } from './file.ts'
import { SimulatedHasher } from './hasher.ts'
import { History } from './history.ts'
import { Locks, PageTabs } from './locks.ts'
import { Network } from './network.ts'
import { Page } from './page.ts'
import { type Plan, planOf } from './plan.ts'
import { Random } from './random.ts'
import { Referee } from './referee.ts'
import { Server } from './server.ts'
import { Timeline } from './timeline.ts'
import { SimulatedTransport } from './transport.ts'
import { Urls } from './urls.ts'
import { UserUpload } from './user-upload.ts'
import { Weather } from './weather.ts'

/** A page with the engine in it, as its user has opened it. */
export type Visit = { readonly page: Page; readonly uploader: Uploader; readonly uploads: UserUpload[] }

/** Everything that exists: servers, network, disk, pages, and the user's files. */
export class World {
  readonly random: Random
  readonly timeline = new Timeline()
  readonly history = new History(this.timeline)
  readonly plan: Plan
  readonly sources: readonly Source[]
  readonly server: Server
  readonly network: Network
  readonly urls = new Urls()
  readonly disk = new Disk(this)
  readonly locks = new Locks()
  readonly weather: Weather
  readonly referee: Referee = this.newReferee()
  readonly visits: Visit[] = []
  /** Whether no refreshed token is accepted until faults stop. */
  readonly isSignedOut: boolean = false
  /** The command-line option for such a world. */
  readonly option: string = ''
  /** Nothing goes wrong any more. */
  calmSince: number | undefined
  /** The user has thrown away sessions that the server was not told about. */
  isForgiven = false
  /** How often a proxy has said that a session is unknown. */
  readonly #denied = new Map<string, number>()
  /** Sessions that the server still has to be told to throw away, and the keys of their records. */
  readonly #buried = new Set<string>()

  constructor(seed: number, plan = planOf) {
    this.random = new Random(seed)
    this.plan = plan(this.random)
    this.sources = this.plan.sizes.map(
      (size, index) => new Source(`${'ab'.charAt(index) || `f${index}`}.bin`, size, this.random),
    )
    this.server = new Server(this.plan, this.random, this.timeline)
    this.weather = new Weather(this.timeline)
    this.network = new Network(this.plan, this.random, this.timeline, this.history, this.weather)
  }

  deny(session: string): void {
    this.#denied.set(session, (this.#denied.get(session) ?? 0) + 1)
  }

  /**
   * Whether a proxy has said so often enough to be believed. A page that believes it tells the server once, and may go
   * on with the session nevertheless.
   *
   * @param attempts Of the request that got this answer.
   */
  isDenied(session: string, attempts = this.plan.attempts): boolean {
    const { budget } = this.plan
    return (this.#denied.get(session) ?? 0) >= Math.min(attempts, budget + 1, Math.max(2, attempts / 2))
  }

  get pages(): readonly Page[] {
    return this.visits.map(({ page }) => page)
  }

  /** The visits whose pages have not crashed. */
  get open(): readonly Visit[] {
    return this.visits.filter(({ page }) => page.isAlive)
  }

  get isCalm(): boolean {
    return this.calmSince !== undefined
  }

  get hasTombstones(): boolean {
    return this.#buried.size > 0
  }

  /** A page is about to tell the server about an earlier cancel, perhaps in vain. No other page does so meanwhile. */
  get isBurying(): boolean {
    return [...this.locks.holders].some(([key, page]) => this.isBuried(key) && !page.isForgetful)
  }

  visit(): Visit {
    const page = new Page(this.visits.length + 1, this.history)
    page.onCrash = () => {
      this.locks.crashed(page)
      this.disk.crashed(page)
    }
    const visit = { page, uploader: this.#uploader(page), uploads: [] }
    this.visits.push(visit)
    return visit
  }

  /** The user sees it from now on. */
  watch(visit: Visit, upload: UserUpload['upload'], file: SimulatedFile, abort: AbortController): UserUpload {
    const known = visit.uploads.find((one) => one.upload === upload)
    if (known !== undefined) return known
    const shown = new UserUpload(this, visit.page, upload, file, abort)
    visit.uploads.push(shown)
    return shown
  }

  uploadsOn(page: Page): readonly UserUpload[] {
    return this.visits.find((visit) => visit.page === page)?.uploads ?? []
  }

  calm(): void {
    this.calmSince = this.timeline.now
    this.network.isCalm = true
    this.weather.clear(this.plan.liesForever)
    for (const { page } of this.visits) page.stayAlive()
    this.history.note('world', 'faults stop')
  }

  step(): void {
    this.referee.stepped()
    for (const { uploads } of this.open) for (const shown of uploads) shown.look()
  }

  buried(session: string, key: string): void {
    this.#buried.add(session).add(key)
  }

  isBuried(sessionOrKey: string): boolean {
    return this.#buried.has(sessionOrKey)
  }

  /** Sessions that the servers have begun and not ended yet. */
  openSessions(): readonly string[] {
    return [...this.server.sessions.values()]
      .filter((session) => this.server.isOpen(session))
      .map(({ id }) => id)
  }

  lose(session: string): void {
    this.server.lose(session)
  }

  nameOfSession(session: string): string {
    return this.server.sessions.get(session)?.name ?? ''
  }

  nameOfKey(key: string): string {
    return this.sources.find(({ name }) => key.includes(name))?.name ?? ''
  }

  /** The upload of this file that is under way on the page. */
  uploadOn(page: Page, name: string): UserUpload | undefined {
    return this.uploadsOn(page).find(({ source, isOver }) => source.name === name && !isOver)
  }

  /** Whether the page has shown its user that the upload of this session's file is cancelled and over. */
  isCancelled(page: Page, session: string): boolean {
    const name = this.nameOfSession(session)
    const last = this.uploadsOn(page).findLast(({ source }) => source.name === name)
    return last?.isOver === true && last.status === 'cancelled'
  }

  /** How a page's engine reaches the servers. */
  protected reach(page: Page): Pick<UploaderOptions, 'backend' | 'transport' | 'api'> {
    return {
      backend: new SimulatedBackend(page, this),
      transport: new SimulatedTransport(page, this),
      api: { send: () => Promise.reject(new Error('the simulated backend needs no API')) },
    }
  }

  protected newReferee(): Referee {
    return new Referee(this)
  }

  #uploader(page: Page): Uploader {
    const { plan, random } = this
    const checkpoints: CheckpointStore = new PageCheckpoints(page, this)
    return new Uploader({
      ...this.reach(page),
      concurrency: plan.concurrency,
      // Another release of the application may decide differently.
      partSize: random.between(1, 12),
      expiry: plan.expiry,
      verify: plan.verify,
      ...(plan.checksum && { checksum: plan.checksum }),
      retry: {
        attempts: plan.attempts,
        baseDelay: plan.baseDelay,
        maxDelay: plan.maxDelay,
        budget: plan.budget,
      },
      stall: { idle: plan.stallAfter, answer: 2 * plan.stallAfter },
      connectivity: new PageConnectivity(page, this.weather),
      checkpoints,
      tabs: new PageTabs(page, this),
      hasher: new SimulatedHasher(page, this),
      clock: new PageClock(page, this.timeline),
      random: () => random.next(),
    })
  }
}

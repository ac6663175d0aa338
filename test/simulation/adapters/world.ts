import type { UploaderOptions } from '../../../src/uploader.ts'
import { modelServers } from '../../fuzz/model-servers.ts'
import type { ModelServer } from '../../fuzz/servers/model-server.ts'
import { definedServer, presignedServer } from '../../fuzz/servers/presigned-server.ts'
import { ModelStorage } from '../../fuzz/servers/storage.ts'
import type { Page } from '../page.ts'
import { type Plan, planOf, week } from '../plan.ts'
import type { Random } from '../random.ts'
import { type Result, simulate } from '../simulate.ts'
import { World } from '../world.ts'
import { Lines } from './lines.ts'
import { AdapterReferee } from './referee.ts'

const hour = 60 * 60_000

const servers: readonly [() => ModelServer, ...(() => ModelServer)[]] = [
  definedServer,
  () => presignedServer({}),
  () => presignedServer(undefined, true),
  ...modelServers,
]

export const serverNames: readonly string[] = servers.map((make) => make().name)

/** The world of the simulation, with the real adapters in its pages and models of their servers behind the network. */
export class AdapterWorld extends World {
  override readonly option = '--adapters '
  readonly storage = new ModelStorage()
  readonly model: ModelServer
  override readonly isSignedOut: boolean
  /** The milliseconds by which the servers' clock is ahead of the pages', and whether pages can see that. */
  readonly #skew: number
  readonly hidesDate: boolean
  /** Parts that the server has recorded because the client reported them, for each upload. */
  readonly recorded = new Map<string, Set<number>>()

  constructor(seed: number) {
    super(seed, planOfAdapters)
    this.model = this.random.pick(servers)()
    this.isSignedOut = this.random.chance(0.05)
    this.#skew = this.random.pick([0, 0, -2 * hour, 2 * hour])
    this.hidesDate = this.random.chance(0.5)
    this.storage.needsCompleting = this.model.needsCompleting ?? true
    this.storage.lifetime = this.plan.urlLifetime
    // If bkend's URLs do not say, its contract does.
    this.storage.tellsLifetime = this.plan.tellsUrlLifetime || this.model.name.startsWith('bkend')
    this.storage.sessionLifetime = Math.min(hour, this.plan.sessionLifetime)
    this.history.note('world', `the server is ${this.model.name}`)
    this.history.count('server', this.model.name)
  }

  /** What a server does by its own clock. */
  atServer<T>(work: () => T): T {
    const { now } = Date
    Date.now = () => now() + this.#skew
    try {
      return work()
    } finally {
      Date.now = now
    }
  }

  override openSessions(): readonly string[] {
    return this.atServer(() => this.model.open?.() ?? [])
  }

  override lose(session: string): void {
    this.atServer(() => this.model.lose?.(session, this.storage))
  }

  /** There is one file. */
  override nameOfSession(session: string): string {
    return session === '' ? '' : (this.sources[0]?.name ?? '')
  }

  protected override reach(page: Page): Pick<UploaderOptions, 'backend' | 'transport' | 'api'> {
    const lines = new Lines(page, this)
    return { backend: lines.backend(), transport: lines, api: lines.api }
  }

  protected override newReferee(): AdapterReferee {
    return new AdapterReferee(this)
  }
}

/** Only servers, networks and pages fail here. Other faults belong to the other simulation. */
function planOfAdapters(random: Random): Plan {
  const plan = planOf(random)
  return {
    ...plan,
    sizes: [random.between(1, 60)],
    verify: random.pick(['sample', 'full', 'none'] as const),
    diskTrouble: undefined,
    expiry: week,
    hasAbort: true,
    fates: plan.fates.filter((fate) => fate !== 'refused' && fate !== 'astray'),
  }
}

/** Adapters ask the machine for the time. */
export async function simulateAdapters(seed: number): Promise<Result> {
  const { now } = Date
  const world = new AdapterWorld(seed)
  Date.now = () => world.timeline.date
  try {
    return await simulate(seed, world)
  } finally {
    Date.now = now
  }
}

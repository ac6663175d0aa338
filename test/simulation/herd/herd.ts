/** Thousands of clients, each with the real engine, that meet one outage together, and come back from it. */
import { memoryCheckpoints } from '../../../src/checkpoints/memory.ts'
import type {
  Backend,
  BackendCall,
  Call,
  Connectivity,
  Opened,
  Part,
  PartCall,
  PartResponse,
  PartTarget,
  Reopened,
} from '../../../src/ports.ts'
import type { Upload } from '../../../src/upload.ts'
import { Uploader } from '../../../src/uploader.ts'
import { FakeBrowser } from '../../fakes/tabs.ts'
import { SimulatedFile, Source } from '../file.ts'
import { Random } from '../random.ts'
import { HerdClock } from './herd-clock.ts'
import { type Outage, type OutageKind, Servers } from './servers.ts'

export type HerdOptions = {
  readonly clients: number
  readonly kind: OutageKind
  /** The length of the outage in milliseconds. */
  readonly length: number
  readonly seed: number
}

export type HerdReport = HerdOptions & {
  /** Control calls per second of all clients together before the outage, and requests to the storage. */
  readonly usualCalls: number
  readonly usualParts: number
  /** The most control calls in one second at the beginning of the outage, and in its last third. */
  readonly firstCalls: number
  readonly lastCalls: number
  /** The most control calls in one second after the outage, as a share of the clients. */
  readonly peakCalls: number
  /**
   * The most clients that come back in one second (with their first control call after the outage), as a share of all.
   */
  readonly peakReturn: number
  /** Seconds until 95 % of the clients that come back have had an answer. */
  readonly returnSeconds: number
  /** Control calls of a client from the end of the outage to the end of its upload. */
  readonly callsAfter: number
  /** Shares of the clients. */
  readonly done: number
  readonly failed: number
}

const usual = { begins: 20_000, outage: 40_000 } as const
/** Five at once, each of sixteen seconds, so that no client is done before the outage is over. */
const parts = 40
const longest = 3_600_000

/** The whole run: a pure function of its options. */
export async function simulateHerd(options: HerdOptions): Promise<HerdReport> {
  return new Herd(options).run()
}

class Herd {
  readonly #options: HerdOptions
  readonly #clock = new HerdClock()
  readonly #random: Random
  readonly #outage: Outage
  readonly #servers: Servers
  readonly #news = new Set<() => void>()
  readonly #clients: Client[] = []
  #isOnline = true

  constructor(options: HerdOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
    const from = usual.outage
    this.#outage = { kind: options.kind, from, to: from + options.length }
    // Three times the usual load of the herd.
    const room = Math.ceil(options.clients * 0.1)
    this.#servers = new Servers(this.#clock, this.#random, this.#outage, room)
  }

  async run(): Promise<HerdReport> {
    const { clients, kind } = this.#options
    for (let index = 0; index < clients; index++) this.#begin(index)
    const { from, to } = this.#outage
    if (kind === 'offline') {
      this.#clock.after(from, () => this.#say(false))
      this.#clock.after(to, () => this.#say(true))
    }
    await this.#clock.until(to)
    while (this.#clients.some(({ isOver }) => !isOver) && this.#clock.now() < longest)
      await this.#clock.until(this.#clock.now() + 10_000)
    return this.#report()
  }

  #begin(index: number): void {
    const connectivity = this.#connectivity()
    const client = new Client(this.#clock, this.#servers, this.#outage, connectivity, this.#random)
    this.#clients.push(client)
    this.#clock.after(this.#random.between(0, usual.begins), () => client.begin(index))
  }

  /** What every browser reports. */
  #connectivity(): Connectivity {
    const isOnline = (): boolean => this.#isOnline
    return {
      get online() {
        return isOnline()
      },
      changed: ({ signal }: Call) =>
        new Promise((resolve, reject) => {
          const wake = (): void => {
            this.#news.delete(wake)
            resolve()
          }
          this.#news.add(wake)
          signal.addEventListener('abort', () => {
            this.#news.delete(wake)
            reject(signal.reason)
          })
        }),
    }
  }

  #say(isOnline: boolean): void {
    this.#isOnline = isOnline
    for (const wake of [...this.#news]) wake()
  }

  #report(): HerdReport {
    const { from, to } = this.#outage
    const { control, parts: puts } = this.#servers
    const most = (values: readonly number[]): number => Math.max(0, ...values)
    const after = control.between(to, control.end)
    const share = (count: number): number => count / this.#options.clients
    const returns = this.#clients.map(({ returnedAt }) => returnedAt).filter((at) => at !== undefined)
    const answers = this.#clients
      .map(({ answeredAt }) => answeredAt)
      .filter((at) => at !== undefined)
      .sort((a, b) => a - b)
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
    return {
      ...this.#options,
      usualCalls: sum(control.between(from - 10_000, from)) / 10,
      usualParts: sum(puts.between(from - 10_000, from)) / 10,
      firstCalls: most(control.between(from, from + 5_000)),
      lastCalls: most(control.between(from + ((to - from) * 2) / 3, to)),
      peakCalls: share(most(after)),
      peakReturn: share(densest(returns)),
      returnSeconds: ((answers[Math.floor(answers.length * 0.95)] ?? to) - to) / 1000,
      callsAfter: share(sum(after)),
      done: share(this.#clients.filter(({ status }) => status === 'done').length),
      failed: share(this.#clients.filter(({ status }) => status === 'failed').length),
    }
  }
}

/** The most of them within any second. */
function densest(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  let first = 0
  return sorted.reduce((most, time, index) => {
    while ((sorted[first] ?? time) <= time - 1000) first += 1
    return Math.max(most, index - first + 1)
  }, 0)
}

/** One page with one upload. */
class Client {
  readonly #clock: HerdClock
  readonly #servers: Servers
  readonly #outage: Outage
  readonly #uploader: Uploader
  readonly #random: Random
  #upload: Upload | undefined
  /** The times of its first control call after the outage and of its first answer. */
  returnedAt: number | undefined
  answeredAt: number | undefined

  constructor(
    clock: HerdClock,
    servers: Servers,
    outage: Outage,
    connectivity: Connectivity,
    random: Random,
  ) {
    this.#clock = clock
    this.#servers = servers
    this.#outage = outage
    this.#random = random
    this.#uploader = new Uploader({
      backend: this.#backend(),
      concurrency: 5,
      verify: 'none',
      checkpoints: memoryCheckpoints(),
      tabs: new FakeBrowser().tab(),
      transport: { send: (target, _, call) => this.#put(target, call) },
      hasher: { digest: () => Promise.reject(new Error('nothing is digested')) },
      api: { send: () => Promise.reject(new Error('the backend of the herd needs no API')) },
      connectivity,
      clock,
      random: () => random.next(),
    })
  }

  begin(index: number): void {
    const file = new SimulatedFile(new Source(`${index}.bin`, parts, this.#random), 0, new Uint8Array(parts))
    this.#upload = this.#uploader.uploadFile(file)
    this.#upload.catch(() => {})
  }

  get status(): string {
    return this.#upload?.state.status ?? 'none'
  }

  get isOver(): boolean {
    return this.status === 'done' || this.status === 'failed'
  }

  #backend(): Backend<{ readonly id: string }> {
    return {
      name: 'herd',
      limits: { minPartSize: 1, maxPartSize: 1000, maxParts: 10_000, maxBatch: 1000 },
      open: (file, call) =>
        this.#call(
          call,
          (): Opened<{ readonly id: string }> => ({ session: { id: file.name }, partSize: 1 }),
        ),
      reopen: (_session, _file, call) => this.#call(call, (): Reopened => ({ parts: [], source: 'record' })),
      sign: (_, wanted, call) => this.#call(call, () => wanted.map(targetOf)),
      complete: ({ id }, _receipts, _whole, call) => this.#call(call, () => ({ key: id })),
    }
  }

  #call<T>({ signal }: BackendCall, answer: () => T): Promise<T> {
    return this.#servers.call(this.#noted(signal), () => this.#answered(answer()))
  }

  #put({ number }: PartTarget, { signal, onProgress }: PartCall): Promise<PartResponse> {
    const answer = (): PartResponse => ({ status: 200, headers: { etag: `"${number}"` }, body: '' })
    const half = (): void => onProgress?.(0.5)
    return this.#servers.put(signal, answer, half)
  }

  #noted(signal: AbortSignal): AbortSignal {
    if (this.#clock.now() >= this.#outage.to) this.returnedAt ??= this.#clock.now()
    return signal
  }

  #answered<T>(answer: T): T {
    if (this.#clock.now() >= this.#outage.to) this.answeredAt ??= this.#clock.now()
    return answer
  }
}

function targetOf({ number }: Part): PartTarget {
  return { number, url: `https://storage.example/${number}`, method: 'PUT', headers: {}, validFor: 3_600_000 }
}

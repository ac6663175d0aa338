/**
 * Two worlds that differ in one thing: whether the Uploader is in the page, or in a worker behind a line of messages.
 */
import { vi } from 'vitest'
import { memoryCheckpoints } from '../../../src/checkpoints/memory.ts'
import { BackendError, FileUnreadableError, HttpError, NetworkError } from '../../../src/errors.ts'
import type {
  BackendCall,
  Checksums,
  Completed,
  DigestAlgorithm,
  DigestCall,
  FileDescription,
  Opened,
  Part,
  PartCall,
  PartResponse,
  PartTarget,
  PartTransport,
} from '../../../src/ports.ts'
import { RemoteUploader, serveUploader } from '../../../src/remote/index.ts'
import type { Upload, UploadLike } from '../../../src/upload.ts'
import { Uploader, type UploaderLike } from '../../../src/uploader.ts'
import { FakeBackend } from '../../fakes/backend.ts'
import { FakeClock, flush } from '../../fakes/clock.ts'
import { FakeConnectivity } from '../../fakes/connectivity.ts'
import { FakeBrowser } from '../../fakes/tabs.ts'
import { FakeHasher, fileOf } from '../../fakes/uploader.ts'
import { fakeWorker } from '../../fakes/worker.ts'
import { Random } from '../../simulation/random.ts'
import { lateWorker } from './late-worker.ts'

/**
 * `page`: an Uploader. `worker`: a RemoteUploader whose messages arrive at once. `far`: one whose messages take time.
 */
export type Place = 'page' | 'worker' | 'far'

/** What the seed decides, in both worlds alike. */
export type Settings = {
  readonly seed: number
  /** How often a request fails, from 0 to 1. */
  readonly faults: number
  /** Whether the RemoteUploader creates its workers, and so ends them with `stop()`. */
  readonly isMaker: boolean
  readonly digests: boolean
  /** Whether users are asked for their files, and may refuse, or not answer for a while. */
  readonly isAsking: boolean
}

const retryable = [408, 429, 500, 503] as const
const final = [400, 403, 404] as const

/** The same for the same request, whatever else happens. */
class Fates {
  readonly #settings: Settings
  readonly #asked = new Map<string, number>()
  /** The time from which on nothing fails any more. */
  isCalm = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  of(request: string): Random {
    const nth = (this.#asked.get(request) ?? 0) + 1
    this.#asked.set(request, nth)
    let hash = this.#settings.seed
    for (const letter of `${request} ${nth}`) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0
    return new Random(hash)
  }

  isBad(random: Random): boolean {
    return random.chance(this.#settings.faults) && !this.isCalm
  }
}

function troubleOf(random: Random, endpoint: string): Error {
  const roll = random.between(1, 10)
  if (roll <= 4)
    return new NetworkError(`${endpoint}: no answer`, { cause: new TypeError('failed to fetch') })
  if (roll === 5) return new BackendError({ endpoint, field: 'key', expected: 'a string', received: 7 })
  const status = roll <= 8 ? random.pick(retryable) : random.pick(final)
  const serviceCode = random.chance(0.3) ? 'Odd' : undefined
  return new HttpError({ endpoint, status, serviceCode, detail: 'no', retryAfter: undefined })
}

type Log = (channel: string, entry: string) => void

class Server extends FakeBackend {
  readonly #fates: Fates
  readonly #clock: FakeClock
  readonly #log: Log

  constructor(fates: Fates, clock: FakeClock, log: Log, digests: boolean) {
    super({ partSize: 4, ...(digests && { fileDigest: 'xxhash64' }) })
    this.#fates = fates
    this.#clock = clock
    this.#log = log
  }

  async #answer<T>(request: string, { signal }: BackendCall, work: () => Promise<T>): Promise<T> {
    this.#log('server', `${this.#clock.now()} ${request}`)
    const random = this.#fates.of(request)
    await this.#clock.sleep(random.between(1, 60), { signal })
    const isBad = this.#fates.isBad(random)
    // Some answers are lost after the request took effect.
    if (isBad && random.chance(0.7)) throw troubleOf(random, request)
    const answer = await work()
    if (isBad) throw new NetworkError(`${request}: the answer was lost`)
    return answer
  }

  override open(file: FileDescription, call: BackendCall): Promise<Opened<{ readonly id: string }>> {
    return this.#answer(`open ${file.name} ${JSON.stringify(file.params)} ${file.digest}`, call, () =>
      super.open(file, call),
    )
  }

  override sign(
    session: { readonly id: string },
    parts: readonly Part[],
    call: BackendCall,
  ): Promise<readonly PartTarget[]> {
    return this.#answer(`sign ${session.id} ${parts.map(({ number }) => number).join()}`, call, () =>
      super.sign(session, parts, call),
    )
  }

  override complete(
    ...[session, receipts, whole, call]: Parameters<FakeBackend['complete']>
  ): Promise<Completed> {
    return this.#answer(
      `complete ${session.id} ${receipts.map(({ number }) => number).join()}`,
      call,
      async () => ({
        ...(await super.complete(session, receipts, whole, call)),
        key: `key-of-${session.id}`,
        details: { session: session.id },
      }),
    )
  }

  override abort(session: { readonly id: string }, call: BackendCall): Promise<void> {
    return this.#answer(`abort ${session.id}`, call, () => super.abort(session, call))
  }
}

class Storage implements PartTransport {
  readonly #fates: Fates
  readonly #clock: FakeClock
  readonly #log: Log
  /** Names of files that cannot be read at the moment. */
  readonly unreadable = new Set<string>()

  constructor(fates: Fates, clock: FakeClock, log: Log) {
    this.#fates = fates
    this.#clock = clock
    this.#log = log
  }

  async send(
    { url, number }: PartTarget,
    body: Blob,
    { signal, onProgress }: PartCall,
  ): Promise<PartResponse> {
    const request = `PUT ${new URL(url).pathname} ${body.size}`
    this.#log('server', `${this.#clock.now()} ${request}`)
    const random = this.#fates.of(request)
    const isBad = this.#fates.isBad(random)
    for (let sent = 1; sent <= 2; sent += 1) {
      await this.#clock.sleep(random.between(1, 150), { signal })
      onProgress?.(Math.ceil((body.size * sent) / 2))
    }
    if (!isBad) return { status: 200, headers: { etag: `"${number}-${body.size}"` }, body: '' }
    if (random.chance(0.1)) throw new FileUnreadableError('a file')
    if (random.chance(0.5)) throw new NetworkError(`part ${number}: cut`)
    return { status: random.chance(0.8) ? random.pick(retryable) : random.pick(final), headers: {}, body: '' }
  }
}

/** Without reading, because the time that reading takes in Node is unpredictable. */
class SizeHasher extends FakeHasher {
  override async digestAll(
    blob: Blob,
    algorithms: readonly DigestAlgorithm[],
    call: DigestCall,
  ): Promise<Checksums> {
    call.onProgress?.(blob.size)
    return Object.fromEntries(algorithms.map((algorithm) => [algorithm, `${algorithm}-of-${blob.size}`]))
  }
}

const files = [
  fileOf(0, 'none.txt'),
  fileOf(3, 'small.txt'),
  fileOf(9, 'nine.bin'),
  fileOf(17, 'more.bin'),
  fileOf(30, 'most.bin'),
]

export function fileAt(which: number): File {
  return files[which % files.length] as File
}

export class World {
  readonly clock = new FakeClock()
  readonly connectivity = new FakeConnectivity()
  readonly log = new Map<string, string[]>()
  readonly fates: Fates
  readonly subject: UploaderLike
  /** Another tab, whose Uploader is in the page in both worlds. */
  readonly other: Uploader
  /** The worker's upload, by the id of the page's upload. With several workers, the newest one's. */
  readonly inWorker = new Map<string, Heard>()
  readonly #prompts: ((permission: string) => void)[] = []
  readonly #browser = new FakeBrowser()
  readonly #checkpoints = memoryCheckpoints()
  readonly #backend: Server
  readonly #storage: Storage
  /** The user's answer for a handle; `ask`: no answer yet. */
  permission: 'granted' | 'denied' | 'ask' = 'granted'

  constructor(place: Place, settings: Settings) {
    this.fates = new Fates(settings)
    const log: Log = (channel, entry) => this.note(channel, entry)
    this.#backend = new Server(this.fates, this.clock, log, settings.digests)
    this.#storage = new Storage(this.fates, this.clock, log)
    this.other = this.#uploader()
    this.subject = place === 'page' ? this.#uploader() : this.#remote(place, settings)
  }

  note(channel: string, entry: string): void {
    const entries = this.log.get(channel)
    if (entries === undefined) this.log.set(channel, [entry])
    else entries.push(entry)
  }

  #uploader(): Uploader {
    return new Uploader({
      concurrency: 2,
      random: () => 0.5,
      tabs: this.#browser.tab(),
      backend: this.#backend,
      transport: this.#storage,
      checkpoints: this.#checkpoints,
      hasher: new SizeHasher(),
      clock: this.clock,
      connectivity: this.connectivity,
      api: { send: () => Promise.reject(new Error('no test calls the API')) },
    })
  }

  #remote(place: Place, { seed, isMaker }: Settings): RemoteUploader {
    const random = new Random(seed)
    // As with a SharedWorker: another worker's Uploader would not know what this one's knows.
    const shared = this.#uploader()
    const make = (): Worker => {
      const { worker, scope } = place === 'far' ? lateWorker(this.clock, random) : fakeWorker()
      const uploader = place === 'far' ? this.#uploader() : shared
      let asking: string | undefined
      scope.addEventListener('message', (event) => {
        const { longhaul } = (event as MessageEvent).data
        asking = longhaul.type === 'upload' ? String(longhaul.id) : undefined
      })
      const begin = uploader.uploadFile.bind(uploader)
      uploader.uploadFile = (...given) => {
        const upload = begin(...given)
        if (asking !== undefined) this.inWorker.set(asking, { upload, events: heard(upload) })
        return upload
      }
      serveUploader(uploader, scope)
      return worker
    }
    return new RemoteUploader(isMaker ? make : make())
  }

  /** A handle whose user is asked in the page, in both worlds. */
  handleOf(file: File): FileSystemFileHandle {
    const requestPermission = async (): Promise<string> => {
      this.note('prompts', `${this.clock.now()} ${file.name}`)
      if (this.permission !== 'ask') return this.permission
      return new Promise((resolve) => this.#prompts.push(resolve))
    }
    return {
      name: file.name,
      requestPermission,
      getFile: async () => file,
    } as unknown as FileSystemFileHandle
  }

  /** Everybody who was asked gives this answer. */
  answer(permission: string): void {
    for (const one of this.#prompts.splice(0)) one(permission)
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    await flush()
    await vi.advanceTimersByTimeAsync(0)
    await flush()
  }

  async pass(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds)
    await this.rest()
  }
}

/** What the worker's own code would hear. */
export type Heard = { readonly upload: Upload; readonly events: readonly string[] }

/** Every event of an upload from now on. */
function heard(upload: UploadLike): readonly string[] {
  const events: string[] = []
  listenTo(upload, (event) => events.push(event))
  return events
}

export function listenTo(upload: UploadLike, note: (event: string) => void): () => void {
  const offs = [
    upload.on('state', (state) => note(`state ${stateInWords({ state })}`)),
    upload.on('progress', (figures) => note(`progress ${JSON.stringify(figures)}`)),
    upload.on('hashing', (figures) => note(`hashing ${JSON.stringify(figures)}`)),
    upload.on('parts', (parts) => note(`parts ${parts.map(({ status }) => status).join(' ')}`)),
    upload.on('part', ({ number, status }) => note(`part ${number} ${status}`)),
    upload.on('warning', ({ code, message, cause }) =>
      note(`warning ${code} ${message}${cause === undefined ? '' : ` ${inWords(cause)}`}`),
    ),
  ]
  return () => {
    for (const off of offs) off()
  }
}

/** An error with everything that is visible of it. */
export function inWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return JSON.stringify(thrown) ?? String(thrown)
  const { name, message, cause, ...own } = thrown
  const { code, retryable: may, help } = thrown as Partial<HttpError>
  // Errors that are not ours lose their class on the way, and so does this one, which users never see.
  const kind = code === undefined || name === 'OfflineError' ? name : thrown.constructor.name
  const fields = Object.entries({ ...own, code, may, help }).filter(([, value]) => value !== undefined)
  const why = cause === undefined ? '' : ` because ${inWords(cause)}`
  return `${kind} ${name}: ${message} ${JSON.stringify(Object.fromEntries(fields.toSorted()))}${why}`
}

export function stateInWords({ state }: Pick<UploadLike, 'state'>): string {
  const { error, reason, ...rest } = state as { error?: unknown; reason?: unknown }
  const why = [error, reason].filter((one) => one !== undefined).map(inWords)
  return [JSON.stringify(rest), ...why].join(' ')
}

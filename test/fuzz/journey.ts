/** An upload from its first call to its end, on a server and a storage of which one thing may be wrong. */
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { NetworkError, UploadError } from '../../src/errors.ts'
import type {
  ApiRequest,
  ApiResponse,
  ApiTransport,
  CheckpointStore,
  PartResponse,
  UploadResult,
} from '../../src/ports.ts'
import { Uploader } from '../../src/uploader.ts'
import { FakeConnectivity } from '../fakes/connectivity.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { FakeHasher } from '../fakes/uploader.ts'
import { HurriedClock } from './hurried-clock.ts'
import { type ModelServer, token } from './servers/model-server.ts'
import { ModelStorage, signature } from './servers/storage.ts'

/**
 * `fresh`: nothing happened before. `resumed`: an earlier visit stored a part. `answer-lost`: the first answer to the
 * call that makes the object is lost after the call took effect. `cancelled`: the user cancels when the first part is
 * stored.
 */
export type Course = 'fresh' | 'resumed' | 'answer-lost' | 'cancelled'

export const courses: readonly Course[] = ['fresh', 'resumed', 'answer-lost', 'cancelled']

export type Told = { readonly request: ApiRequest; readonly answer: ApiResponse }

export type JourneyOptions = {
  readonly server: ModelServer
  readonly course?: Course
  /** What the page receives in place of the answer, by the number of earlier answers. */
  readonly tamper?: (answer: ApiResponse, index: number, request: ApiRequest) => ApiResponse
  /** The same for the storage's answers. */
  readonly tamperStorage?: (response: PartResponse, index: number) => PartResponse
  readonly file?: File
  readonly checkpoints?: CheckpointStore
  /** Changes an earlier visit's checkpoints before this visit. */
  readonly meanwhile?: (checkpoints: CheckpointStore) => CheckpointStore
  /** Whether a failed upload is started again, as its user may do. @default false */
  readonly restarts?: boolean
}

export type Journey = {
  readonly outcome: PromiseSettledResult<UploadResult>
  readonly told: readonly Told[]
  readonly storage: ModelStorage
  readonly clock: HurriedClock
  readonly file: File
}

/** More calls than any upload of these sizes needs, with all its retries. */
const mostCalls = 600

export const tenBytes: File = new File(['0123456789'], 'a b.txt', { type: 'text/plain', lastModified: 1 })

export async function journey(options: JourneyOptions): Promise<Journey> {
  const { server, course = 'fresh', file = tenBytes, checkpoints: kept = memoryCheckpoints() } = options
  const clock = new HurriedClock()
  const storage = new ModelStorage(clock)
  storage.needsCompleting = server.needsCompleting ?? true
  const told: Told[] = []
  if (course === 'resumed') await leavePart(options, { clock, storage, checkpoints: kept })
  const checkpoints = options.meanwhile?.(kept) ?? kept
  let parts = 0
  storage.answer = (response) => options.tamperStorage?.(response, parts++) ?? response
  let isToBeLost = course === 'answer-lost'
  const api: ApiTransport = {
    send: async (request, { signal }) => {
      signal.throwIfAborted()
      if (told.length > mostCalls) throw new Error(`It has made more than ${mostCalls} calls`)
      const before = storage.objects.size
      const answer = server.answer(request, storage)
      told.push({ request, answer })
      if (isToBeLost && storage.objects.size > before) {
        isToBeLost = false
        throw new NetworkError('the answer was lost')
      }
      return options.tamper?.(answer, told.length - 1, request) ?? answer
    },
  }
  const uploader = page(server, { clock, storage, checkpoints, api })
  const upload = uploader.uploadFile(file)
  if (course === 'cancelled')
    upload.on('part', ({ status }) => status === 'stored' && void upload.cancel().catch(() => {}))
  let outcome = await clock.outcome(upload)
  if (options.restarts && outcome.status === 'rejected') {
    requireTyped(outcome.reason, ['unexpected'])
    upload.restart()
    outcome = await clock.outcome(upload)
  }
  await clock.outcome(uploader.stop())
  return { outcome, told, storage, clock, file }
}

export type World = {
  readonly clock: HurriedClock
  readonly storage: ModelStorage
  readonly checkpoints: CheckpointStore
}

/** An earlier visit whose storage broke down after the first part, or with the only one. */
export async function leavePart({ server, file = tenBytes }: JourneyOptions, world: World): Promise<void> {
  const { clock, storage } = world
  const api = { send: async (request: ApiRequest) => server.answer(request, storage) }
  const uploader = page(server, { ...world, api })
  storage.fails = (number) => server.isOnePiece || number > 1
  const upload = uploader.uploadFile(file)
  const isLeft = new Promise<void>((resolve) => {
    upload.on('part', ({ status }) => status === 'stored' && resolve())
    upload.then(
      () => resolve(),
      () => resolve(),
    )
  })
  await clock.outcome(isLeft)
  // The server is told about stored parts with a delay.
  await clock.outcome(clock.sleep(3_000, new AbortController()))
  await clock.outcome(uploader.stop())
  storage.fails = () => false
}

export function page(
  server: ModelServer,
  { clock, storage, checkpoints, api }: World & { readonly api: ApiTransport },
): Uploader {
  return new Uploader({
    backend: server.backend(),
    transport: storage,
    checkpoints,
    api,
    clock,
    concurrency: 2,
    hasher: new FakeHasher(),
    tabs: new FakeBrowser().tab(),
    connectivity: new FakeConnectivity(),
    random: () => 0.5,
    retry: { attempts: 4 },
  })
}

/** Codes that a server can cause. `unexpected` would be a bug of ours. */
const honest: readonly string[] = [
  'network',
  'stalled',
  'http',
  'throttled',
  'unauthorized',
  'backend',
  'url-expired',
  'etag-hidden',
  'cors',
  'session-lost',
  'unsure',
  'corrupted',
  'file-changed',
  'too-large',
  'cancelled',
]

/** Longer than the CORS rule that two of the messages contain. */
const longestMessage = 1500

/**
 * Either it is done and the storage holds the file, or it has failed and says why in a message of ours.
 *
 * @param also Codes that are right here besides.
 * @throws Error that says what is wrong.
 */
export async function requireHonest(
  { outcome, storage, clock, file }: Journey,
  also: readonly string[] = [],
): Promise<void> {
  if (outcome.status === 'fulfilled') {
    const bytes = Buffer.from(await file.arrayBuffer())
    const objects = [...storage.objects.values()]
    if (objects.length === 0) throw new Error('It says that it is done, and there is no object')
    if (!objects.some((object) => object.equals(bytes)))
      throw new Error('It says that it is done, with other bytes')
  } else requireTyped(outcome.reason, also)
  if (clock.sleeping > 0) throw new Error(`${clock.sleeping} timers are left`)
  if (storage.open > 0) throw new Error(`${storage.open} requests are left`)
  requireCleanPrototypes()
}

export function requireTyped(error: unknown, also: readonly string[]): void {
  if (!(error instanceof UploadError))
    throw new Error('It fails with something else than an UploadError', { cause: error })
  if (![...honest, ...also].includes(error.code))
    throw new Error(`It fails with ${error.code}`, { cause: error })
  if (typeof error.message !== 'string') throw new Error('It fails with something else than a message')
  if (error.message.length > longestMessage)
    throw new Error(`It fails with ${error.message.length} characters`)
  for (const secret of [token, signature])
    if (error.message.includes(secret)) throw new Error('It tells a secret', { cause: error })
}

export function requireCleanPrototypes(): void {
  const added = [Object.prototype, Array.prototype, Function.prototype].flatMap((one) => Object.keys(one))
  if (added.length > 0 || 'polluted' in {}) throw new Error(`Prototypes have got ${added.join(', ')}`)
}

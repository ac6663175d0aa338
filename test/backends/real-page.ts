/** A page as far as Node can be one: the real Uploader, real requests and real bytes. */
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { workerHasher } from '../../src/hashing/worker-hasher.ts'
import type {
  ApiRequest,
  ApiTransport,
  Backend,
  CheckpointStore,
  Json,
  PartTransport,
} from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { FakeConnectivity } from '../fakes/connectivity.ts'
import { fetchTransport } from '../fakes/fetch-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'

export type RealPage = {
  readonly uploader: Uploader
  /** The control calls, in the order in which they were made. */
  readonly asked: readonly ApiRequest[]
  /** The calls that have been answered. */
  readonly answered: readonly ApiRequest[]
  /** The numbers of the stored parts. */
  readonly sent: readonly number[]
  readonly checkpoints: CheckpointStore
}

export type RealPageOptions<Session extends Json> = Omit<Partial<UploaderOptions<Session>>, 'backend'> & {
  /** Parts whose requests are never answered. */
  readonly stuck?: readonly number[]
}

/** Each is a page of its own. Another can go on with the checkpoints that one leaves. */
export function realPage<Session extends Json>(
  backend: Backend<Session>,
  { stuck = [], checkpoints = memoryCheckpoints(), ...options }: RealPageOptions<Session> = {},
): RealPage {
  const asked: ApiRequest[] = []
  const answered: ApiRequest[] = []
  const sent: number[] = []
  const api: ApiTransport = {
    send: async (request, call) => {
      asked.push(request)
      const response = await apiTransport.send(request, call)
      answered.push(request)
      return response
    },
  }
  const transport: PartTransport = {
    send: async (target, body, call) => {
      if (stuck.includes(target.number)) return never(call.signal)
      const response = await fetchTransport.send(target, body, call)
      if (response.status < 300) sent.push(target.number)
      return response
    },
  }
  const uploader = new Uploader({
    backend: backend as Backend,
    retry: { baseDelay: 1, maxDelay: 4 },
    hasher: workerHasher(() => {
      throw new Error('Node has no Worker of this kind')
    }),
    tabs: new FakeBrowser().tab(),
    connectivity: new FakeConnectivity(),
    checkpoints,
    api,
    transport,
    ...(options as object),
  })
  return { uploader, asked, answered, sent, checkpoints }
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** The requested paths, each as `POST /complete`, without their prefix. */
export function pathsOf(asked: readonly ApiRequest[], base: string): readonly string[] {
  return asked.map(({ method, url }) => `${method} ${url.replace(base, '')}`)
}

/** Bytes that differ from each other and contain the number of the file. */
export function bytesOf(size: number, seed = 1): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 9) * seed) % 251),
  )
}

export function fileWith(bytes: Uint8Array, name: string, type = 'text/csv'): File {
  return new File([bytes as BlobPart], name, { type, lastModified: 1 })
}

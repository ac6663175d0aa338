/** Visits of a page that uploads to the reference server for Fragno's contract, with real servers and real bytes. */
import { randomBytes } from 'node:crypto'
import type { FragnoSettings } from '../../demo/server/backends/fragno/settings.ts'
import { demoToken } from '../../demo/server/backends/reference/control.ts'
import { fragno } from '../../src/backends/fragno.ts'
import type { FragnoOptions } from '../../src/backends/fragno-options.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { makers } from '../../src/hashing/all-digests.ts'
import { digestBlob } from '../../src/hashing/digest.ts'
import { streamed } from '../../src/hashing/read-blob.ts'
import type { ApiRequest, ApiTransport, CheckpointStore, Hasher } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { Uploader } from '../../src/uploader.ts'
import type { Rig } from '../demo/reference/rig.ts'
import { FakeConnectivity } from '../fakes/connectivity.ts'
import { InterferedTransport } from '../fakes/interfered-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'

export const mebibyte = 1024 * 1024

const hasher: Hasher = {
  async digest(blob, algorithm, { signal, onProgress = () => {} }) {
    const options = { makers, source: streamed, signal, onProgress }
    const digests = await digestBlob({ blob, algorithms: [algorithm] }, options)
    return digests[algorithm] ?? ''
  },
}

/** Makes the calls, and records them. */
class WatchedApi implements ApiTransport {
  readonly requests: ApiRequest[] = []

  async send(request: ApiRequest, call: Parameters<ApiTransport['send']>[1]) {
    this.requests.push(request)
    return apiTransport.send(request, call)
  }
}

export type Visit = {
  readonly uploader: Uploader
  readonly transport: InterferedTransport
  readonly checkpoints: CheckpointStore
  readonly api: WatchedApi
  /** The calls, such as `POST /uploads/{id}/parts`. */
  calls(): readonly string[]
}

/** @param checkpoints Those of an earlier visit, if this is the same browser's next visit. */
export function visit(
  { client }: Rig<FragnoSettings>,
  options: Partial<FragnoOptions> = {},
  checkpoints: CheckpointStore = memoryCheckpoints(),
): Visit {
  const transport = new InterferedTransport()
  const api = new WatchedApi()
  const headers = { authorization: `Bearer ${demoToken}` }
  const uploader = new Uploader({
    backend: fragno({ baseUrl: client.base, headers, ...options }),
    transport,
    checkpoints,
    api,
    hasher,
    tabs: new FakeBrowser().tab(),
    connectivity: new FakeConnectivity(),
    retry: { baseDelay: 1, maxDelay: 5 },
  })
  const calls = (): readonly string[] =>
    api.requests.map(({ method, url }) => {
      const path = url.slice(client.base.length).replace(/\?.*/, '')
      return `${method} ${path.replace(/^\/uploads\/[^/]+/, '/uploads/{id}')}`
    })
  return { uploader, transport, checkpoints, api, calls }
}

/** A file with unique content. */
export function newFile(size: number, name = `${randomBytes(6).toString('hex')}.bin`): File {
  return new File([randomBytes(size)], name, { lastModified: 1, type: 'application/x-test' })
}

export async function bytesOf(file: Blob): Promise<Buffer> {
  return Buffer.from(await file.arrayBuffer())
}

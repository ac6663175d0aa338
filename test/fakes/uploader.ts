import { createHash } from 'node:crypto'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { isCrc, TableCrc } from '../../src/hashing/plain-digest.ts'
import type {
  CheckpointStore,
  Checksums,
  DigestAlgorithm,
  DigestCall,
  DigestState,
  Hasher,
  PartTransport,
} from '../../src/ports.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { FakeBackend } from './backend.ts'
import { FakeClock } from './clock.ts'
import { FakeConnectivity } from './connectivity.ts'
import { FakePartTransport } from './part-transport.ts'
import { FakeBrowser } from './tabs.ts'

/** Digests at once: only the size of a whole file, but the content of a part. Records what it was asked for. */
export class FakeHasher implements Hasher {
  readonly digested: string[] = []
  /** The size of each read, and its algorithms. */
  readonly reads: (readonly [size: number, algorithms: string])[] = []
  /** The states from which digests of whole files were continued. */
  readonly from: (DigestState | undefined)[] = []

  /** How often a whole file was read. */
  get asked(): number {
    return this.digested.filter((algorithm) => algorithm === 'xxhash64').length
  }

  async digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
    const digests = await this.digestAll(blob, [algorithm], call)
    return digests[algorithm] ?? ''
  }

  async digestAll(blob: Blob, algorithms: readonly DigestAlgorithm[], call: DigestCall): Promise<Checksums> {
    this.digested.push(...algorithms)
    this.reads.push([blob.size, algorithms.join(' ')])
    call.onProgress?.(blob.size)
    if (algorithms.includes('xxhash64')) {
      this.from.push(call.from)
      return { xxhash64: `digest-of-${blob.size}` }
    }
    const bytes = new Uint8Array(await blob.arrayBuffer())
    return Object.fromEntries(algorithms.map((algorithm) => [algorithm, digestOf(bytes, algorithm)]))
  }
}

/** CRCs and MD5s are real. The others need only distinguish one content from another. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm): string {
  const crc = isCrc(algorithm) ? new TableCrc(algorithm) : undefined
  crc?.update(bytes)
  const name = algorithm === 'md5' || algorithm === 'sha256' ? algorithm : 'sha1'
  return crc?.digest() ?? createHash(name).update(bytes).digest('hex')
}

export type Rig<Transport extends PartTransport = FakePartTransport> = {
  readonly uploader: Uploader
  readonly backend: FakeBackend
  readonly transport: Transport
  readonly checkpoints: CheckpointStore
  readonly hasher: FakeHasher
  readonly clock: FakeClock
  readonly connectivity: FakeConnectivity
}

type RigOptions<Transport extends PartTransport> = Partial<
  Omit<UploaderOptions, 'backend' | 'transport' | 'clock' | 'connectivity'>
> & {
  readonly backend?: FakeBackend
  readonly transport: Transport
}

/** An Uploader on fakes, with a clock that stands still. */
export function rig(options?: Partial<RigOptions<FakePartTransport>>): Rig
export function rig<Transport extends PartTransport>(options: RigOptions<Transport>): Rig<Transport>
export function rig(options: Partial<RigOptions<PartTransport>> = {}): Rig<PartTransport> {
  const { backend = new FakeBackend(), transport = new FakePartTransport() } = options
  const checkpoints = options.checkpoints ?? memoryCheckpoints()
  const hasher = new FakeHasher()
  const clock = new FakeClock()
  const connectivity = new FakeConnectivity()
  const uploader = new Uploader({
    concurrency: 2,
    tabs: new FakeBrowser().tab(),
    random: () => 0.5,
    hasher,
    api: { send: () => Promise.reject(new Error('no test calls the API')) },
    ...options,
    backend,
    transport,
    checkpoints,
    clock,
    connectivity,
  })
  return { uploader, backend, transport, checkpoints, hasher, clock, connectivity }
}

/** A file of this size, in which each byte differs from its neighbours. */
export function fileOf(size: number, name = 'file.bin', lastModified = 1): File {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256)
  return new File([bytes], name, { lastModified })
}

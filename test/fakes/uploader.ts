import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import type { CheckpointStore, DigestCall, Hasher, PartTransport } from '../../src/ports.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { FakeBackend } from './backend.ts'
import { FakeClock } from './clock.ts'
import { FakePartTransport } from './part-transport.ts'

/** Answers with the size as digest, and remembers how often it was asked. */
export class FakeHasher implements Hasher {
  asked = 0

  async digest(blob: Blob, _: string, call: DigestCall): Promise<string> {
    this.asked += 1
    call.onProgress?.(blob.size)
    return `digest-of-${blob.size}`
  }
}

export type Rig<Transport extends PartTransport = FakePartTransport> = {
  readonly uploader: Uploader
  readonly backend: FakeBackend
  readonly transport: Transport
  readonly checkpoints: CheckpointStore
  readonly hasher: FakeHasher
  readonly clock: FakeClock
}

type RigOptions<Transport extends PartTransport> = Partial<
  Omit<UploaderOptions, 'backend' | 'transport' | 'clock'>
> & {
  readonly backend?: FakeBackend
  readonly transport: Transport
}

/** An Uploader on fakes and on time that stands still. */
export function rig(options?: Partial<RigOptions<FakePartTransport>>): Rig
export function rig<Transport extends PartTransport>(options: RigOptions<Transport>): Rig<Transport>
export function rig(options: Partial<RigOptions<PartTransport>> = {}): Rig<PartTransport> {
  const { backend = new FakeBackend(), transport = new FakePartTransport() } = options
  const checkpoints = options.checkpoints ?? memoryCheckpoints()
  const hasher = new FakeHasher()
  const clock = new FakeClock()
  const uploader = new Uploader({
    concurrency: 2,
    random: () => 0.5,
    hasher,
    api: { send: () => Promise.reject(new Error('no test calls the API')) },
    ...options,
    backend,
    transport,
    checkpoints,
    clock,
  })
  return { uploader, backend, transport, checkpoints, hasher, clock }
}

/** A file of so many bytes, each different from its neighbours. */
export function fileOf(size: number, name = 'file.bin', lastModified = 1): File {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256)
  return new File([bytes], name, { lastModified })
}

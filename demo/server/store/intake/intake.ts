import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Exchange } from '../exchange.ts'
import { faultyBody } from '../faults/faulty-body.ts'
import type { ChecksumAlgorithm } from '../protocol/checksum.ts'
import { s3Error } from '../protocol/s3-error.ts'
import type { Settings } from '../settings.ts'
import type { StoreDirectory } from '../storage/store-directory.ts'
import { checkExpectations, checksumExpectations, payloadExpectations } from './body-expectations.ts'
import { bodyFraming } from './body-framing.ts'
import { BodySink } from './body-sink.ts'
import { corruptFile } from './corrupt-file.ts'
import type { DigestAlgorithm } from './digest-algorithm.ts'
import { type BodyDigest, DigestPool, type Digests } from './digest-pool.ts'
import { SlabPool } from './slab-pool.ts'

/** A body that arrived whole and fits what the request says of it. It belongs to nothing yet. */
export type ReceivedBody = {
  /** A temporary file; `undefined` if the store discards bodies. */
  readonly file: string | undefined
  /** Bytes in the file. */
  readonly size: number
  /** Hex, without quotes. */
  readonly etag: string
  readonly digests: Digests
}

type Filled = { readonly size: number; readonly digests: Digests }

type IntakeSettings = Pick<Settings, 'discard' | 'digestParts'>

/**
 * Receives bodies to disk, in constant memory, and digests them on the way. A body that does not arrive whole leaves
 * nothing behind.
 */
export class Intake {
  readonly #settings: IntakeSettings
  readonly #directory: StoreDirectory
  readonly #slabs = new SlabPool()
  readonly #digests = new DigestPool()

  constructor(settings: IntakeSettings, directory: StoreDirectory) {
    this.#settings = settings
    this.#directory = directory
  }

  /** @param checksum Computed even if the request's headers do not ask for it. */
  async receive(exchange: Exchange, checksum?: ChecksumAlgorithm): Promise<ReceivedBody> {
    if (this.#settings.discard) return this.#receiveInto(exchange, checksum, undefined)
    const path = this.#directory.temporaryFile()
    const file = await open(path, 'wx+')
    try {
      return { ...(await this.#receiveInto(exchange, checksum, file)), file: path }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
  }

  /** Digests what is already stored. */
  async digest(content: AsyncIterable<Buffer>, size: number, algorithm: DigestAlgorithm): Promise<Buffer> {
    const digest = this.#digests.start([algorithm], size)
    const { digests } = await this.#fill(content, { file: undefined, digest })
    return digests.get(algorithm) ?? Buffer.alloc(0)
  }

  /** Hands the body to whoever takes it. If nobody does, nothing of it is left. */
  handOver<Result>(body: ReceivedBody, take: () => Result): Result {
    try {
      return take()
    } catch (error) {
      if (body.file) this.#directory.remove(body.file)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#digests.close()
  }

  async #receiveInto(
    exchange: Exchange,
    checksum: ChecksumAlgorithm | undefined,
    file: FileHandle | undefined,
  ): Promise<ReceivedBody> {
    const framing = bodyFraming(exchange.request)
    const expected = [...payloadExpectations(exchange.request), ...checksumExpectations(exchange.request)]
    const algorithms = new Set(expected.map(({ algorithm }) => algorithm))
    for (const further of [
      this.#settings.digestParts ? 'md5' : undefined,
      framing.trailing,
      checksum,
    ] as const) {
      if (further) algorithms.add(further)
    }
    const content = framing.decode(faultyBody(exchange))
    const digest = algorithms.size > 0 ? this.#digests.start([...algorithms], framing.announced) : undefined
    const { size, digests } = await this.#fill(content, { file, digest, exchange })
    if (size !== framing.announced) throw s3Error('IncompleteBody')
    checkExpectations([...expected, ...framing.expectations()], digests)
    // Random if nobody asked for an MD5, like S3's own ETags for objects that are encrypted with KMS keys.
    const etag = (digests.get('md5') ?? randomBytes(16)).toString('hex')
    return { file: undefined, size: await this.#corrupted(exchange, file, size), etag, digests }
  }

  async #fill(
    content: AsyncIterable<Buffer>,
    {
      file,
      digest,
      exchange,
    }: { file: FileHandle | undefined; digest: BodyDigest | undefined; exchange?: Exchange },
  ): Promise<Filled> {
    const onBytes = (count: number): void => {
      if (exchange) exchange.received.bytes += count
    }
    const sink = new BodySink({ slabs: this.#slabs, file, digest, onBytes })
    try {
      await pipeline(content, sink, exchange ? { signal: exchange.gone } : {})
      return { size: sink.size, digests: (await digest?.finish()) ?? new Map() }
    } catch (error) {
      await sink.settled()
      digest?.drop()
      throw error
    }
  }

  async #corrupted({ effect }: Exchange, file: FileHandle | undefined, size: number): Promise<number> {
    return file && effect?.kind === 'corrupt' ? corruptFile(file, size, effect.how) : size
  }
}

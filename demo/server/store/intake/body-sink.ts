import { Writable } from 'node:stream'
import type { BodyDigest } from './digest-pool.ts'
import { type SlabPool, slabSize } from './slab-pool.ts'

/** The part of a `FileHandle` that a sink needs. */
export type SinkFile = {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>
}

export type BodySinkOptions = {
  readonly slabs: SlabPool
  /** `undefined` if the bytes are not kept. */
  readonly file: SinkFile | undefined
  /** `undefined` if the bytes are not digested. */
  readonly digest: BodyDigest | undefined
  /** Called with the size of every chunk that arrives. */
  readonly onBytes?: (count: number) => void
}

type Waiting = { readonly untilFewerThan: number; go(): void }

/** How many slabs of one body may be under way. More would only take more memory. */
const mostUnderway = 4

/** Takes a body in slabs, each of which is written to the file and digested at the same time. */
export class BodySink extends Writable {
  readonly #options: BodySinkOptions
  readonly #underway = new Set<Promise<void>>()
  #slab: SharedArrayBuffer | undefined
  #filled = 0
  #size = 0
  #waiting: Waiting | undefined

  constructor(options: BodySinkOptions) {
    super({ highWaterMark: slabSize })
    this.#options = options
  }

  /** Bytes received so far. */
  get size(): number {
    return this.#size
  }

  /** Resolves when nothing is being written or digested any more, even after a failure. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underway)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#options.onBytes?.(chunk.length)
    if (this.#options.file === undefined && this.#options.digest === undefined) this.#size += chunk.length
    else for (let at = 0; at < chunk.length; ) at += this.#fill(chunk.subarray(at))
    this.#wait({ untilFewerThan: mostUnderway, go: done })
  }

  override _final(done: (error?: Error) => void): void {
    if (this.#slab) this.#ship(this.#slab)
    this.#wait({ untilFewerThan: 1, go: done })
  }

  /** @returns How many of the bytes fit into the slab. */
  #fill(bytes: Buffer): number {
    this.#slab ??= this.#options.slabs.take()
    const fitting = bytes.subarray(0, slabSize - this.#filled)
    new Uint8Array(this.#slab).set(fitting, this.#filled)
    this.#filled += fitting.length
    this.#size += fitting.length
    if (this.#filled === slabSize) this.#ship(this.#slab)
    return fitting.length
  }

  #ship(slab: SharedArrayBuffer): void {
    const shipment = this.#process(slab, this.#filled, this.#size - this.#filled)
      .catch((error: unknown) => void this.destroy(error instanceof Error ? error : new Error(String(error))))
      .finally(() => {
        this.#underway.delete(shipment)
        this.#options.slabs.giveBack(slab)
        if (this.#waiting) this.#wait(this.#waiting)
      })
    this.#underway.add(shipment)
    this.#slab = undefined
    this.#filled = 0
  }

  /** Waits for both even if one fails, because the slab is in use until then. */
  async #process(slab: SharedArrayBuffer, length: number, position: number): Promise<void> {
    const { file, digest } = this.#options
    const outcomes = await Promise.allSettled([
      file && writeAll(file, new Uint8Array(slab, 0, length), position),
      digest?.update(slab, length),
    ])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  #wait(waiting: Waiting): void {
    const enough = this.#underway.size < waiting.untilFewerThan
    this.#waiting = enough ? undefined : waiting
    if (enough) waiting.go()
  }
}

/** A disk that is almost full takes fewer bytes than it is given. */
async function writeAll(file: SinkFile, bytes: Uint8Array, position: number): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, position)
  if (bytesWritten < bytes.length) throw new Error(`wrote ${bytesWritten} of ${bytes.length} bytes`)
}

/**
 * Reads parts for their digests: once for all digests that are asked for together, and never twice for the same one.
 */
import { digestAll } from './identification.ts'
import { partOf } from './layout.ts'
import type { Checksums, DigestAlgorithm, DigestCall, Hasher, Layout } from './ports.ts'

export type PartReadsOptions = {
  readonly file: Blob
  readonly layout: Layout
  readonly hasher: Hasher
  readonly onWarning?: DigestCall['onWarning']
}

type Digests = Map<DigestAlgorithm, string | Promise<string>>

export class PartReads {
  readonly #options: PartReadsOptions
  readonly #parts = new Map<number, Digests>()

  constructor(options: PartReadsOptions) {
    this.#options = options
  }

  /** The digests of the part that are computed by now. */
  known(number: number): Checksums {
    const digests = [...(this.#parts.get(number) ?? [])]
    return Object.fromEntries(digests.filter(([, digest]) => typeof digest === 'string'))
  }

  /**
   * These digests of the part. One that is already being computed is awaited, and only its first asker's signal cuts
   * it.
   */
  async of(number: number, algorithms: readonly DigestAlgorithm[], signal: AbortSignal): Promise<Checksums> {
    const digests = this.#parts.get(number) ?? new Map<DigestAlgorithm, string | Promise<string>>()
    this.#parts.set(number, digests)
    const missing = algorithms.filter((algorithm) => !digests.has(algorithm))
    if (missing.length > 0) this.#read(number, missing, digests, signal)
    const values = algorithms.map(async (algorithm) => [algorithm, await digests.get(algorithm)] as const)
    return Object.fromEntries(await Promise.all(values))
  }

  #read(number: number, algorithms: readonly DigestAlgorithm[], digests: Digests, signal: AbortSignal): void {
    const { file, layout, hasher, onWarning } = this.#options
    const { offset, size } = partOf(layout, number)
    const call = { signal, ...(onWarning && { onWarning }) }
    const reading = digestAll(hasher, file.slice(offset, offset + size), algorithms, call)
    for (const algorithm of algorithms) {
      const digest = reading.then((values) => values[algorithm] ?? '')
      digests.set(algorithm, digest)
      digest.then(
        (value) => digests.set(algorithm, value),
        () => digests.delete(algorithm),
      )
    }
  }
}

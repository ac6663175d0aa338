import { FileUnreadableError } from '../../src/errors.ts'
import type { Checksums, DigestAlgorithm, DigestCall, DigestState, Hasher } from '../../src/ports.ts'
import { contentOf, digestOf, type SimulatedFile } from './file.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

/** A worker that digests, and takes its time. */
export class SimulatedHasher implements Hasher {
  readonly #page: Page
  readonly #world: World

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
  }

  async digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
    const digests = await this.digestAll(blob, [algorithm], call)
    return digests[algorithm] ?? ''
  }

  digestAll(blob: Blob, algorithms: readonly DigestAlgorithm[], call: DigestCall): Promise<Checksums> {
    const { file, bytes } = contentOf(blob)
    const { timeline, random } = this.#world
    return this.#page.call<Checksums>(
      { port: 'digest', key: file.name },
      (answer) => {
        const took = random.between(0, 100)
        if (call.onState !== undefined && bytes.length > 1)
          timeline.after(took / 2, () => {
            if (answer.isOpen && file.isReadable) call.onState?.(stateOf(bytes, file.version))
          })
        return timeline.after(took, () => {
          if (!file.isReadable) return answer.reject(new FileUnreadableError(file.name))
          if (answer.isOpen) call.onProgress?.(bytes.length)
          answer.resolve(
            Object.fromEntries(algorithms.map((one) => [one, this.#goneOn(file, bytes, one, call)])),
          )
        })
      },
      call.signal,
    )
  }

  /** A state of another version is recognized by the bytes before it, which are compared. */
  #goneOn(file: SimulatedFile, bytes: Uint8Array, algorithm: DigestAlgorithm, { from }: DigestCall): string {
    if (from !== undefined) this.#world.history.count('world', 'digest gone on with')
    if (from !== undefined && from.offset > bytes.length)
      throw new Error(`a state beyond the end of ${file.name}`)
    return digestOf(bytes, algorithm)
  }
}

function stateOf(bytes: Uint8Array, version: number): DigestState {
  const offset = Math.ceil(bytes.length / 2)
  return { algorithm: 'xxhash64', offset, build: 'simulated', state: '', checked: 1, check: String(version) }
}

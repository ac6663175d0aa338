import { FileUnreadableError } from '../../src/errors.ts'
import type { DigestAlgorithm, DigestCall, Hasher } from '../../src/ports.ts'
import { contentOf, digestOf } from './file.ts'
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

  digest(blob: Blob, algorithm: DigestAlgorithm, call: DigestCall): Promise<string> {
    const { file, bytes } = contentOf(blob)
    const { timeline, random } = this.#world
    return this.#page.call<string>(
      { port: 'digest' },
      (answer) =>
        timeline.after(random.between(0, 100), () => {
          if (!file.isReadable) return answer.reject(new FileUnreadableError(file.name))
          if (answer.isOpen) call.onProgress?.(bytes.length)
          answer.resolve(digestOf(bytes, algorithm))
        }),
      call.signal,
    )
  }
}

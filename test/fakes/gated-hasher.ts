import type { Checksums, DigestAlgorithm, DigestCall } from '../../src/ports.ts'
import { FakeHasher } from './uploader.ts'

/** Digests when told to, and gives up when its signal aborts. */
export class GatedHasher extends FakeHasher {
  #go = (): void => {}
  #until = Promise.resolve()
  /** The digests that are being computed. */
  readonly open = new Set<string>()
  started = 0

  constructor() {
    super()
    this.hold()
  }

  go(): void {
    this.#go()
  }

  /** Makes every digest that is requested from now on wait. */
  hold(): void {
    this.#until = new Promise<void>((resolve) => {
      this.#go = resolve
    })
  }

  override async digestAll(
    blob: Blob,
    algorithms: readonly DigestAlgorithm[],
    call: DigestCall,
  ): Promise<Checksums> {
    const { signal } = call
    const name = `${++this.started} ${algorithms.join(' ')}`
    this.open.add(name)
    try {
      await new Promise<void>((resolve, reject) => {
        if (signal.aborted) reject(signal.reason)
        signal.addEventListener('abort', () => reject(signal.reason))
        this.#until.then(resolve)
      })
      return await super.digestAll(blob, algorithms, call)
    } finally {
      this.open.delete(name)
    }
  }
}

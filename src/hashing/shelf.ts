import type { DigestAlgorithm } from '../ports.ts'
import type { Digest, Makers } from './digest.ts'

type Kept = { readonly algorithm: DigestAlgorithm; readonly digest: Digest }

/**
 * Keeps digests to be used again for the next request. Each has a WebAssembly memory of its own, and new ones for every
 * part would pile up before they are collected.
 */
export class Shelf {
  readonly makers: Makers
  readonly #free: Kept[] = []
  #lent: Kept[] = []

  constructor(makers: Makers) {
    const lending = Object.entries(makers) as [DigestAlgorithm, () => Promise<Digest>][]
    this.makers = Object.fromEntries(
      lending.map(([algorithm, make]) => [algorithm, () => this.#lend(algorithm, make)]),
    )
  }

  /** The request that they were lent for is over. */
  takeBack(): void {
    this.#free.push(...this.#lent)
    this.#lent = []
  }

  async #lend(algorithm: DigestAlgorithm, make: () => Promise<Digest>): Promise<Digest> {
    const index = this.#free.findIndex((kept) => kept.algorithm === algorithm)
    const [kept] = index < 0 ? [] : this.#free.splice(index, 1)
    kept?.digest.init?.()
    const digest = kept?.digest ?? (await make())
    // A digest that cannot start over is used once.
    if (digest.init !== undefined) this.#lent.push({ algorithm, digest })
    return digest
  }
}

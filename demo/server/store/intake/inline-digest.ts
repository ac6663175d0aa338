import { createDigester, type DigestAlgorithm, type Digester } from './digest-algorithm.ts'
import type { BodyDigest, Digests } from './digest-pool.ts'

/** Digests in the store's own thread. */
export function inlineDigest(algorithms: readonly DigestAlgorithm[]): BodyDigest {
  const digesters = Promise.all(
    algorithms.map(
      async (algorithm): Promise<[DigestAlgorithm, Digester]> => [algorithm, await createDigester(algorithm)],
    ),
  )
  return {
    update: async (slab, length) => {
      for (const [, digester] of await digesters) digester.update(new Uint8Array(slab, 0, length))
    },
    finish: async (): Promise<Digests> =>
      new Map((await digesters).map(([algorithm, digester]) => [algorithm, Buffer.from(digester.digest())])),
    drop: () => {},
  }
}

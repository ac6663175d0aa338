/** The whole file's digest, continued from where an earlier run was cut off. */
import type { Checksums, DigestAlgorithm, DigestCall, DigestState, Hasher } from './ports.ts'

type Identification = {
  readonly hasher: Hasher
  /** What an earlier run has kept. */
  readonly from: DigestState | undefined
  /** Writes down how far the digest is; never rejects. */
  readonly keep: (state: DigestState) => Promise<unknown>
  readonly call: DigestCall
}

/** Like `Hasher.digest`. When it settles, nothing is being written any more. */
export async function digestFile(
  file: File,
  algorithm: DigestAlgorithm,
  { hasher, from, keep, call }: Identification,
): Promise<string> {
  let keeping: Promise<unknown> | undefined
  const onState = (state: DigestState): void => {
    // If the storage is slower than the digest, the states in between are skipped.
    keeping ??= keep(state).finally(() => {
      keeping = undefined
    })
  }
  try {
    return await hasher.digest(file, algorithm, { ...call, from, onState })
  } finally {
    await keeping
  }
}

/** Several digests of a blob, by one read if the hasher can do that. */
export async function digestAll(
  hasher: Hasher,
  blob: Blob,
  algorithms: readonly DigestAlgorithm[],
  call: DigestCall,
): Promise<Checksums> {
  if (hasher.digestAll !== undefined && algorithms.length > 1) return hasher.digestAll(blob, algorithms, call)
  const digests = algorithms.map(async (one) => [one, await hasher.digest(blob, one, call)] as const)
  return Object.fromEntries(await Promise.all(digests))
}

import fc from 'fast-check'

/**
 * The number of cases and the seed. They are the same in every run, so that a green run stays green, unless `FUZZ_SEED`
 * and `FUZZ_RUNS` (a factor) say otherwise. A failure prints its seed, its path and the smallest case.
 */
export function fuzzing(cases: number): {
  readonly numRuns: number
  readonly seed: number
  readonly endOnFailure: boolean
} {
  const { FUZZ_SEED = '20261125', FUZZ_RUNS = '1' } = process.env
  return { numRuns: Math.ceil(cases * Number(FUZZ_RUNS)), seed: Number(FUZZ_SEED), endOnFailure: false }
}

/** Checks an asynchronous property. */
export function holds<T>(
  cases: number,
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty(arbitrary, check), fuzzing(cases))
}
